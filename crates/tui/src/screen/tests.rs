//! Whole screens beside texts that are kept in `tests/screens`. `CONVENE_BLESS=1` writes them anew:
//! then a person looks at what has changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use convene_conference::{AskToTable, Command, OpenBallot};
use convene_local_api::{
    AccessCheckRecord, AccessCheckResult, AccessReason, AccessStep, AccessStepKind, AccessStepState,
    AccessVerdict, ActResult, CommandState, OutboxNotification, ReceiptNotification, Told,
};
use convene_model::{Attempt, Code, ParticipantId, Remedy, Stage};
use convene_wording::Language;
use crossterm::event::KeyCode;

use crate::message::{Answer, Message};
use crate::state::{Act, Away, AwayKind, Dialog, FormKind, View, later};
use crate::tests::{BERND, ME, OLGA, World, name};
use crate::text::width;

/// The sizes of the terminals, and the languages, in which each screen is kept.
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];
const LANGUAGES: [Language; 2] = [Language::De, Language::En];

/// Compares a screen with the text that is kept of it, in every size and language.
fn look(screen: &str, scene: impl Fn(&mut World)) {
    for language in LANGUAGES {
        for (columns, rows) in SIZES {
            let mut world = World::watched(language);
            scene(&mut world);
            let drawn = world.screen(columns, rows);
            assert!(drawn.lines().all(|line| width(line) <= usize::from(columns)), "{drawn}");
            let file = format!("{screen}-{}-{columns}x{rows}.txt", language.tag());
            compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(file), &drawn);
        }
    }
}

fn compare(path: &Path, drawn: &str) {
    if std::env::vars_os().any(|(name, _)| name == "CONVENE_BLESS") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, drawn).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(drawn, kept, "{} is another one now; CONVENE_BLESS=1 takes it", path.display());
}

/// People talk, one of them by every kind of letter.
fn talk(world: &mut World) {
    world.says(OLGA, "Willkommen! Unser Thema ist: Was wollen wir beginnen?");
    world.says(BERND, "Guten Morgen zusammen.\nIch habe zwei Fragen, und die zweite ist so lang, dass sie nicht in eine Zeile passt.");
    for (who, text) in [
        (4, "こんにちは、皆さん 👋🏽"),
        (5, "👩‍👧 und ich sind da, Grüße aus Jo\u{308}nko\u{308}ping"),
        (6, "שלום לכולם, @Änne"),
    ] {
        world.says(ParticipantId(who), text);
    }
    world.types("Hallo! Eins ist ◷ unterwegs");
    world.press(KeyCode::Enter);
    world.types("und das schreibe ich gerade: 世界");
}

#[test]
fn the_talk() {
    look("talk", talk);
}

#[test]
fn a_text_that_came_back_and_an_invitation() {
    look("came-back", |world| {
        world.does(BERND, &Command::AskToTable(AskToTable { people: BTreeSet::from([ME]) }));
        world.enter("Das war zu spät.");
        let (command, body) = world.wanted()[0].clone();
        world.told(Told::Outbox(OutboxNotification { conference: name(), command, body: body.clone() }));
        let code = Some("room_closed".to_owned());
        let result = ActResult { command, state: CommandState::Refused, seq: None, code, opens: None };
        world.told(Told::Receipt(ReceiptNotification { conference: name(), result, body: Some(body) }));
    });
}

#[test]
fn the_people() {
    look("people", |world| world.enter("/who"));
}

#[test]
fn the_schedule() {
    look("schedule", |world| world.enter("/schedule"));
}

#[test]
fn a_ballot() {
    look("ballot", |world| {
        let options = ["Am Montag", "Am Dienstag"].map(str::to_owned).to_vec();
        let question = "Wann beginnen wir?".to_owned();
        world.does(OLGA, &Command::OpenBallot(OpenBallot { question, options }));
        world.enter("/vote 2");
        let (id, body) = world.wanted()[0].clone();
        world.decide(id, &body);
        world.enter("/ballot");
        world.press(KeyCode::Down);
    });
}

#[test]
fn the_conferences() {
    look("conferences", |world| world.enter("/conferences"));
}

#[test]
fn to_join() {
    look("join", |world| {
        world.enter("/join");
        world.send(Message::Paste("https://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA".to_owned()));
    });
}

#[test]
fn the_access() {
    look("check", |world| {
        world.enter("/check");
        world.answer(Answer::Checks(Ok(AccessCheckResult { checks: vec![check()] })));
    });
}

fn check() -> AccessCheckRecord {
    let server = "conference.example.org";
    let step = |kind, target: &str, state| AccessStep {
        kind,
        target: target.to_owned(),
        state,
        ms: Some(12),
        attempt: None,
        rung: None,
        carrier: None,
        named_by: None,
        logins: Vec::new(),
        inspected_by: None,
        clock_offset_ms: None,
    };
    let port = |port: u16| {
        let target = format!("{server}:{port}");
        let attempt = Attempt {
            stage: Stage::Tcp,
            code: Code::TimedOut,
            target: target.clone(),
            ms: 3_000,
            remedy: Remedy::AllowServer,
            evidence: None,
        };
        let failed = step(AccessStepKind::Port, &target, AccessStepState::Failed);
        AccessStep { attempt: Some(attempt), ..failed }
    };
    let mut steps = vec![step(AccessStepKind::Name, server, AccessStepState::Good)];
    steps.extend((4500..=4506).map(port));
    steps.push(step(AccessStepKind::Https, "conference.example.org:443", AccessStepState::Good));
    steps.push(step(AccessStepKind::Clock, server, AccessStepState::Good));
    AccessCheckRecord {
        server: server.to_owned(),
        ports: "4500-4506".parse().unwrap(),
        https_port: 443,
        reason: AccessReason::Asked,
        began: "2026-12-01T09:05:00Z".to_owned(),
        ended: Some("2026-12-01T09:06:00Z".to_owned()),
        verdict: Some(AccessVerdict::Yellow),
        steps,
        contact: None,
        machine: "office-7".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

#[test]
fn the_help() {
    look("help", |world| world.press(KeyCode::F(1)));
}

#[test]
fn a_confirmation() {
    look("leave", |world| world.enter("/leave"));
}

#[test]
fn a_new_ballot() {
    look("new-ballot", |world| {
        world.perform(Act::Fill(FormKind::NewBallot));
        world.types("Wann beginnen wir?");
        world.press(KeyCode::Tab);
        world.types("Am Montag");
    });
}

#[test]
fn no_daemon() {
    look("no-daemon", |world| {
        world.send(Message::Disconnected);
        let details = "convened does not answer at /run/convene/convened.sock".to_owned();
        world.send(Message::Away(Away { kind: AwayKind::Impostor, details }));
        world.now = later(world.now, 5_000);
        world.send(Message::Tick);
    });
}

#[test]
fn no_size_and_no_text_makes_the_screen_fail() {
    let texts =
        ["", "\u{202e}abc\u{1b}[2J", "e\u{301}\u{301}\u{301}", "ﷺ﷽", "\t世\u{200d}界", "\u{feff}\u{200b}"];
    for view in
        [View::Talk, View::People, View::Schedule, View::Ballot, View::Check, View::Settings, View::Join]
    {
        let mut world = World::watched(Language::De);
        world.send(Message::Paste(texts.join("\n")));
        world.press(KeyCode::Enter);
        world.send(Message::Paste(texts.concat()));
        world.perform(Act::Show(view.clone()));
        for (columns, rows) in [(1, 1), (2, 3), (7, 4), (20, 5), (59, 10), (60, 12), (79, 23), (300, 100)] {
            let drawn = world.screen(columns, rows);
            assert!(drawn.lines().all(|line| width(line) <= usize::from(columns)), "{view:?}: {drawn}");
            assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{view:?}: {drawn:?}");
            world.press(KeyCode::F(1));
            world.screen(columns, rows);
            world.press(KeyCode::Esc);
        }
        assert!(!matches!(world.app.dialogs.last(), Some(Dialog::Help(_))));
    }
}
