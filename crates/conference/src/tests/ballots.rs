//! The secret ballot, on examples.

use std::collections::BTreeMap;

use convene_model::{BallotId, OptionId};

use super::*;

fn open() -> Command {
    let options = ["yes", "no"].map(str::to_owned).to_vec();
    Command::OpenBallot(OpenBallot { question: "Shall we?".to_owned(), options })
}

fn vote(option: u32) -> Command {
    Command::Vote(Vote { ballot: BallotId(1), option: OptionId(option) })
}

fn ballot(conference: &Conference) -> &Ballot {
    conference.state.public().ballots().get(BallotId(1)).unwrap()
}

#[test]
fn a_vote_is_told_to_its_voter_alone_and_counted_once() {
    let mut conference = Conference::with(&Description::default(), 3);
    assert_eq!(conference.refuses(person(2), &open()), Refusal::NotOrganizer);
    assert_eq!(conference.refuses(person(2), &vote(1)), Refusal::NoBallot);
    assert!(conference.does(person(1), &open()));
    assert_eq!(conference.refuses(person(1), &open()), Refusal::BallotOpen);
    let told = conference.wish(person(2), &vote(1)).unwrap();
    let [(turnout, everyone), (voted, voter)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((turnout.by, turnout.command, everyone.is_everyone()), (None, None, true));
    assert!(matches!(voted.body, Body::Voted(_)));
    assert_eq!(*voter, Audience::Only(People::new(people(&[2])).unwrap()));
    assert!(!conference.does(person(2), &vote(1)));
    let changed = conference.wish(person(2), &vote(2)).unwrap();
    assert_eq!(changed.len(), 1, "the turnout stays: nobody else learns of it");
    assert!(conference.does(person(3), &vote(1)));
    assert_eq!(conference.refuses(person(3), &vote(9)), Refusal::OptionUnknown);
    assert_eq!((ballot(&conference).turnout, &ballot(&conference).result), (2, &None));
    assert!(conference.does(person(1), &Command::CloseBallot));
    assert_eq!(ballot(&conference).result, Some(BTreeMap::from([(OptionId(1), 1), (OptionId(2), 1)])));
    assert_eq!(conference.refuses(person(4), &vote(1)), Refusal::BallotClosed);
    assert_eq!(conference.refuses(person(1), &Command::CloseBallot), Refusal::NoBallot);
    let public: Vec<String> = conference
        .log
        .iter()
        .filter(|(_, audience)| audience.is_everyone())
        .map(|(event, _)| serde_json::to_string(event).unwrap())
        .collect();
    assert!(public.iter().all(|text| !text.contains("voted\",\"ballot") || !text.contains("p2")));
}

#[test]
fn a_ballot_closes_with_its_phase_and_with_the_conference() {
    let phases = vec![PhasePlan { kind: "weighting".to_owned(), minutes: 5, rounds: 1 }];
    let settings = Settings { start: Some(minute(0)), ..Settings::default() };
    let description = Description { settings, phases, ..Description::default() };
    let mut conference = Conference::with(&description, 1);
    conference.wait(0);
    conference.does(person(1), &open());
    conference.does(person(2), &vote(2));
    assert_eq!(conference.wait(5), 1);
    let result = ballot(&conference).result.clone();
    assert_eq!(result, Some(BTreeMap::from([(OptionId(1), 0), (OptionId(2), 1)])));
    conference.does(person(1), &open());
    assert!(conference.does(Actor::Operator, &Command::End));
    assert!(conference.state.public().ballots().open().is_none());
    assert_eq!(ballot(&conference).result, result, "a result never changes");
}

#[test]
fn a_ballot_is_a_line_with_different_options() {
    let mut conference = Conference::with(&Description::default(), 0);
    let ballot = |question: &str, options: &[&str]| {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Command::OpenBallot(OpenBallot { question: question.to_owned(), options })
    };
    for wrong in [
        ballot(" ", &["a", "b"]),
        ballot("a\nb", &["a", "b"]),
        ballot("x", &["a"]),
        ballot("x", &["a", " a "]),
        ballot("x", &["a", ""]),
        ballot(&"x".repeat(201), &["a", "b"]),
        ballot("x", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]),
    ] {
        assert_eq!(conference.refuses(person(1), &wrong), Refusal::BallotInvalid, "{wrong:?}");
    }
    assert!(conference.does(person(1), &ballot(&"x".repeat(200), &["a", "b"])));
}
