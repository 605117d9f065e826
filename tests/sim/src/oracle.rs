//! The conditions that must hold of a world that has come to rest: compared with the log itself.

mod space;

use std::collections::BTreeMap;
use std::fmt::Display;

use convene_conference::{LEVEL, Outcome, Refusal, State};
use convene_hosting::BodyHash;
use convene_model::{CommandId, ConferenceId, Json, LogId, TermId, TermStart};
use convene_seat::{Replica, Seat, Span};

use crate::books::{Copied, Truth};
use crate::frontend::{Told, Wish};
use crate::promise::{Promise, Violation};
use crate::world::{SeatSite, World};

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
        let Some(replica) = &record.replica else { return broken(Promise::Rest, number, "was never opened") };
        if Some(replica.log) != world.books.own(site.conference).and_then(|copied| copied.log) {
            return broken(Promise::Rest, number, "is not in the server's log");
        }
        if let Some(queued) = record.outbox.iter().next() {
            return broken(Promise::Rest, number, format!("command {} stays in the outbox", queued.id));
        }
        if !seat.is_open() && !seat.is_resting() {
            return broken(Promise::Rest, number, format!("is not open: {:?}", seat.standing()));
        }
        if !replica.missing.spans().is_empty() {
            return broken(Promise::Rest, number, "misses what was passed over");
        }
        let frontend = &site.frontend;
        if !frontend.attached || !frontend.holes.is_empty() || frontend.number < replica.cursor {
            return broken(
                Promise::Rest,
                number,
                format!("its frontend stands at {} of {}", frontend.number, replica.cursor),
            );
        }
        if let Some(wish) = frontend.wishes.iter().find(|wish| wish.is_open()) {
            return broken(
                Promise::Rest,
                number,
                format!("its frontend does not know what became of {}", wish.id),
            );
        }
        if !truth(world, site.conference)?.visible_behind(site.key, replica.cursor).is_empty() {
            return broken(Promise::Rest, number, format!("stands at {} and may read more", replica.cursor));
        }
    }
    Ok(())
}

/// Judges a world that has come to rest.
pub(crate) fn judge(world: &World) -> Verdict {
    judge_logs(world)?;
    judge_people(world)?;
    for (number, site) in world.seats.iter().enumerate().filter(|(_, site)| site.active) {
        let copied = copied(world, site.conference)?;
        let truth = &copied.truth;
        judge_seat(world, number, site, copied)?;
        judge_wishes(world, number, site, truth)?;
    }
    Ok(())
}

/// No participant is two people. A device that could not be let in may join by its code, so that a
/// person is two participants.
fn judge_people(world: &World) -> Verdict {
    let mut people = BTreeMap::new();
    for (number, site) in world.seats.iter().enumerate().filter(|(_, site)| site.active) {
        let Some(participant) = truth(world, site.conference)?.participant(site.key) else { continue };
        let person = site.plan.person;
        if *people.entry((site.conference, participant)).or_insert(person) != person {
            return broken(Promise::People, number, format!("is {participant}, who is somebody else"));
        }
    }
    Ok(())
}

/// Judges what is in the logs, and what was in them before a backup was restored.
pub(crate) fn judge_logs(world: &World) -> Verdict {
    for conference in &world.conferences {
        let Some(copied) = world.books.own(*conference) else { continue };
        for truth in copied.before.iter().chain([&copied.truth]) {
            judge_log(*conference, copied.log, truth)?;
            space::judge_events(truth)?;
        }
    }
    Ok(())
}

/// Every entry bears the term that was begun last before it, nobody has written behind what they
/// could not fold, and no command stands twice.
fn judge_log(conference: ConferenceId, log: Option<LogId>, truth: &Truth) -> Verdict {
    let mut term = log.map(TermId::of_log);
    let mut commands = BTreeMap::new();
    let mut of_later_version = None;
    for kept in truth.entries() {
        let number = kept.number;
        if let Some(later) = of_later_version {
            let what =
                format!("entry {number} of {conference} stands behind {later}, which cannot be folded");
            return Err(Promise::Levels.broken(what));
        }
        of_later_version = (kept.entry.level > LEVEL).then_some(number);
        term = kept.entry.term.or(term);
        if Some(kept.term) != term {
            let what = format!("entry {number} of {conference} bears a term that is over");
            return Err(Promise::Terms.broken(what));
        }
        let Some(receipt) = &kept.entry.receipt else { continue };
        if let Some(first) = commands.insert((receipt.participant, receipt.id), number) {
            let what = format!("command {} is decided in entry {first} and again in {number}", receipt.id);
            return Err(Promise::Accepted.broken(what));
        }
    }
    Ok(())
}

/// The replica is what its key may see of the log: order, no gap, no double; so is what was folded,
/// and what the frontend holds.
fn judge_seat(world: &World, number: usize, site: &SeatSite, copied: &Copied) -> Verdict {
    let truth = &copied.truth;
    let record = seat(world, number)?.record();
    if let Some(code) = record.refused {
        // Whether it was right when it was told is looked at then: a restore may have changed it.
        // A newcomer whom another log refused never hears that this one had let them in.
        let is_right = code == Refusal::NameTaken;
        let own = world.books.own(site.conference).and_then(|copied| copied.log);
        let elsewhere = world.books.all(site.conference).into_iter().any(|copied| {
            let logs = copied.before.iter().chain([&copied.truth]);
            copied.log != own && logs.into_iter().any(|truth| truth.has_name(&site.plan.name))
        });
        let was_participant = record.replica.as_ref().is_some_and(|replica| replica.was_participant);
        let is_newcomer = !was_participant && record.aside.is_empty();
        let was_let_in = truth.participant(site.key).is_some() && !(is_newcomer && elsewhere);
        return if was_let_in || !is_right {
            broken(Promise::Refusals, number, format!("was refused for good: {code}"))
        } else {
            Ok(())
        };
    }
    let Some(replica) = &record.replica else { return broken(Promise::Rest, number, "was never opened") };
    if replica.participant.is_none() || replica.participant != truth.participant(site.key) {
        return broken(Promise::People, number, format!("takes itself for {:?}", replica.participant));
    }
    let visible = truth.visible(site.key);
    let stored: Vec<(u64, Json)> = site
        .disk
        .texts(Span { after: 0, through: u64::MAX })
        .into_iter()
        .map(|item| (item.seq, item.text))
        .collect();
    let kept_too: Vec<(u64, Json)> =
        stored.iter().filter(|event| !visible.contains(event)).cloned().collect();
    let only_right = kept_too.iter().all(|(number, text)| copied.may_hold(site.key, *number, text));
    if merged(&visible, &kept_too) != stored || !only_right {
        return broken(
            Promise::Replica,
            number,
            format!("holds {:?} and may see {:?}", numbers(&stored), numbers(&visible)),
        );
    }
    let seen: Vec<(u64, Json)> =
        site.frontend.seen.iter().map(|item| (item.seq, item.text.clone())).collect();
    if let Some(what) = &site.frontend.broken {
        return broken(Promise::Frontends, number, what.clone());
    }
    if seen != stored || site.frontend.number != replica.cursor {
        return broken(
            Promise::Frontends,
            number,
            format!("its frontend holds {:?}, not {:?}", numbers(&seen), numbers(&stored)),
        );
    }
    if !copied.may_stand_at(site.key, replica.cursor) {
        return broken(
            Promise::Secrets,
            number,
            format!("stands at {}, behind what it may read", replica.cursor),
        );
    }
    judge_memory(number, site, replica, record.outbox.len())?;
    judge_fold(number, replica, &stored)?;
    judge_terms(number, replica, truth)?;
    judge_receipts(number, replica, site, truth)
}

/// Checks that the daemon has in memory what a restart would read.
fn judge_memory(number: usize, site: &SeatSite, replica: &Replica, waiting: usize) -> Verdict {
    let stored = site.disk.read();
    let Some(read) = &stored.replica else { return broken(Promise::Replica, number, "is not stored") };
    let same = |one: &Replica, other: &Replica| {
        (one.cursor, &one.terms, &one.missing, &one.receipts)
            == (other.cursor, &other.terms, &other.missing, &other.receipts)
            && one.state.as_ref().map(State::public) == other.state.as_ref().map(State::public)
    };
    if !same(replica, read) || stored.outbox.len() != waiting {
        return broken(Promise::Replica, number, "has in memory what a restart would not read");
    }
    Ok(())
}

fn judge_fold(number: usize, replica: &Replica, stored: &[(u64, Json)]) -> Verdict {
    let mut state = State::default();
    for (_, text) in stored {
        if let Ok(event) = serde_json::from_str(text.get()) {
            state.evolve(&event);
        }
    }
    match &replica.state {
        Some(folded) if folded.public() == state.public() => Ok(()),
        _ => broken(Promise::Replica, number, "has folded another state than its events give"),
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
            Promise::Replica,
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
                Promise::Accepted,
                number,
                format!("keeps a receipt of {id} that entry {} does not hold", kept.number),
            );
        }
    }
    Ok(())
}

/// Checks that the log holds what a frontend was told of its commands.
fn judge_wishes(world: &World, number: usize, site: &SeatSite, truth: &Truth) -> Verdict {
    let Some(participant) = truth.participant(site.key) else { return Ok(()) };
    if seat(world, number)?.record().refused.is_some() {
        return Ok(());
    }
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
        if let Some((promise, what)) = judge_wish(
            wish,
            copied.log,
            decided,
            (alone, voided, copied.forgotten.contains(&wish.id), stands(wish)),
        ) {
            return broken(promise, number, format!("was told {:?} of {}: {what}", wish.told, wish.id));
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
) -> Option<(Promise, &'static str)> {
    let here =
        wish.told.iter().rev().find(|(of, told)| *of == log && *told != Told::Queued).map(|(_, told)| *told);
    let ever = |told: Told| wish.told.iter().any(|(_, one)| *one == told);
    let accepted = matches!(decided, Some((_, Outcome::Accepted)));
    match here {
        // One that was lost while its frontend was away, and sent again by another device, is
        // there.
        Some(Told::Accepted(at)) if !accepted || !voided && decided.map(|(number, _)| number) != Some(at) => {
            return Some((Promise::Accepted, "the log does not hold it there"));
        }
        Some(Told::Refused(_, Refusal::IdReused)) if alone => {
            return Some((Promise::Refusals, "nobody used its id for anything else"));
        }
        Some(Told::Refused(_, Refusal::IdReused)) if stands && !ever(Told::Lost) => {
            return Some((Promise::Refusals, "its own text stands in the log"));
        }
        Some(Told::Refused(_, Refusal::IdReused)) => {}
        Some(Told::Refused(..)) if accepted && !forgotten => {
            return Some((Promise::Nothing, "the log accepted it"));
        }
        _ => {}
    }
    let was_lost = wish.told.iter().any(|(of, told)| *of == log && *told == Told::Lost);
    if was_lost && !voided {
        return Some((Promise::Accepted, "no restore removed it"));
    }
    if wish.last() == Some(Told::Nothing) && decided.is_some() && alone {
        return Some((Promise::Nothing, "the log holds it"));
    }
    if wish.last() == Some(Told::Queued) {
        return Some((Promise::Rest, "it was never told more"));
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
        // Before it was opened first, a seat was in no log.
        let order = wish.order.get(&log).or_else(|| wish.order.get(&None)).copied();
        places.extend(order.zip(found.get(&wish.id).map(|(number, _)| *number)));
    }
    places.sort_unstable();
    match places.windows(2).find(|pair| !pair.is_sorted_by(|one, next| one.1 < next.1)) {
        Some(pair) => {
            let what = format!("commands of it stand in another order than it took them: {pair:?}");
            broken(Promise::Order, number, what)
        }
        None => Ok(()),
    }
}

fn seat(world: &World, number: usize) -> Result<&Seat, Violation> {
    let seat = world.daemon_of(number).and_then(|daemon| daemon.seat(number));
    seat.ok_or_else(|| Promise::Rest.broken(format!("the daemon of seat {number} does not run")))
}

fn copied(world: &World, conference: ConferenceId) -> Result<&Copied, Violation> {
    world.books.own(conference).ok_or_else(|| Promise::Rest.broken("a log is gone"))
}

fn truth(world: &World, conference: ConferenceId) -> Result<&Truth, Violation> {
    copied(world, conference).map(|copied| &copied.truth)
}

/// Two lists in the order of numbers, in one.
fn merged(one: &[(u64, Json)], other: &[(u64, Json)]) -> Vec<(u64, Json)> {
    let mut all = [one, other].concat();
    all.sort_by_key(|(number, _)| *number);
    all
}

fn numbers(list: &[(u64, Json)]) -> Vec<u64> {
    list.iter().map(|(number, _)| *number).collect()
}

fn broken<T>(promise: Promise, number: usize, what: impl Display) -> Result<T, Violation> {
    Err(promise.broken(format!("seat {number} {what}")))
}

#[cfg(test)]
mod tests;
