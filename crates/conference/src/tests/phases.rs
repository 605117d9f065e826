//! The clock of a conference, on examples.

use convene_model::limits::PHASE_MINUTES_MAX;

use super::*;

/// From minute 10 on: an opening of 5 minutes, and two rounds of 20.
fn planned() -> Description {
    let plan = |kind: &str, minutes, rounds| PhasePlan { kind: kind.to_owned(), minutes, rounds };
    let phases = vec![plan("opening", 5, 1), plan("workshops", 20, 2)];
    let settings = Settings { start: Some(minute(10)), ..Settings::default() };
    Description { settings, phases, ..Description::default() }
}

fn current(conference: &Conference) -> Option<(u32, Timestamp)> {
    let (number, phase) = conference.state.public().schedule().current()?;
    phase.ends.map(|ends| (number, ends))
}

#[test]
fn until_it_opens_a_conference_meets_in_the_foyer() {
    let mut conference = Conference::with(&planned(), 1);
    assert_eq!(conference.room(2), "foyer");
    assert_eq!(conference.refuses(person(2), &say_in("plenary", "x")), Refusal::NotOpenYet);
    let go = Command::Go(Go { room: "plenary".parse().unwrap() });
    assert_eq!(conference.refuses(person(2), &go), Refusal::NotOpenYet);
    assert!(conference.does(person(2), &say("hello")));
    assert_eq!((conference.wait(9), next_due(&conference.state)), (0, Some(minute(10))));
    assert_eq!(conference.wait(1), 1);
    assert_eq!((conference.room(2), current(&conference)), ("plenary", Some((1, minute(15)))));
    assert!(conference.does(person(2), &say("good morning")));
    assert!(conference.does(newcomer(), &join("Late")));
    assert_eq!(conference.room(3), "plenary");
}

#[test]
fn phases_follow_one_another_also_after_a_downtime() {
    let mut conference = Conference::with(&planned(), 0);
    assert_eq!(conference.wait(16), 2, "the opening, and the first round");
    assert_eq!(current(&conference), Some((2, minute(35))));
    let schedule = conference.state.public().schedule();
    let second = &schedule.phases()[&2];
    assert_eq!((second.kind.as_str(), second.round, second.rounds), ("workshops", 1, 2));
    assert_eq!(second.began, Some(minute(15)), "a downtime shifts nothing");
    assert_eq!(conference.wait(100), 2);
    assert_eq!((current(&conference), next_due(&conference.state)), (None, None));
    assert_eq!(conference.state.public().schedule().phases()[&3].ends, Some(minute(55)));
}

#[test]
fn organizers_extend_shorten_and_skip() {
    let mut conference = Conference::with(&planned(), 1);
    let extend = |minutes| Command::ExtendPhase(ExtendPhase { minutes });
    let shorten = |minutes| Command::ShortenPhase(ShortenPhase { minutes });
    assert_eq!(conference.refuses(person(1), &extend(5)), Refusal::NoPhase);
    conference.wait(10);
    assert_eq!(conference.refuses(person(2), &extend(5)), Refusal::NotOrganizer);
    assert_eq!(conference.refuses(person(1), &extend(0)), Refusal::MinutesInvalid);
    assert_eq!(conference.refuses(person(1), &extend(PHASE_MINUTES_MAX + 1)), Refusal::MinutesInvalid);
    assert!(conference.does(person(1), &extend(10)));
    assert_eq!(current(&conference), Some((1, minute(25))));
    assert!(conference.does(person(1), &shorten(3)));
    assert_eq!(current(&conference), Some((1, minute(22))));
    assert!(conference.does(person(1), &shorten(100)), "now at the earliest");
    assert_eq!(current(&conference), Some((1, minute(10))));
    assert!(!conference.does(person(1), &shorten(1)));
    assert_eq!(conference.wait(0), 1);
    assert_eq!(current(&conference), Some((2, minute(30))));
    conference.wait(1);
    assert!(conference.does(person(1), &Command::SkipPhase));
    assert_eq!(current(&conference), Some((3, minute(31))));
    assert!(conference.does(person(1), &Command::SkipPhase));
    assert_eq!(conference.refuses(person(1), &Command::SkipPhase), Refusal::NoPhase);
}

#[test]
fn an_organizer_may_begin_early() {
    let mut conference = Conference::with(&planned(), 0);
    assert!(conference.does(person(1), &Command::SkipPhase));
    assert_eq!((conference.room(1), current(&conference)), ("plenary", Some((1, minute(5)))));
}

#[test]
fn an_ended_conference_has_nothing_due() {
    let mut conference = Conference::with(&planned(), 0);
    assert!(conference.does(Actor::Operator, &Command::End));
    assert_eq!((next_due(&conference.state), conference.wait(100)), (None, 0));
}

#[test]
fn a_conference_of_level_1_is_open_whatever_its_start() {
    let settings = Settings { start: Some(minute(10)), ..Settings::default() };
    let mut state = State::default();
    state.evolve(&event(Body::Opened(Opened { settings })));
    assert!(state.public().schedule().is_open());
    let old =
        r#"{"settings":{"title":"t","start":"1970-01-01T00:10:00.000Z"},"ended":false,"participants":{}}"#;
    let public: Public = serde_json::from_str(old).unwrap();
    assert!(public.schedule().is_open());
}
