//! Frames of events.

use super::*;

#[test]
fn events_are_taken_once_and_without_a_gap() {
    let mut play = Play::open();
    play.events(0, 2, vec![said(1), said(2)]);
    play.events(0, 2, vec![said(1), said(2)]);
    play.events(1, 4, vec![said(2), said(3)]);
    let events = |delta| {
        let Delta::Events { after, through, items } = delta else { return None };
        Some((after, through, items.iter().map(|item| item.seq).collect()))
    };
    let told: Vec<(u64, u64, Vec<u64>)> = play.settle().into_iter().filter_map(events).collect();
    assert_eq!(told, [(0, 2, vec![1, 2]), (2, 4, vec![3])]);
    assert_eq!((play.seqs(), play.replica().cursor), (vec![1, 2, 3], 4));
}

#[test]
fn all_events_of_an_entry_are_taken() {
    let mut play = Play::open();
    let body = r#"{"kind":"said","room":"plenary","text":"y"}"#;
    play.events(0, 1, vec![said(1), event(1, 2, body), event(1, 5, body)]);
    play.settle();
    let span = Span { after: 0, through: 1 };
    let steps: Vec<u32> = play.disk.texts(span).iter().map(|text| text.step).collect();
    assert_eq!(steps, [1, 2, 5]);
}

#[test]
fn seats_that_take_all_of_a_frame_share_it() {
    let mut play = Play::open();
    let items: Arc<[EventText]> = vec![said(1), said(2)].into();
    let terms = vec![];
    let events = NewEvents { log: LOG, after: 0, through: 2, terms, items: Arc::clone(&items) };
    play.seat.handle_events(&events, play.now);
    let Some((_, Write::Events { items: written, .. })) = play.seat.poll_write() else { panic!() };
    assert!(Arc::ptr_eq(&written, &items));
}

#[test]
fn a_gap_is_asked_about_at_once_and_then_with_pauses() {
    let mut play = Play::open();
    for pause in [0, 2, 4, 8, 16, 32, 60, 60] {
        play.events(5, 6, vec![said(6)]);
        assert!(!play.seat.is_open());
        let due = (pause > 0).then(|| play.now + Duration::from_secs(pause));
        assert_eq!(play.seat.poll_timeout(), due);
        play.wait(Duration::from_secs(pause));
        play.ask(open(Resumption::Events));
    }
    play.events(0, 1, vec![said(1)]);
    play.events(5, 6, vec![said(6)]);
    assert!(play.seat.wants_open(), "what came in between was progress");
    assert_eq!((play.settle().len(), play.replica().cursor), (1, 1));
}

#[test]
fn events_of_another_log_or_outside_of_their_frame_are_not_taken() {
    let mut play = Play::open();
    let events = NewEvents { log: OTHER, after: 0, through: 1, terms: vec![], items: vec![said(1)].into() };
    play.seat.handle_events(&events, play.now);
    play.events(0, 2, vec![said(0), said(1), said(3)]);
    play.settle();
    assert_eq!((play.seqs(), play.replica().cursor), (vec![1], 2));
}

#[test]
fn terms_are_learned_once_and_in_order() {
    let mut play = Play::open();
    play.events_of(0, 5, &[term(1, 2), term(2, 4), term(3, 9)], vec![]);
    play.events_of(3, 9, &[term(2, 4), term(1, 7), term(4, 3), term(3, 9)], vec![]);
    play.settle();
    assert_eq!(play.replica().terms.starts(), [term(1, 2), term(2, 4), term(3, 9)]);
    play.restart();
    assert_eq!(play.replica().term_of(8), TermId([2; 16]));
}

#[test]
fn an_event_that_cannot_be_read_is_kept_and_passed_on() {
    let mut play = Play::open();
    let odd = event(1, 1, r#"{"kind":"fireworks","colours":[1]}"#);
    let none = EventText { seq: 2, step: 1, text: Json::parse(r#"{"seq":2}"#).unwrap() };
    play.events(0, 3, vec![odd.clone(), none, joined(3, 1)]);
    play.settle();
    assert_eq!(play.seqs(), [1, 2, 3]);
    assert_eq!(play.disk.texts(Span { after: 0, through: 1 }), [odd]);
    assert!(play.replica().state.as_ref().unwrap().public().participants().iter().count() == 1);
}

#[test]
fn a_removal_is_told_and_the_seat_rests_once_nothing_waits() {
    let mut play = Play::open();
    play.events(0, 1, vec![joined(1, 1)]);
    assert_eq!(play.act(1), Ok(Acceptance::Taken));
    let removed = event(2, 1, r#"{"kind":"left","participant":"p1","removed":true}"#);
    play.events(1, 2, vec![removed]);
    assert!(play.settle().contains(&Delta::Seat(Standing::Removed)));
    assert!(!play.seat.is_resting(), "a text waits");
    play.restart();
    assert_eq!(play.seat.standing(), Standing::Removed);
}

#[test]
fn leaving_and_coming_back_are_told() {
    let mut play = Play::open();
    play.events(0, 2, vec![joined(1, 1), left(2, 1)]);
    assert!(play.settle().contains(&Delta::Seat(Standing::Left)));
    assert!(play.seat.is_resting());
    assert_eq!(play.act(1), Ok(Acceptance::Taken), "to join again");
    assert!(!play.seat.is_resting());
    play.events(2, 3, vec![joined(3, 1)]);
    assert!(play.settle().contains(&Delta::Seat(Standing::Joined)));
    play.events(3, 4, vec![left(4, 2)]);
    assert_eq!(play.settle().len(), 1, "somebody else left");
}
