//! What must hold of a world that has come to rest: compared with the log itself.

use std::collections::BTreeMap;
use std::fmt;

use convene_conference::{Outcome, Refusal, State};
use convene_hosting::BodyHash;
use convene_model::{CommandId, ConferenceId, Json, LogId, ParticipantId, TermId, TermStart};
use convene_seat::{Replica, Seat, Span};

use crate::books::{Copied, Truth};
use crate::frontend::{Told, Wish};
use crate::world::{SeatSite, World};

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

type Verdict = Result<(), Violation>;

/// Whether nothing is under way any more: every outbox is empty, every seat is open, and nothing is
/// missing.
pub(crate) fn is_settled(world: &World) -> Verdict {
    for (number, site) in world.seats.iter().enumerate().filter(|(_, site)| site.active) {
        let seat = seat(world, number)?;
        let record = seat.record();
        if record.refused.is_some() {
            continue;
        }
        let Some(replica) = &record.replica else { return broken(number, "was never opened") };
        if Some(replica.log) != world.books.own(site.conference).and_then(|copied| copied.log) {
            return broken(number, "is not in the server's log");
        }
        if let Some(queued) = record.outbox.iter().next() {
            return broken(number, format!("command {} stays in the outbox", queued.id));
        }
        if !seat.is_open() && !seat.is_resting() {
            return broken(number, format!("is not open: {:?}", seat.standing()));
        }
        if !replica.missing.spans().is_empty() {
            return broken(number, "misses what was passed over");
        }
        let frontend = &site.frontend;
        if !frontend.attached || !frontend.holes.is_empty() || frontend.number < replica.cursor {
            return broken(
                number,
                format!("its frontend stands at {} of {}", frontend.number, replica.cursor),
            );
        }
        if let Some(wish) = frontend.wishes.iter().find(|wish| wish.is_open()) {
            return broken(number, format!("its frontend does not know what became of {}", wish.id));
        }
        if !truth(world, site.conference)?.visible_behind(site.key, replica.cursor).is_empty() {
            return broken(number, format!("stands at {} and may read more", replica.cursor));
        }
    }
    Ok(())
}

/// Judges a world that has come to rest.
pub(crate) fn judge(world: &World) -> Verdict {
    for conference in &world.conferences {
        if let Some(copied) = world.books.own(*conference) {
            judge_log(*conference, copied)?;
        }
    }
    let mut people: BTreeMap<(ConferenceId, ParticipantId), usize> = BTreeMap::new();
    for (number, site) in world.seats.iter().enumerate().filter(|(_, site)| site.active) {
        let truth = truth(world, site.conference)?;
        judge_seat(world, number, site, truth)?;
        judge_wishes(world, number, site, truth)?;
        if let Some(participant) = truth.participant(site.key) {
            let person = *people.entry((site.conference, participant)).or_insert(site.plan.person);
            if person != site.plan.person {
                return broken(number, format!("is {participant}, who is somebody else"));
            }
        }
    }
    Ok(())
}

/// Every entry bears the term that was begun last before it, and no command stands twice.
fn judge_log(conference: ConferenceId, copied: &Copied) -> Verdict {
    let mut term = copied.log.map(TermId::of_log);
    let mut commands = BTreeMap::new();
    for kept in copied.entries() {
        term = kept.entry.term.or(term);
        if Some(kept.term) != term {
            return Err(Violation(format!(
                "entry {} of {conference} bears a term that is over",
                kept.number
            )));
        }
        let Some(receipt) = &kept.entry.receipt else { continue };
        if let Some(first) = commands.insert((receipt.participant, receipt.id), kept.number) {
            let (id, second) = (receipt.id, kept.number);
            return Err(Violation(format!("command {id} is decided in entry {first} and again in {second}")));
        }
    }
    Ok(())
}

/// The replica is what its key may see of the log: order, no gap, no double; so is what was folded,
/// and what the frontend holds.
fn judge_seat(world: &World, number: usize, site: &SeatSite, truth: &Truth) -> Verdict {
    let record = seat(world, number)?.record();
    if let Some(code) = record.refused {
        // Whether it was right when it was told is looked at then: a restore may have changed it.
        let is_right = code == Refusal::NameTaken;
        return if truth.participant(site.key).is_some() || !is_right {
            broken(number, format!("was refused for good: {code}"))
        } else {
            Ok(())
        };
    }
    let Some(replica) = &record.replica else { return broken(number, "was never opened") };
    if replica.participant.is_none() || replica.participant != truth.participant(site.key) {
        return broken(number, format!("takes itself for {:?}", replica.participant));
    }
    let visible = truth.visible(site.key);
    let stored: Vec<(u64, Json)> = site
        .disk
        .texts(Span { after: 0, through: u64::MAX })
        .into_iter()
        .map(|item| (item.seq, item.text))
        .collect();
    if stored != visible {
        return broken(number, format!("holds {:?} and may see {:?}", numbers(&stored), numbers(&visible)));
    }
    let seen: Vec<(u64, Json)> =
        site.frontend.seen.iter().map(|item| (item.seq, item.text.clone())).collect();
    if let Some(what) = &site.frontend.broken {
        return broken(number, what.clone());
    }
    if seen != visible || site.frontend.number != replica.cursor {
        return broken(
            number,
            format!("its frontend holds {:?}, not {:?}", numbers(&seen), numbers(&visible)),
        );
    }
    if replica.cursor > truth.end(site.key) {
        return broken(number, format!("stands at {}, behind what it may read", replica.cursor));
    }
    judge_memory(number, site, replica, record.outbox.len())?;
    judge_fold(number, replica, &visible)?;
    judge_terms(number, replica, truth)?;
    judge_receipts(number, replica, site, truth)
}

/// What the daemon has in memory is what a restart would read.
fn judge_memory(number: usize, site: &SeatSite, replica: &Replica, waiting: usize) -> Verdict {
    let stored = site.disk.read();
    let Some(read) = &stored.replica else { return broken(number, "is not stored") };
    let same = |one: &Replica, other: &Replica| {
        (one.cursor, &one.terms, &one.missing, &one.receipts)
            == (other.cursor, &other.terms, &other.missing, &other.receipts)
            && one.state.as_ref().map(State::public) == other.state.as_ref().map(State::public)
    };
    if !same(replica, read) || stored.outbox.len() != waiting {
        return broken(number, "has in memory what a restart would not read");
    }
    Ok(())
}

fn judge_fold(number: usize, replica: &Replica, visible: &[(u64, Json)]) -> Verdict {
    let mut state = State::default();
    for (_, text) in visible {
        if let Ok(event) = serde_json::from_str(text.get()) {
            state.evolve(&event);
        }
    }
    match &replica.state {
        Some(folded) if folded.public() == state.public() => Ok(()),
        _ => broken(number, "has folded another state than its events give"),
    }
}

/// A replica knows the terms of the log up to its cursor, and no others.
fn judge_terms(number: usize, replica: &Replica, truth: &Truth) -> Verdict {
    let begun = truth
        .entries()
        .iter()
        .filter_map(|kept| kept.entry.term.map(|term| TermStart { term, from: kept.number }));
    let top = replica.cursor.max(replica.receipts.highest());
    let begun: Vec<TermStart> = begun.filter(|start| start.from <= top).collect();
    let known: Vec<TermStart> = replica.terms.starts().to_vec();
    if known != begun {
        let from = |list: &[TermStart]| list.iter().map(|start| start.from).collect::<Vec<_>>();
        return broken(
            number,
            format!("knows terms from {:?}, and there are {:?}", from(&known), from(&begun)),
        );
    }
    Ok(())
}

fn judge_receipts(number: usize, replica: &Replica, site: &SeatSite, truth: &Truth) -> Verdict {
    for (id, kept) in replica.receipts.iter() {
        if !truth.holds_receipt(site.key, kept.number, id, kept.outcome) {
            return broken(
                number,
                format!("keeps a receipt of {id} that entry {} does not hold", kept.number),
            );
        }
    }
    Ok(())
}

/// What a frontend was told of its commands is what the log holds.
fn judge_wishes(world: &World, number: usize, site: &SeatSite, truth: &Truth) -> Verdict {
    let Some(participant) = truth.participant(site.key) else { return Ok(()) };
    let Some(copied) = world.books.own(site.conference) else { return Ok(()) };
    let found: BTreeMap<CommandId, (u64, Outcome)> = copied
        .entries()
        .iter()
        .filter_map(|kept| Some((kept.number, kept.entry.receipt.as_ref()?)))
        .filter(|(_, receipt)| receipt.participant == participant)
        .map(|(number, receipt)| (receipt.id, (number, receipt.outcome)))
        .collect();
    let theirs = |id: CommandId| {
        let others = world.seats.iter().filter(|other| other.plan.person == site.plan.person);
        others.flat_map(|other| &other.frontend.wishes).filter(move |wish| wish.id == id)
    };
    let stands = |wish: &Wish| {
        let receipts = copied.entries().iter().filter_map(|kept| kept.entry.receipt.as_ref());
        let mut own = receipts.filter(|receipt| receipt.participant == participant && receipt.id == wish.id);
        own.any(|receipt| receipt.hash == BodyHash::of(&wish.body))
    };
    for wish in &site.frontend.wishes {
        let decided = found.get(&wish.id).copied();
        let alone = theirs(wish.id).count() == 1;
        let voided = copied.voided.contains(&wish.id);
        if let Some(what) = judge_wish(
            wish,
            copied.log,
            decided,
            (alone, voided, copied.forgotten.contains(&wish.id), stands(wish)),
        ) {
            return broken(number, format!("was told {:?} of {}: {what}", wish.told, wish.id));
        }
    }
    judge_order(number, site, copied.log, &found, |id| theirs(id).count() == 1)
}

/// Why what was told of a command is wrong, if it is.
fn judge_wish(
    wish: &Wish,
    log: Option<LogId>,
    decided: Option<(u64, Outcome)>,
    (alone, voided, forgotten, stands): (bool, bool, bool, bool),
) -> Option<&'static str> {
    let here =
        wish.told.iter().rev().find(|(of, told)| *of == log && *told != Told::Queued).map(|(_, told)| *told);
    let ever = |told: Told| wish.told.iter().any(|(_, one)| *one == told);
    let accepted = matches!(decided, Some((_, Outcome::Accepted)));
    match here {
        // One that was lost while its frontend was away, and sent again by another device, is
        // there.
        Some(Told::Accepted(at)) if !accepted || !voided && decided.map(|(number, _)| number) != Some(at) => {
            return Some("the log does not hold it there");
        }
        Some(Told::Refused(_, Refusal::IdReused)) if alone => {
            return Some("nobody used its id for anything else");
        }
        Some(Told::Refused(_, Refusal::IdReused)) if stands && !ever(Told::Lost) => {
            return Some("its own text stands in the log");
        }
        Some(Told::Refused(_, Refusal::IdReused)) => {}
        Some(Told::Refused(..)) if accepted && !forgotten => return Some("the log accepted it"),
        _ => {}
    }
    let was_lost = wish.told.iter().any(|(of, told)| *of == log && *told == Told::Lost);
    if was_lost && !voided {
        return Some("no restore removed it");
    }
    if wish.last() == Some(Told::Nothing) && decided.is_some() && alone {
        return Some("the log holds it");
    }
    if wish.last() == Some(Told::Queued) {
        return Some("it was never told more");
    }
    None
}

/// Commands of one device stand in the log in the order in which the device took them.
fn judge_order(
    number: usize,
    site: &SeatSite,
    log: Option<LogId>,
    found: &BTreeMap<CommandId, (u64, Outcome)>,
    is_alone: impl Fn(CommandId) -> bool,
) -> Verdict {
    // One that another device sent as well stands where the first of both came.
    let here = |wish: &Wish| wish.told.iter().all(|(of, told)| *of == log && *told != Told::Lost);
    let plain = |wish: &&Wish| here(wish) && is_alone(wish.id);
    let mut places: Vec<(u64, u64)> = Vec::new();
    for wish in site.frontend.wishes.iter().filter(plain) {
        places.extend(wish.order.zip(found.get(&wish.id).map(|(number, _)| *number)));
    }
    places.sort_unstable();
    if places.is_sorted_by(|one, next| one.1 < next.1) {
        Ok(())
    } else {
        broken(number, format!("its commands stand in another order than it took them: {places:?}"))
    }
}

fn seat(world: &World, number: usize) -> Result<&Seat, Violation> {
    let seat = world.daemon_of(number).and_then(|daemon| daemon.seat(number));
    seat.ok_or_else(|| Violation(format!("the daemon of seat {number} does not run")))
}

fn truth(world: &World, conference: ConferenceId) -> Result<&Truth, Violation> {
    let copied = world.books.own(conference);
    copied.map(|copied| &copied.truth).ok_or_else(|| Violation("a log is gone".to_owned()))
}

fn numbers(list: &[(u64, Json)]) -> Vec<u64> {
    list.iter().map(|(number, _)| *number).collect()
}

fn broken<T>(number: usize, what: impl fmt::Display) -> Result<T, Violation> {
    Err(Violation(format!("seat {number} {what}")))
}
