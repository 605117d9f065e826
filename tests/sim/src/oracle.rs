//! What must hold of what every frontend was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use convene_conference::Outcome;
use convene_model::CommandId;

use crate::daemon::{Frontend, Got};

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Judges the end of a world: all obstacles are gone since [`crate::plan::BOUND`].
pub(crate) fn judge(frontends: &[&Frontend]) -> Result<(), Violation> {
    let accepted = accepted(frontends)?;
    let longest = frontends.iter().map(|one| events(one)).max_by_key(Vec::len).unwrap_or_default();
    for frontend in frontends {
        let got = events(frontend);
        each_once(frontend, &got)?;
        if !got.is_sorted_by(|a, b| a.0 < b.0) {
            return broken(format!("frontend {} was given events out of order", frontend.name));
        }
        for command in &accepted {
            if !got.iter().any(|(_, of, _)| of == &Some(*command)) {
                return broken(format!(
                    "frontend {} was never given accepted command {command}",
                    frontend.name
                ));
            }
        }
        if got != longest {
            return broken(format!("frontend {} was given another sequence than the others", frontend.name));
        }
        in_the_order_of_the_outbox(frontend, &got)?;
    }
    Ok(())
}

/// The commands whose receipt said accepted; every command that was told queued has its receipt.
fn accepted(frontends: &[&Frontend]) -> Result<BTreeSet<CommandId>, Violation> {
    let mut accepted = BTreeSet::new();
    for frontend in frontends {
        for wish in frontend.wishes.iter() {
            let receipts: Vec<&Outcome> = frontend
                .got
                .iter()
                .filter_map(|got| match got {
                    Got::Receipt { id, outcome } if *id == wish.id => Some(outcome),
                    Got::Receipt { .. } | Got::Event { .. } => None,
                })
                .collect();
            match (wish.told_queued, receipts.as_slice()) {
                (false, _) => return broken(format!("command {} was never taken into the outbox", wish.id)),
                (true, []) => return broken(format!("queued command {} stalls without a receipt", wish.id)),
                (true, [first, others @ ..]) => {
                    if others.iter().any(|other| other != first) {
                        return broken(format!("command {} has two different receipts", wish.id));
                    }
                    if matches!(first, Outcome::Accepted { .. }) {
                        accepted.insert(wish.id);
                    }
                }
            }
        }
    }
    Ok(accepted)
}

/// Counts command ids in what was delivered, as it was delivered.
fn each_once(frontend: &Frontend, got: &[(u64, Option<CommandId>, String)]) -> Result<(), Violation> {
    let mut counts: BTreeMap<CommandId, usize> = BTreeMap::new();
    for id in got.iter().filter_map(|(_, id, _)| *id) {
        *counts.entry(id).or_default() += 1;
    }
    match counts.iter().find(|(_, count)| **count > 1) {
        Some((id, count)) => {
            broken(format!("frontend {} was given command {id} {count} times", frontend.name))
        }
        None => Ok(()),
    }
}

/// A seat's commands happen in the order in which its frontend was told that they are queued.
fn in_the_order_of_the_outbox(
    frontend: &Frontend,
    got: &[(u64, Option<CommandId>, String)],
) -> Result<(), Violation> {
    let place = |id: CommandId| got.iter().position(|(_, of, _)| *of == Some(id));
    let places: Vec<usize> = frontend.wishes.iter().filter_map(|wish| place(wish.id)).collect();
    if places.is_sorted() {
        Ok(())
    } else {
        broken(format!("commands of {} happened in another order than they were queued", frontend.name))
    }
}

fn events(frontend: &Frontend) -> Vec<(u64, Option<CommandId>, String)> {
    let event = |got: &Got| match got {
        Got::Event { seq, command, text } => Some((*seq, *command, text.clone())),
        Got::Receipt { .. } => None,
    };
    frontend.got.iter().filter_map(event).collect()
}

fn broken<T>(what: String) -> Result<T, Violation> {
    Err(Violation(what))
}
