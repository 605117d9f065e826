//! Café tables, on examples.

use convene_model::limits::TABLE_SEATS_MAX;

use super::*;

fn ask(numbers: &[u32]) -> Command {
    Command::AskToTable(AskToTable { people: people(numbers) })
}

fn accept() -> Command {
    Command::AcceptTable(AcceptTable { table: None })
}

fn decline() -> Command {
    Command::DeclineTable(DeclineTable { table: None })
}

/// Those who may read the last event.
fn told(conference: &Conference) -> Vec<u32> {
    match conference.audience() {
        Audience::Everyone => Vec::new(),
        Audience::Only(people) => people.iter().map(|one| one.0).collect(),
    }
}

#[test]
fn people_meet_at_a_table_and_talk_there_alone() {
    let mut conference = Conference::with(&Description::default(), 3);
    assert!(conference.does(person(2), &ask(&[3])));
    assert_eq!((conference.room(2), told(&conference)), ("t1", vec![2, 3]));
    assert!(conference.does(person(3), &accept()));
    assert!(conference.does(person(2), &say("only for us")));
    assert_eq!(told(&conference), [2, 3]);
    assert_eq!(conference.refuses(person(4), &say_in("t1", "x")), Refusal::RoomClosed);
    assert_eq!(conference.refuses(person(1), &say_in("t1", "x")), Refusal::RoomClosed);
    assert!(conference.does(person(3), &Command::LeaveTable));
    assert_eq!(conference.room(3), "plenary");
    assert!(conference.does(person(2), &say("alone")));
    assert_eq!(told(&conference), [2]);
    assert!(conference.does(person(2), &Command::LeaveTable));
    assert!(conference.state.public().tables().is_empty(), "an empty table is gone");
    assert_eq!(conference.refuses(person(2), &say_in("t1", "x")), Refusal::RoomUnknown);
    assert!(conference.does(person(2), &ask(&[3])));
    assert_eq!(conference.room(2), "t2", "no id is given twice");
}

#[test]
fn an_invitation_is_answered_or_forgotten_with_its_table() {
    let mut conference = Conference::with(&Description::default(), 3);
    assert!(conference.does(person(2), &ask(&[3, 4])));
    assert!(conference.does(person(3), &decline()));
    assert_eq!(told(&conference), [2, 3]);
    assert_eq!(conference.refuses(person(3), &accept()), Refusal::NotAsked);
    assert!(conference.does(person(1), &ask(&[4])));
    assert_eq!(conference.refuses(person(4), &accept()), Refusal::TableAmbiguous);
    let named = Command::AcceptTable(AcceptTable { table: Some("t1".parse().unwrap()) });
    assert!(conference.does(person(4), &named));
    assert!(conference.does(person(1), &Command::LeaveTable));
    assert_eq!(conference.refuses(person(4), &accept()), Refusal::NotAsked, "that table is gone");
    assert_eq!(conference.refuses(person(1), &Command::LeaveTable), Refusal::NotAtTable);
}

#[test]
fn who_goes_elsewhere_or_leaves_stands_up() {
    let mut conference = Conference::with(&Description::default(), 2);
    conference.does(person(2), &ask(&[3]));
    conference.does(person(3), &accept());
    assert!(conference.does(person(2), &Command::Go(Go { room: "foyer".parse().unwrap() })));
    assert_eq!(conference.room(2), "foyer");
    assert!(conference.does(person(3), &Command::Leave));
    assert!(conference.state.public().tables().is_empty());
    assert!(conference.does(person(3), &join("Bernd")));
    assert_eq!(conference.room(3), "plenary");
    assert_eq!(conference.refuses(person(3), &accept()), Refusal::NotAsked);
}

#[test]
fn a_table_has_a_limited_number_of_seats() {
    let mut conference = Conference::with(&Description::default(), 8);
    assert_eq!(conference.refuses(person(2), &ask(&[])), Refusal::PersonUnknown);
    assert_eq!(conference.refuses(person(2), &ask(&[2])), Refusal::PersonUnknown);
    assert_eq!(conference.refuses(person(2), &ask(&[99])), Refusal::PersonUnknown);
    let everyone = [1, 3, 4, 5, 6, 7, 8, 9];
    assert_eq!(everyone.len(), TABLE_SEATS_MAX);
    assert_eq!(conference.refuses(person(2), &ask(&everyone)), Refusal::TableFull);
    assert!(conference.does(person(2), &ask(&everyone[..7])));
    assert_eq!(conference.refuses(person(2), &ask(&everyone[7..])), Refusal::TableFull);
    conference.does(person(3), &decline());
    assert!(conference.does(person(2), &ask(&everyone[7..])), "one does not come");
}
