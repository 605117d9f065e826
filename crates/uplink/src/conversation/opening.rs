//! Opening seats on the link: with what they prove themselves, and how far each is.

use convene_protocol::proof::{self, Context, Signature};
use convene_protocol::{Cursor, Join, Opened, OpenedOutcome, Resume};
use convene_seat::{Membership, Opening, Phase, Resumption, Seat};

use super::SeatIndex;

/// One seat on the conversation.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) seat: Seat,
    /// Whether the server knows the seat, or has been asked, on the link as it is.
    pub(super) asked: bool,
}

impl Place {
    pub(super) fn new(seat: Seat) -> Self {
        Self { seat, asked: false }
    }

    /// A seat that was refused has nothing more to get; one whose participant left, only what it still asks for.
    pub(super) fn wants_open(&self) -> bool {
        match self.seat.record().phase() {
            Phase::Joining | Phase::Joined => true,
            Phase::Left => !self.seat.record().outbox.is_empty(),
            Phase::Refused { .. } => false,
        }
    }

    /// What the seat tells the server to be opened: who it is, where it stands, and the proof.
    pub(super) fn resume(&self, index: SeatIndex, context: &Context) -> Resume {
        let record = self.seat.record();
        let membership = record.membership.as_ref();
        let join = Join { code: record.join.code, name: record.join.name.clone(), id: record.join.id };
        let mut resume = Resume {
            index: index.0,
            key: record.secret.key(),
            conference: membership.map(|membership| membership.conference),
            cursor: membership.map(|membership| Cursor { log: membership.log, number: record.cursor }),
            join: membership.is_none().then_some(join),
            signature: Signature([0; 64]),
        };
        resume.signature = Signature(record.secret.sign(&proof::message(context, &resume)));
        resume
    }
}

/// The server's answer in the seat's words.
pub(super) fn opening(opened: &Opened) -> Opening {
    match opened.outcome {
        OpenedOutcome::Open { participant, conference, log, role, last_number, resume } => Opening::Open {
            membership: Membership { conference, participant, role, log },
            resumption: match resume {
                convene_protocol::Resumption::Current | convene_protocol::Resumption::Replay => {
                    Resumption::Events
                }
                convene_protocol::Resumption::Snapshot => Resumption::Snapshot,
            },
            last_number,
        },
        OpenedOutcome::Refused { code } => Opening::Refused { code },
    }
}
