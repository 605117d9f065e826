//! The facts about a seat that are kept beside its record.

use convene_model::{Fingerprint, PortRange};
use convene_seat::{JoinRequest, SeatRecord, SeatSecret};

use super::SeatId;

/// Everything that is needed to reach a seat's server again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerAddress {
    /// A DNS name in lower case, an IPv4 address, or an IPv6 address without brackets.
    pub(crate) host: String,
    /// The port of the rung `https`.
    pub(crate) https_port: u16,
    /// The conference ports.
    pub(crate) ports: PortRange,
    /// The only key that the server may have; absent where the operating system's trust decides.
    pub(crate) fingerprint: Option<Fingerprint>,
}

/// A seat that is about to ask to join.
#[derive(Debug, Clone)]
pub(crate) struct NewSeat {
    /// The user who owns the seat, as [`UserId::as_str`](crate::os::UserId::as_str) says it.
    pub(crate) user: String,
    /// The server that it asks.
    pub(crate) server: ServerAddress,
    /// Its key.
    pub(crate) secret: SeatSecret,
    /// The request with which it asks.
    pub(crate) join: JoinRequest,
}

/// A seat as a restart finds it.
#[derive(Debug, Clone)]
pub(crate) struct StoredSeat {
    /// Its number here.
    pub(crate) id: SeatId,
    /// The user who owns the seat, as [`UserId::as_str`](crate::os::UserId::as_str) said it.
    pub(crate) user: String,
    /// The server of its conference.
    pub(crate) server: ServerAddress,
    /// The fold of its durable writes.
    pub(crate) record: SeatRecord,
}
