//! The network changes while people talk.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use convene_model::Rung;
use convene_tests_hostile::{
    Daemon, Event, Families, PATIENCE, Process, Proxy, Settings, World, in_network, patiently,
};
use uuid::Uuid;

use crate::expect::{FAST, WAIT};

/// How soon a path that resets is replaced: it is noticed at once, and a second death within two
/// minutes costs a pause of up to 2 s before a race that may be slow.
const AFTER_RESET: Duration = Duration::from_secs(15);
/// How soon a path that falls silent is replaced: it is noticed within 45 s.
const AFTER_SILENCE: Duration = Duration::from_secs(45);
/// How long one message waits for its receipt before the next is written: people do not wait for a
/// broken network.
const RECEIPT_WAIT: Duration = Duration::from_secs(1);
/// Between two messages of one person: quick for a person, and leaves the machine to the other
/// tests.
const PACE: Duration = Duration::from_millis(100);
/// Messages that must have come on every new path before the next one closes.
const SOME: usize = 10;

/// The rules of the firewall when it closes a path, and how soon the next one must be in use.
struct Closing {
    rules: &'static str,
    limit: Duration,
}

#[test]
fn a_conference_goes_on_while_the_firewall_closes_one_path_and_opens_another() {
    goes_on(
        &Closing { rules: "tcp dport 4500-4506 reject with tcp reset", limit: AFTER_RESET },
        &Closing { rules: "meta l4proto tcp reject with tcp reset\ndrop", limit: AFTER_RESET },
    );
}

/// Only what the server says is dropped: it decides what it goes on hearing, and nobody learns of
/// it.
#[test]
fn a_conference_goes_on_although_the_path_in_use_falls_silent() {
    goes_on(
        &Closing { rules: "tcp sport 4500-4506 drop", limit: AFTER_SILENCE },
        &Closing { rules: "meta l4proto tcp reject with tcp reset\ndrop", limit: AFTER_RESET },
    );
}

/// The better pipe has greeted before the other is let go; then the link goes over to it, which
/// takes a round trip.
#[test]
fn a_better_way_that_opens_is_taken_while_people_talk() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 drop");
        let world = World::open(network);
        let daemon = world.daemon("anna", &Settings::default());
        let people = [Person::join("anna", &daemon)];
        let talking = AtomicBool::new(true);
        let written = thread::scope(|scope| {
            let hand = scope.spawn(|| people[0].talk(&talking));
            let hush = Hush(&talking);
            await_move(&people, Rung::Https, AFTER_RESET);
            world.network().filter("");
            // It asks the daemon to try everything anew.
            let checked = daemon.check("en", WAIT);
            assert_eq!(checked.exit, Some(0), "{checked:?}");
            await_move(&people, Rung::Direct, FAST);
            drop(hush);
            [hand.join().expect("whatever a person writes is taken")]
        });
        people[0].assert_has_all(&written);
        assert_eq!(messages(world.events()), people[0].heard(), "the server keeps another conference");
        let told = |what: &str| daemon.log().matches(what).count();
        assert!(told(": connected ") >= 2, "each way is told: {}", daemon.log());
        assert_eq!(told(": the connection ended "), 0, "it was without a connection: {}", daemon.log());
    });
}

/// Two people talk all the time. At first only the conference ports are open, then only 443, then
/// only the proxy's way. Whatever they wrote comes to both exactly once, in one order, each one's
/// in the order of writing.
fn goes_on(but_443: &Closing, but_the_proxy: &Closing) {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 443 drop");
        let world = World::open(network);
        let proxy = Proxy::squid(world.network(), &[443], None);
        let settings = Settings { environment: vec![("https_proxy", proxy.url())], ..Settings::default() };
        let daemons = ["anna", "ben"].map(|name| (name, world.daemon(name, &settings)));
        let people = daemons.each_ref().map(|(name, daemon)| Person::join(name, daemon));

        let talking = AtomicBool::new(true);
        let written = thread::scope(|scope| {
            let hands = people.each_ref().map(|person| scope.spawn(|| person.talk(&talking)));
            let hush = Hush(&talking);
            await_move(&people, Rung::Direct, AFTER_RESET);
            for (closing, rung) in [(but_443, Rung::Https), (but_the_proxy, Rung::Proxy)] {
                world.network().filter(closing.rules);
                await_move(&people, rung, closing.limit);
            }
            drop(hush);
            hands.map(|hand| hand.join().expect("whatever a person writes is taken"))
        });

        for person in &people {
            person.assert_has_all(&written);
        }
        let [anna, ben] = people.each_ref().map(Person::heard);
        assert_eq!(anna, ben, "the two heard different conferences");
        assert_eq!(messages(world.events()), anna, "the server keeps another conference");
        for person in &people {
            assert_eq!(messages(person.daemon.tail()), anna, "{} keeps another conference", person.name);
        }
    });
}

/// Everybody is on that rung, and has heard more since.
fn await_move(people: &[Person<'_>], rung: Rung, limit: Duration) {
    for person in people {
        let arrived = patiently(limit, || {
            let route = person.daemon.status()?.route?;
            (route.rung == rung).then_some(())
        });
        assert!(arrived.is_some(), "{} is not on {rung:?} within {limit:?}", person.name);
    }
    for person in people {
        let before = person.heard().len();
        let heard = patiently(PATIENCE, || (person.heard().len() >= before + SOME).then_some(()));
        assert!(heard.is_some(), "{} hears nothing over {rung:?}", person.name);
    }
}

/// A message as it was written: its command's id and its text.
type Written = (String, String);

/// Someone at a frontend that shows everything as it happens.
struct Person<'a> {
    name: &'static str,
    daemon: &'a Daemon<'a>,
    tail: Process,
}

impl<'a> Person<'a> {
    fn join(name: &'static str, daemon: &'a Daemon<'a>) -> Self {
        let joined = daemon.join(name, WAIT);
        assert_eq!(joined.exit, Some(0), "{joined:?}");
        Self { name, daemon, tail: daemon.follow() }
    }

    /// Writes one message after the other, with or without a network.
    fn talk(&self, talking: &AtomicBool) -> Vec<Written> {
        let mut written = Vec::new();
        while talking.load(Ordering::Relaxed) {
            let (id, text) = (Uuid::new_v4().to_string(), format!("{} {}", self.name, written.len()));
            let said = self.daemon.say(&text, &id, RECEIPT_WAIT);
            assert_eq!(said.exit, Some(0), "{said:?}");
            let answer = said.answer.expect("`say` prints its line");
            assert!(answer.state == "accepted" || answer.state == "queued", "{answer:?}");
            assert_eq!(answer.command, id);
            written.push((id, text));
            thread::park_timeout(PACE);
        }
        written
    }

    /// Every message that the frontend was given, in order, as often as it was given.
    fn heard(&self) -> Vec<(u64, Written)> {
        messages(self.daemon.followed(&self.tail))
    }

    /// Nothing is lost, nothing is doubled, and nobody's messages are out of order.
    fn assert_has_all(&self, written: &[Vec<Written>]) {
        let count = written.iter().map(Vec::len).sum::<usize>();
        let all = patiently(PATIENCE, || (self.heard().len() >= count).then_some(()));
        let heard = self.heard();
        assert!(all.is_some(), "{} heard {} of {count}", self.name, heard.len());
        let ids: BTreeSet<_> = heard.iter().map(|(_, (id, _))| id).collect();
        assert_eq!(ids.len(), heard.len(), "{} heard something twice", self.name);
        assert!(heard.is_sorted_by(|(before, _), (after, _)| before < after), "{} heard disorder", self.name);
        for theirs in written {
            let order = heard.iter().map(|(_, message)| message).filter(|message| theirs.contains(message));
            assert!(order.eq(theirs), "{} heard someone out of order", self.name);
        }
    }
}

/// Ends the talk, also when the test fails meanwhile.
struct Hush<'a>(&'a AtomicBool);

impl Drop for Hush<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// The messages among the events, with their numbers.
fn messages(events: Vec<Event>) -> Vec<(u64, Written)> {
    let said = events.into_iter().filter(|event| event.kind == "said");
    let written = |event: Event| {
        let id = event.command.expect("a message came of a command");
        (event.seq, (id, event.text.expect("a message has a text")))
    };
    said.map(written).collect()
}
