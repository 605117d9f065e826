//! Pipes, and how they end.

use convene_protocol::Bye;

/// One connection that carries frames. Numbers are never used twice by one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PipeId(pub u64);

/// A frame to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit<T> {
    /// On which pipe.
    pub pipe: PipeId,
    /// Its number, for carriers that lose, repeat or reorder. Those that keep all frames of a pipe,
    /// control frames too, in the order in which they were given out need not carry it. Control
    /// frames have none.
    pub number: Option<u64>,
    /// The frame.
    pub text: T,
}

/// Why a pipe is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipeDeath {
    /// It was closed, by the other end or on the way.
    Closed,
    /// The other end was asked and did not answer, or said nothing for too long.
    Silent,
    /// A text came that is not a frame, or not at its time.
    Malformed,
    /// The other end did not answer the attach.
    NotAttached,
    /// A newer pipe has taken its place.
    Superseded,
    /// The server ended it, with a reason.
    Bye(Bye),
}

/// For what a machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The answer to the attach is overdue.
    AttachOverdue,
    /// The other end must be asked whether it is there.
    PingDue,
    /// The other end has not answered.
    PongOverdue,
    /// Frames must be acknowledged.
    AckDue,
    /// Frames are not acknowledged.
    AckOverdue,
    /// Nothing was heard for too long.
    Silence,
}
