//! One seat on the conversation.

use convene_protocol::proof::{self, Context, Signature};
use convene_protocol::{Join, Opened, OpenedOutcome, Replica, Resume};
use convene_seat::{Answer, Asked, AskedReplica, Resumption, Seat};

use super::SeatIndex;

/// After an answer of a later version, which cannot be understood, the seat asks again so much
/// later.
const OTHER_RETRY_MS: u64 = 60_000;

/// A seat, and how often it asked on the link as it is.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) seat: Seat,
    pub(super) count: u32,
}

impl Place {
    pub(super) fn new(seat: Seat) -> Self {
        Self { seat, count: 0 }
    }

    /// The wish to be opened, for the `count`th time on a link: who the seat is, where it stands,
    /// and the proof.
    pub(super) fn resume(&self, index: SeatIndex, count: u32, context: &Context) -> Resume {
        let Asked { key, conference, replica, snapshot, join, was_participant } = self.seat.asked();
        let replica = replica.map(|AskedReplica { log, number, receipts, terms }| Replica {
            log,
            number,
            receipts,
            terms: terms.to_vec(),
        });
        let join = Join { code: join.code, name: join.name.clone(), id: join.id };
        let signature = Signature([0; 64]);
        let index = index.0;
        let mut resume =
            Resume { index, count, key, conference, replica, snapshot, join, was_participant, signature };
        let message = proof::resume_message(context, &resume);
        resume.signature = Signature(self.seat.record().secret.sign(&message));
        resume
    }
}

/// The server's answer in the seat's words.
pub(super) fn answer(opened: &Opened) -> Answer {
    match opened.outcome {
        OpenedOutcome::Open { participant, conference, log, role: _, credit, resume } => {
            let resumption = match resume {
                convene_protocol::Resumption::Current | convene_protocol::Resumption::Replay => {
                    Resumption::Events
                }
                convene_protocol::Resumption::Snapshot { number } => Resumption::Snapshot { number },
                convene_protocol::Resumption::Other => Resumption::Other,
            };
            Answer::Open { participant, conference, log, credit, resumption }
        }
        OpenedOutcome::Later { code, retry_after_ms, log } => Answer::Later { code, retry_after_ms, log },
        OpenedOutcome::Refused { code } => Answer::Refused { code },
        OpenedOutcome::Other => {
            let code = convene_conference::Refusal::Other;
            Answer::Later { code, retry_after_ms: OTHER_RETRY_MS, log: None }
        }
    }
}
