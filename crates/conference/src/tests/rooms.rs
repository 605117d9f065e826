//! Rooms, feet, roles and names, on examples.

use convene_model::RoomId;
use convene_model::limits::{ROOM_NAME_CHARS_MAX, ROOMS_MAX};

use super::*;

fn go(room: &str) -> Command {
    Command::Go(Go { room: room.parse().unwrap() })
}

fn add(name: &str) -> Command {
    Command::AddRoom(AddRoom { name: name.to_owned() })
}

fn close(room: &str) -> Command {
    Command::CloseRoom(CloseRoom { room: room.parse().unwrap() })
}

fn planned() -> Description {
    let name = RoomNames::from([("de".to_owned(), "Garten".to_owned())]);
    Description { rooms: vec![RoomPlan { name }], ..Description::default() }
}

#[test]
fn everyone_stands_in_one_room_and_speaks_there() {
    let mut conference = Conference::with(&planned(), 2);
    assert_eq!(conference.room(2), "plenary");
    assert!(conference.does(person(2), &go("r1")));
    assert!(!conference.does(person(2), &go("r1")), "they stand there already");
    assert_eq!(conference.room(2), "r1");
    assert!(conference.does(person(2), &say("hello")));
    let (said, audience) = conference.log.last().unwrap();
    assert!(matches!(&said.body, Body::Said(said) if said.room.as_str() == "r1"));
    assert!(audience.is_everyone(), "what is said in a room is public");
    assert_eq!(conference.refuses(person(2), &go("r9")), Refusal::RoomUnknown);
    assert_eq!(conference.refuses(person(2), &go("news")), Refusal::RoomClosed);
    assert_eq!(conference.refuses(person(2), &go("organizers")), Refusal::RoomClosed);
    assert!(conference.does(person(1), &go("organizers")));
}

#[test]
fn organizers_add_and_close_rooms() {
    let mut conference = Conference::with(&planned(), 1);
    assert_eq!(conference.refuses(person(2), &add("Hof")), Refusal::NotOrganizer);
    assert!(conference.does(person(1), &add(" Hof ")));
    assert_eq!(conference.refuses(person(1), &add("Hof")), Refusal::RoomNameTaken);
    assert_eq!(conference.refuses(person(1), &add(" ")), Refusal::RoomNameInvalid);
    assert_eq!(conference.refuses(person(1), &add("a\nb")), Refusal::RoomNameInvalid);
    assert!(conference.does(person(2), &go("r2")));
    assert!(conference.does(person(1), &close("r2")));
    assert_eq!(conference.room(2), "plenary");
    assert_eq!(conference.refuses(person(1), &close("r2")), Refusal::RoomUnknown);
    assert!(conference.does(person(1), &add("Hof")));
    assert!(conference.does(person(2), &go("r3")), "no id is given twice");
}

#[test]
fn rooms_and_their_names_have_limits() {
    let mut conference = Conference::with(&Description::default(), 0);
    assert!(conference.does(person(1), &add(&"ä".repeat(ROOM_NAME_CHARS_MAX))));
    let longer = add(&"ä".repeat(ROOM_NAME_CHARS_MAX + 1));
    assert_eq!(conference.refuses(person(1), &longer), Refusal::RoomNameInvalid);
    for number in 2..=ROOMS_MAX {
        assert!(conference.does(person(1), &add(&format!("room {number}"))));
    }
    assert_eq!(conference.refuses(person(1), &add("one more")), Refusal::TooManyRooms);
}

#[test]
fn the_audience_of_the_back_room_follows_the_roles_at_once_and_not_backwards() {
    let mut conference = Conference::with(&Description::default(), 2);
    let appoint = Command::AddOrganizer(AddOrganizer { participant: ParticipantId(2) });
    let dismiss = |number| Command::RemoveOrganizer(RemoveOrganizer { participant: ParticipantId(number) });
    assert_eq!(conference.refuses(person(2), &appoint), Refusal::NotOrganizer);
    assert!(conference.does(person(1), &say_in("organizers", "early")));
    assert!(!conference.audience().includes(ParticipantId(2)));
    assert!(conference.does(person(1), &appoint));
    assert!(!conference.does(person(1), &appoint));
    assert!(conference.does(person(1), &say_in("organizers", "later")));
    assert!(conference.audience().includes(ParticipantId(2)));
    assert!(conference.does(person(2), &go("organizers")));
    assert!(conference.does(person(1), &dismiss(2)));
    assert_eq!(conference.room(2), "plenary");
    assert_eq!(conference.refuses(person(2), &say_in("organizers", "x")), Refusal::RoomClosed);
    assert_eq!(conference.refuses(person(1), &dismiss(1)), Refusal::LastOrganizer);
    assert!(!conference.does(person(1), &dismiss(3)), "they are none");
}

#[test]
fn a_name_may_be_changed_and_stays_ones_own() {
    let mut conference = Conference::with(&Description::default(), 2);
    let rename = |name: &str| Command::Rename(Rename { name: name.parse().unwrap() });
    assert!(conference.does(person(2), &rename("Änne")));
    assert_eq!(conference.names(), ["Olga", "Änne", "Bernd"]);
    assert!(conference.does(person(2), &rename("ÄNNE")), "one's own name may be written otherwise");
    assert_eq!(conference.refuses(person(3), &rename("änne")), Refusal::NameTaken);
    assert!(conference.does(person(3), &rename("Anna")), "it is free again");
    assert!(!conference.does(person(3), &rename("Anna")));
    assert_eq!(conference.refuses(newcomer(), &join("anna")), Refusal::NameTaken);
    assert_eq!(RoomId::PLENARY.as_str(), conference.room(3));
}
