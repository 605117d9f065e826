//! Who is let in, and what is written, where somebody was removed or much was written.

use super::*;

const OLGA: Place = Place { link: LinkNumber(9), index: 0 };
const BERND: Place = Place { link: LinkNumber(2), index: 0 };

fn act(number: u128, body: &str) -> OutgoingCommand {
    OutgoingCommand { id: id(number), seen: None, body: Json::parse(body).unwrap() }
}

impl Host {
    /// The code of participants as it is now.
    fn code(&self) -> JoinCode {
        let codes = self.decider.codes().iter();
        codes.filter(|(_, role)| **role == Role::Participant).map(|(code, _)| *code).next().unwrap()
    }

    /// The code of a participant's personal link.
    fn link(&self, number: u32) -> JoinCode {
        let own = self.decider.state().own(ParticipantId(number)).unwrap();
        own.link().unwrap().code
    }

    /// The marks of what it may hold that were told, in order.
    fn marks(&self) -> Vec<u32> {
        let entries = self.log.iter().map(|entry| Entry::parse(&entry.text).unwrap());
        let events = entries.flat_map(|entry| entry.events);
        let bodies = events.map(|event| serde_json::from_str::<Event>(event.text.get()).unwrap().body);
        bodies
            .filter_map(|body| if let Body::Filled(filled) = body { Some(filled.percent) } else { None })
            .collect()
    }
}

/// Olga, an organizer, as p1, Anna as p2 and Bernd as p3, each with a personal link.
fn with_links() -> Host {
    let mut host = Host::new();
    host.join_by(ORGANIZERS_CODE, OLGA, "Olga", false);
    for (place, name) in [(ANNA, "Anna"), (BERND, "Bernd")] {
        host.join(place, name, false);
        host.command(place, act(1, r#"{"kind":"make_link"}"#));
    }
    host.store();
    host
}

#[test]
fn who_was_removed_comes_in_by_nothing_that_they_know() {
    let mut host = with_links();
    let annas = host.link(2);
    host.command(ANNA, say(2, "before"));
    host.command(OLGA, act(1, r#"{"kind":"remove","participant":"p2"}"#));
    host.command(ANNA, say(3, "behind"));
    host.store();
    let refused = Outcome::Refused { code: Refusal::Removed };
    let tail = [Some(Outcome::Accepted), Some(Outcome::Accepted), Some(refused)];
    assert!(host.outcomes().ends_with(&tail), "what waits comes back: {:?}", host.outcomes());
    for link in 10..20 {
        host.join(at_link(link), "Emil", link % 2 == 0);
    }
    let answers = host.answers();
    assert_eq!(answers.len(), 10);
    assert!(answers.iter().all(|answer| answer.contains("code_replaced")), "{answers:?}");
    host.join_by(annas, at_link(20), "Emil", false);
    assert_eq!(host.answers(), [format!("20: removed at {}", host.decider.last)]);
    host.join_by(ORGANIZERS_CODE, at_link(21), "Otto", false);
    assert!(host.answers().is_empty(), "that code was not theirs");
}

#[test]
fn a_removal_leaves_the_personal_links_of_others_and_makes_a_new_code() {
    let mut host = with_links();
    let (bernds, before) = (host.link(3), host.code());
    assert_ne!(host.link(2), bernds);
    host.command(OLGA, act(1, r#"{"kind":"remove","participant":"p2"}"#));
    host.begin();
    let summary = host.under_way.as_ref().and_then(|append| append.summary.clone()).unwrap();
    assert_eq!(summary.codes.len(), 5, "two that open it, one that did, and two of links");
    host.end(AppendOutcome::Done);
    host.join_by(bernds, at_link(10), "Bernd", false);
    host.store();
    assert_eq!(host.answers(), Vec::<String>::new());
    let device = host.decider.roll.key(key(at_link(10))).map(|right| right.participant);
    assert_eq!(device, Some(ParticipantId(3)), "a device more of his, though the doors are locked");
    assert_ne!(host.code(), before);
    host.join_by(host.code(), at_link(11), "Emil", false);
    assert_eq!(host.answers(), [format!("11: doors_locked at {}", host.decider.last)]);
    host.command(OLGA, act(2, r#"{"kind":"open_doors"}"#));
    host.join_by(host.code(), at_link(11), "Emil", false);
    host.store();
    assert!(host.decider.roll.key(key(at_link(11))).is_some());
    let next = Host::load(host.log, host.now);
    assert_eq!(next.decider.roll, host.decider.roll, "a start knows the same");
}

#[test]
fn a_participant_has_only_so_many_devices() {
    let mut host = with_links();
    let link = host.link(3);
    let devices = u64::try_from(convene_model::limits::DEVICES_MAX).unwrap();
    for number in 1..devices {
        host.join_by(link, at_link(100 + number), "Bernd", false);
    }
    assert_eq!(host.answers(), Vec::<String>::new());
    host.join_by(link, at_link(200), "Bernd", false);
    assert_eq!(host.answers(), [format!("200: too_many_devices at {}", host.decider.last)]);
}

#[test]
fn a_new_code_is_not_slowed_by_a_crowd_that_had_the_old_one() {
    let mut host = with_links();
    host.decider.joins_until = Some(host.now.instant + JOIN_EVERY * JOINS_AT_ONCE);
    host.command(OLGA, act(1, r#"{"kind":"remove","participant":"p2"}"#));
    host.command(OLGA, act(2, r#"{"kind":"open_doors"}"#));
    host.join_by(host.code(), at_link(10), "Emil", false);
    assert_eq!(host.answers(), Vec::<String>::new());
}

#[test]
fn who_wrote_as_much_as_one_may_writes_no_more_and_others_do() {
    let mut host = with_links();
    host.decider.limits.participant = 3_000;
    let long = "x".repeat(1_000);
    for number in 2..5 {
        host.command(ANNA, say(number, &long));
    }
    host.command(ANNA, act(5, r#"{"kind":"go","room":"foyer"}"#));
    host.command(BERND, say(2, "hello"));
    host.store();
    let refused = Some(Outcome::Refused { code: Refusal::ParticipantFullOfData });
    let accepted = Some(Outcome::Accepted);
    let tail = [accepted, accepted, refused, accepted, accepted];
    assert!(host.outcomes().ends_with(&tail), "{:?}", host.outcomes());
}

#[test]
fn a_conference_that_fills_says_so_at_each_mark_once_and_goes_on() {
    let mut host = with_links();
    host.decider.limits.conference = 20_000;
    let long = "x".repeat(1_000);
    for number in 2..22 {
        host.command(ANNA, say(number, &long));
    }
    host.command(ANNA, act(22, r#"{"kind":"go","room":"foyer"}"#));
    host.store();
    assert_eq!(host.marks(), [80, 100]);
    let full = Some(Outcome::Refused { code: Refusal::ConferenceFullOfData });
    assert!(host.outcomes().ends_with(&[full, Some(Outcome::Accepted)]), "{:?}", host.outcomes());
    host.decider.limits.conference = 1_000_000;
    host.command(ANNA, say(23, "again"));
    host.store();
    assert_eq!(host.marks(), [80, 100, 0]);
    assert_eq!(host.outcomes().last(), Some(&Some(Outcome::Accepted)));
}
