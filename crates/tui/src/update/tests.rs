//! What follows from keys and from what the daemon says, in a conference that is played.

use std::collections::BTreeSet;

use convene_conference::{AddOrganizer, AskToTable, Command, OpenBallot};
use convene_local_api::{
    ActResult, CommandState, ConnectionChanged, Connections, Draft, DraftChanged, DraftSetParams,
    DraftSetResult, JoinResult, JoinState, ListResult, OutboxNotification, ProxyPasswordAnswer,
    ProxyPasswordParams, ReceiptNotification, SeatNotification, SeatState, StateNotification, Told,
};
use convene_model::{CommandId, Json, LogId, RoomId};
use convene_wording::Language;
use crossterm::event::{KeyCode, KeyModifiers};

use crate::message::{Answer, Call, Effect, Message};
use crate::sheets::{banners, person_menu, trouble};
use crate::state::talk::{SHOWN_MAX, What};
use crate::state::{Act, Away, AwayKind, Conference, Dialog, Focus, FormKind, Standing, View, later};
use crate::tests::{BERND, ME, OLGA, World, connection, name};

fn world() -> World {
    World::watched(Language::En)
}

fn conference(world: &World) -> &Conference {
    world.app.conference.as_ref().unwrap()
}

fn typed(world: &World) -> &str {
    conference(world).composer.text()
}

fn standings(world: &World) -> Vec<Standing> {
    conference(world).pendings.iter().map(|pending| pending.standing).collect()
}

/// The last message in the room that is looked at.
fn last_said(world: &World) -> Option<&str> {
    let last = conference(world).talking.talk.lines.back()?;
    if let What::Said(text) = &last.what { Some(text) } else { None }
}

fn ctrl(world: &mut World, letter: char) {
    world.press_with(KeyCode::Char(letter), KeyModifiers::CONTROL);
}

fn queued(id: CommandId, command: &Json) -> Told {
    Told::Outbox(OutboxNotification { conference: name(), command: id, body: command.clone() })
}

fn draft(revision: u64, text: &str) -> Draft {
    Draft { key: "room:plenary".to_owned(), revision, text: text.to_owned(), other: None }
}

fn quits(world: &World) -> bool {
    world.effects.iter().any(|effect| matches!(effect, Effect::Quit))
}

#[test]
fn a_message_waits_and_is_in_the_talk_once() {
    let mut world = world();
    assert_eq!((&world.app.view, world.app.focus), (&View::Talk, Focus::Composer));
    world.enter("Hello, everyone");
    assert_eq!((typed(&world), standings(&world)), ("", vec![Standing::Waiting]));
    let (id, body) = world.wanted()[0].clone();
    world.told(queued(id, &body));
    assert_eq!(standings(&world), [Standing::Waiting]);
    world.decide(id, &body);
    assert_eq!((last_said(&world), standings(&world)), (Some("Hello, everyone"), vec![]));
}

#[test]
fn a_text_that_is_not_accepted_can_be_edited_or_let_go() {
    let mut world = world();
    world.enter("Hello");
    let (id, body) = world.wanted()[0].clone();
    world.told(queued(id, &body));
    let code = Some("room_closed".to_owned());
    let result = ActResult { command: id, state: CommandState::Refused, seq: None, code, opens: None };
    world.told(Told::Receipt(ReceiptNotification { conference: name(), result, body: Some(body) }));
    assert_eq!(standings(&world), [Standing::Refused]);
    world.types("more");
    world.press(KeyCode::Esc);
    world.press(KeyCode::Up);
    world.press(KeyCode::Char('e'));
    assert_eq!((typed(&world), world.app.focus), ("Hello\nmore", Focus::Composer));
    assert!(world.calls.iter().any(|call| matches!(call, Call::Dismiss(_, dismissed) if *dismissed == id)));
}

#[test]
fn what_the_daemon_has_not_answered_is_sent_again_by_the_same_id() {
    let mut world = world();
    world.enter("Hello");
    let before = world.wanted();
    world.send(Message::Disconnected);
    world.calls.clear();
    world.send(Message::Attached);
    assert_eq!(world.wanted(), before);
}

#[test]
fn what_is_typed_is_kept_by_the_daemon_and_follows_another_frontend() {
    let mut world = world();
    world.types("abc");
    world.calls.clear();
    world.now = later(world.now, 400);
    world.send(Message::Tick);
    let [Call::Draft(kept)] = world.calls.as_slice() else { panic!("{:?}", world.calls) };
    assert_eq!((kept.key.as_str(), kept.text.as_str(), kept.revision), ("room:plenary", "abc", 0));
    let key = kept.key.clone();
    world.answer(Answer::Draft(name(), key, Ok(DraftSetResult { draft: draft(1, "abc") })));
    let draft = draft(2, "from the page");
    world.told(Told::Draft(DraftChanged { conference: name(), draft }));
    assert_eq!(typed(&world), "from the page");
}

#[test]
fn each_room_has_its_text() {
    let mut world = world();
    world.types("for the plenary");
    world.press(KeyCode::Tab);
    world.press(KeyCode::Down);
    world.press(KeyCode::Enter);
    assert_eq!((conference(&world).shown(), typed(&world)), (RoomId::FOYER, ""));
    world.types("for the foyer");
    // Back to the talk, and once more to the places.
    world.press(KeyCode::BackTab);
    world.press(KeyCode::BackTab);
    world.press(KeyCode::Up);
    world.press(KeyCode::Enter);
    assert_eq!((conference(&world).shown(), typed(&world)), (RoomId::PLENARY, "for the plenary"));
}

#[test]
fn commands_do_what_they_say_and_stay_where_they_cannot() {
    let mut world = world();
    world.enter("/go werk");
    let (_, body) = world.wanted()[0].clone();
    assert!(body.get().contains(r#""kind":"go""#), "{body:?}");
    assert!(!RoomId::FIXED.contains(&conference(&world).shown()));
    world.enter("/nothing");
    assert_eq!(typed(&world), "/nothing");
    assert!(world.app.notice.is_some());
    ctrl(&mut world, 'u');
    world.enter("/table Nobody");
    assert!(world.app.notice.is_some() && world.wanted().len() == 1);
    ctrl(&mut world, 'u');
    world.enter("/table Bernd");
    assert!(world.wanted()[1].1.get().contains(r#""kind":"ask_to_table""#));
    world.enter("/who ber");
    assert_eq!((&world.app.view, world.app.sheet.filter.text()), (&View::People, "ber"));
    world.press(KeyCode::Char('/'));
    assert_eq!((&world.app.view, typed(&world)), (&View::Talk, "/"));
}

#[test]
fn tab_completes_and_goes_on_where_there_is_nothing_to_complete() {
    let mut world = world();
    world.types("Hello @ber");
    world.press(KeyCode::Tab);
    assert_eq!(typed(&world), "Hello @Bernd ");
    world.press(KeyCode::Tab);
    assert_eq!(world.app.focus, Focus::Places);
    world.press(KeyCode::Esc);
    ctrl(&mut world, 'u');
    world.types("/sch");
    world.press(KeyCode::Tab);
    assert_eq!(typed(&world), "/schedule ");
}

#[test]
fn an_invitation_is_answered_from_wherever_one_is() {
    let mut world = world();
    world.does(BERND, &Command::AskToTable(AskToTable { people: BTreeSet::from([ME]) }));
    assert_eq!(banners(&world.app).len(), 1);
    world.press(KeyCode::F(2));
    assert!(matches!(world.app.dialogs.last(), Some(Dialog::Menu(menu)) if menu.choices.len() == 2));
    world.press(KeyCode::Enter);
    let (id, body) = world.wanted()[0].clone();
    assert!(body.get().contains(r#""kind":"accept_table""#), "{body:?}");
    world.decide(id, &body);
    assert!(conference(&world).sits() && conference(&world).shown() == conference(&world).room());
    assert!(banners(&world.app).is_empty());
}

#[test]
fn one_votes_by_the_number_of_an_answer() {
    let mut world = world();
    let options = vec!["Today".to_owned(), "Tomorrow".to_owned()];
    world.does(OLGA, &Command::OpenBallot(OpenBallot { question: "When?".to_owned(), options }));
    world.enter("/vote 2");
    let (id, body) = world.wanted()[0].clone();
    world.decide(id, &body);
    let own = conference(&world).own().unwrap();
    let (ballot, open) = conference(&world).public().unwrap().ballots().open().unwrap();
    let chosen = own.votes().get(&ballot).map(|vote| open.options.get(&vote.option).unwrap().as_str());
    assert_eq!(chosen, Some("Tomorrow"));
}

#[test]
fn a_reader_in_the_past_stays_there_and_is_told_what_came() {
    let mut world = world();
    for number in 0..SHOWN_MAX + 100 {
        world.says(BERND, &format!("message {number}"));
    }
    assert_eq!(conference(&world).talking.talk.lines.len(), SHOWN_MAX);
    world.press(KeyCode::PageUp);
    let top = conference(&world).talking.top;
    assert!(top.is_some());
    world.says(BERND, "one more");
    assert_eq!((conference(&world).talking.top, conference(&world).talking.missed), (top, 1));
    world.press(KeyCode::End);
    assert!(conference(&world).talking.follows() && last_said(&world) == Some("one more"));
}

#[test]
fn what_is_said_elsewhere_is_counted_until_one_looks() {
    let mut world = world();
    world.says_in(BERND, &RoomId::FOYER, "Coffee?");
    world.says(BERND, "Shall we begin?");
    let unread = conference(&world).unread.clone();
    assert_eq!((unread.get(&RoomId::FOYER), unread.get(&RoomId::PLENARY)), (Some(&1), None));
    world.enter("/go foyer");
    assert!(conference(&world).unread.is_empty());
}

#[test]
fn a_state_in_parts_is_put_together() {
    let mut world = World::new(Language::En);
    world.attach();
    let whole = world.watch_result().state.unwrap();
    let (first, second) = whole.get().split_at(whole.get().char_indices().nth(40).unwrap().0);
    for (part, data) in [first, second].into_iter().enumerate() {
        let part = u64::try_from(part).unwrap();
        let part = StateNotification { conference: name(), part, parts: 2, data: data.to_owned() };
        world.told(Told::State(part));
    }
    assert!(conference(&world).public().is_some());
    let alone = StateNotification { conference: name(), part: 1, parts: 2, data: String::new() };
    world.calls.clear();
    world.told(Told::State(alone));
    assert!(
        matches!(world.calls.as_slice(), [Call::Unwatch(_), Call::Watch(again)] if again.after.is_none())
    );
}

#[test]
fn anyone_who_has_left_is_told_so_first_and_may_write_nothing() {
    let mut world = world();
    let left = SeatNotification { conference: name(), seat: SeatState::Left, code: None, other_log: None };
    world.told(Told::Seat(left));
    assert!(banners(&world.app)[0].text.starts_with("You have left this conference"));
    world.enter("Good morning");
    assert_eq!(world.wanted().len(), 0);
    assert_eq!(typed(&world), "Good morning", "it is not lost");
}

#[test]
fn a_daemon_that_stays_away_is_a_page_of_its_own() {
    let mut world = world();
    world.send(Message::Disconnected);
    let why = Away { kind: AwayKind::NotRunning, details: "nothing answers".to_owned() };
    world.send(Message::Away(why));
    assert_eq!(trouble(&world.app), None, "a restart is no trouble");
    world.now = later(world.now, 3_000);
    world.send(Message::Tick);
    assert!(trouble(&world.app).is_some());
    world.send(Message::Attached);
    assert_eq!(trouble(&world.app), None);
}

#[test]
fn the_program_ends_once_the_daemon_has_what_was_typed() {
    let mut world = world();
    world.types("abc");
    ctrl(&mut world, 'c');
    assert!(!quits(&world) && matches!(world.calls.last(), Some(Call::Draft(_))));
    let sent =
        world.calls.iter().filter_map(|call| if let Call::Draft(set) = call { Some(set) } else { None });
    for DraftSetParams { key, revision, text, .. } in sent.cloned().collect::<Vec<_>>() {
        let draft = Draft { key: key.clone(), revision: revision + 1, text, other: None };
        world.answer(Answer::Draft(name(), key, Ok(DraftSetResult { draft })));
    }
    assert!(quits(&world));
}

#[test]
fn a_text_that_would_be_lost_is_asked_about_first() {
    let mut world = world();
    world.send(Message::Disconnected);
    world.types("abc");
    ctrl(&mut world, 'c');
    assert!(!quits(&world) && matches!(world.app.dialogs.last(), Some(Dialog::Confirm(_))));
    ctrl(&mut world, 'c');
    assert!(quits(&world));
}

#[test]
fn one_joins_with_a_mail_and_a_name_and_the_daemon_is_asked_again() {
    let mut world = World::new(Language::En);
    world.send(Message::Attached);
    world.answer(Answer::List(Ok(ListResult { conferences: Vec::new() })));
    assert_eq!(world.app.view, View::Join);
    world.send(Message::Paste(
        "Dear Änne,\n\nhttps://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA.\n\nOlga".to_owned(),
    ));
    world.calls.clear();
    world.enter("Änne");
    let [Call::Join(joins)] = world.calls.as_slice() else { panic!("{:?}", world.calls) };
    assert_eq!(
        (joins.link.as_str(), joins.name.as_str()),
        ("https://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA", "Änne")
    );
    let (conference, participant) = (None, None);
    let result = JoinResult {
        conference,
        participant,
        state: JoinState::Joining,
        code: None,
        attempts: Vec::new(),
        inspected_by: None,
    };
    world.answer(Answer::Join(Box::new(Ok(result))));
    assert!(!world.app.joining.form.is_busy);
    let connections = Connections { number: 2, connections: vec![connection()] };
    world.told(Told::Connections(ConnectionChanged(connections)));
    assert_eq!(world.calls.iter().filter(|call| matches!(call, Call::Join(_))).count(), 2);
}

#[test]
fn a_seat_turns_to_the_log_that_its_server_shows_by_a_link_of_that_server() {
    let mut world = world();
    let (log, code) = (LogId([2; 8]), Some("other_log".to_owned()));
    let mut seat = world.app.seats.clone().unwrap().remove(0);
    (seat.state, seat.code, seat.other_log) = (SeatState::NotHereNow, code.clone(), Some(log));
    world.answer(Answer::List(Ok(ListResult { conferences: vec![seat] })));
    let stands =
        SeatNotification { conference: name(), seat: SeatState::NotHereNow, code, other_log: Some(log) };
    world.told(Told::Seat(stands));
    let turn = Act::Fill(FormKind::Turn(log));
    let offered: Vec<Act> = banners(&world.app)
        .into_iter()
        .flat_map(|banner| banner.choices)
        .filter_map(|choice| choice.act)
        .collect();
    assert_eq!(offered, std::slice::from_ref(&turn));
    for (host, turns) in [("elsewhere.example.org", false), ("conference.example.org", true)] {
        world.calls.clear();
        world.perform(turn.clone());
        world.enter(&format!("https://{host}/j/AAAAAAAAAAAAAAAAAAAAAA"));
        assert_eq!(world.app.dialogs.is_empty(), turns, "{host}");
        let wanted = world
            .calls
            .iter()
            .filter_map(|call| if let Call::Turn(params) = call { Some(params) } else { None });
        let wanted: Vec<_> = wanted.map(|params| (params.name.as_str(), params.log)).collect();
        assert_eq!(wanted, if turns { vec![("Änne", Some(log))] } else { Vec::new() }, "{host}");
        world.press(KeyCode::Esc);
    }
    world.answer(Answer::Seats(Ok(())));
    assert!(matches!(world.calls.last(), Some(Call::List)));
}

#[test]
fn a_login_is_given_or_declined() {
    let mut world = world();
    let asked =
        ProxyPasswordParams { proxy: "proxy:3128".to_owned(), server: "server".to_owned(), rejected: None };
    world.send(Message::Asked(7, asked.clone()));
    world.send(Message::Asked(8, asked));
    world.types("anna");
    world.press(KeyCode::Tab);
    world.types("secret");
    world.press(KeyCode::Enter);
    let given = ProxyPasswordAnswer { user: "anna".to_owned(), password: "secret".to_owned() };
    assert!(matches!(&world.effects[0], Effect::Login(7, Some(answer)) if *answer == given));
    world.press(KeyCode::Esc);
    assert!(matches!(&world.effects[1], Effect::Login(8, None)) && world.app.dialogs.is_empty());
}

#[test]
fn a_key_with_altgr_types_and_a_pasted_text_keeps_its_lines() {
    let mut world = world();
    world.press_with(KeyCode::Char('@'), KeyModifiers::CONTROL | KeyModifiers::ALT);
    world.send(Message::Paste("a\nb".to_owned()));
    world.press_with(KeyCode::Enter, KeyModifiers::ALT);
    assert_eq!(typed(&world), "@a\nb\n");
    assert!(world.wanted().is_empty());
}

#[test]
fn an_organizer_is_asked_before_somebody_is_removed_and_sees_the_doors_locked() {
    let mut world = world();
    world.does(OLGA, &Command::AddOrganizer(AddOrganizer { participant: ME }));
    let conference_now = conference(&world);
    let bernd = conference_now.people.iter().find(|person| person.id == BERND).unwrap();
    let menu = person_menu(&world.app, conference_now, bernd);
    let remove = menu.choices.last().and_then(|choice| choice.act.clone()).unwrap();
    world.perform(remove);
    assert!(matches!(world.app.dialogs.last(), Some(Dialog::Confirm(_))));
    assert!(world.wanted().is_empty());
    world.press(KeyCode::Enter);
    let (id, body) = world.wanted()[0].clone();
    assert_eq!(body.get(), r#"{"kind":"remove","participant":"p3"}"#);
    world.decide(id, &body);
    assert!(conference(&world).public().unwrap().doors_locked());
    assert!(conference(&world).people.iter().all(|person| person.id != BERND));
}

#[test]
fn organizers_are_told_that_a_conference_fills_and_everyone_that_it_is_full() {
    let mut world = world();
    world.fills(80);
    assert!(banners(&world.app).is_empty());
    world.does(OLGA, &Command::AddOrganizer(AddOrganizer { participant: ME }));
    assert!(banners(&world.app)[0].text.contains("80"), "{:?}", banners(&world.app));
    let take = convene_conference::RemoveOrganizer { participant: ME };
    world.does(OLGA, &Command::RemoveOrganizer(take));
    world.fills(100);
    assert_eq!(banners(&world.app).len(), 1);
}
