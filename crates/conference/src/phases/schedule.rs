//! The schedule of a conference: this family's part of the state.

use std::collections::BTreeMap;

use convene_model::Timestamp;
use convene_model::limits::PHASES_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PhaseBegan, PhaseEnded, PhaseMoved, Scheduled};

/// A phase. Its planned times follow from the start and the minutes of those before it; the times
/// here are actual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// Its kind.
    pub kind: String,
    /// Which round of its kind it is, from 1.
    pub round: u32,
    /// How many rounds follow one another.
    pub rounds: u32,
    /// How long it lasts by the plan.
    pub minutes: u32,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// When it is to end, while it runs; when it ended, afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
}

/// The schedule. Without one a conference is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// When the conference opens; absent once it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opens: Option<Timestamp>,
    /// By number, from 1.
    phases: BTreeMap<u32, Phase>,
    /// The phase that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<u32>,
}

impl Schedule {
    pub(crate) fn of(scheduled: &Scheduled) -> Self {
        let rounds = scheduled.phases.iter().flat_map(|plan| {
            (1..=plan.rounds).map(|round| Phase {
                kind: plan.kind.clone(),
                round,
                rounds: plan.rounds,
                minutes: plan.minutes,
                began: None,
                ends: None,
            })
        });
        let phases = (1..).zip(rounds.take(PHASES_MAX)).collect();
        Self { opens: Some(scheduled.opens), phases, current: None }
    }

    /// Whether people may speak in the plenary.
    pub fn is_open(&self) -> bool {
        self.opens.is_none()
    }

    /// When the conference opens, where it is not open.
    pub fn opens(&self) -> Option<Timestamp> {
        self.opens
    }

    /// The phases by number, from 1.
    pub fn phases(&self) -> &BTreeMap<u32, Phase> {
        &self.phases
    }

    /// The phase that runs, with its number.
    pub fn current(&self) -> Option<(u32, &Phase)> {
        let number = self.current?;
        self.phases.get(&number).map(|phase| (number, phase))
    }

    /// The number of the phase behind this one.
    pub(super) fn behind(&self, number: u32) -> Option<(u32, &Phase)> {
        let next = number.checked_add(1)?;
        self.phases.get(&next).map(|phase| (next, phase))
    }

    pub(crate) fn open(&mut self) {
        self.opens = None;
    }

    pub(crate) fn begin(&mut self, began: &PhaseBegan) {
        self.opens = None;
        if let Some(phase) = self.phases.get_mut(&began.phase) {
            (phase.began, phase.ends) = (Some(began.planned), Some(began.ends));
            self.current = Some(began.phase);
        }
    }

    pub(crate) fn end(&mut self, ended: &PhaseEnded) {
        if let Some(phase) = self.phases.get_mut(&ended.phase) {
            phase.ends = Some(ended.planned);
        }
        self.current.take_if(|current| *current == ended.phase);
    }

    pub(crate) fn move_end(&mut self, moved: &PhaseMoved) {
        if let Some(phase) = self.phases.get_mut(&moved.phase) {
            phase.ends = Some(moved.ends);
        }
    }
}
