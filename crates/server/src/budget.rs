//! Budgets by owner. Whatever an outsider can make this server hold is charged to somebody, has a
//! limit there and a share of the whole that leaves room for the others, and is given back when its
//! owner goes.
//!
//! The machines in `turnstile`, `pace` and `pacing` are pure and are told the time; [`Purse`],
//! [`Places`] and [`Waiting`] share them, and [`Shares`](convene_model::Shares), among tasks.

mod block;
mod conference_pace;
mod limits;
mod pace;
mod pacing;
mod places;
mod purse;
mod queues;
mod tally;
mod turnstile;
mod waiting;

pub(crate) use self::block::Block;
pub(crate) use self::limits::Limits;
pub(crate) use self::pacing::{CommandsSize, NoRoom, Paces, Pacing, Sender};
pub(crate) use self::places::{Place, Places};
pub(crate) use self::purse::{Held, Purse};
pub(crate) use self::queues::{Queued, Queues};
pub(crate) use self::tally::Tally;
pub(crate) use self::waiting::{Guest, Waiting};

use convene_model::ShareLimit;

/// Everything of which a connection takes its part, beside its place.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    /// Connections that have not finished their handshake.
    pub(crate) handshakes: Waiting,
    /// Bytes of frames and of requests' bodies that are not whole yet.
    pub(crate) unfinished: Purse,
    /// Sessions of single requests.
    pub(crate) sessions: Purse,
    /// Links, with and without a pipe.
    pub(crate) links: Places,
    /// Bytes that wait for daemons.
    pub(crate) queues: Queues,
    /// The commands of each seat and each conference.
    paces: Paces,
    /// Bytes of commands that wait for it.
    paced: Purse,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        let each = limits.connections_per_network;
        Self {
            handshakes: Waiting::new(limits.handshakes, limits.handshakes_per_network),
            unfinished: Purse::new(ShareLimit {
                whole: limits.unfinished_bytes,
                each: limits.unfinished_bytes_per_network,
            }),
            sessions: Purse::new(ShareLimit { whole: limits.connections, each }),
            links: Places::new(limits.connections, each),
            queues: Queues::new(limits.queue_bytes),
            paces: Paces::new(&limits),
            paced: Purse::new(ShareLimit { whole: limits.paced_bytes, each: limits.paced_bytes_per_network }),
            limits,
        }
    }

    /// The pace of a link that began in this network.
    pub(crate) fn pacing<C>(&self, owner: Block) -> Pacing<C> {
        Pacing::new(self.paces.clone(), self.paced.clone(), owner)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}
