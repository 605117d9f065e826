//! The requests of the carriers that need no WebSocket, as they stand in a request line.

use std::fmt;
use std::str::FromStr;

use crate::ids::{IdError, SessionId};

/// One request. All are `POST`: what sits between remembers nothing of them and repeats none by
/// itself. A request that is repeated under the same number does what it did before and gets the
/// same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollRequest {
    /// Begins a session. The answer is its id.
    Open,
    /// Carries the batch of this number, counted from 1, to the server: frames, one per line. The
    /// answer is empty.
    Up {
        /// On which session.
        session: SessionId,
        /// Of the batch.
        number: u64,
    },
    /// Asks for the batch of this number, counted from 1. The answer comes when there are frames,
    /// and at last, empty, when the time is over.
    Down {
        /// On which session.
        session: SessionId,
        /// Of the batch.
        number: u64,
        /// The longest time that the answer may be held, in milliseconds.
        hold_ms: u32,
    },
    /// Asks for all frames from now on, in one answer that does not end: each an event of
    /// `text/event-stream`. Frames that go up still go by [`PollRequest::Up`]. Once in a session,
    /// in place of every [`PollRequest::Down`].
    Stream {
        /// On which session.
        session: SessionId,
    },
}

/// The path at which sessions begin.
const PATH: &str = "/v1/poll";

impl fmt::Display for PollRequest {
    /// The path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str(PATH),
            Self::Up { session, number } => write!(f, "{PATH}/{session}/up/{number}"),
            Self::Down { session, number, hold_ms } => {
                write!(f, "{PATH}/{session}/down/{number}/{hold_ms}")
            }
            Self::Stream { session } => write!(f, "{PATH}/{session}/stream"),
        }
    }
}

impl FromStr for PollRequest {
    type Err = IdError;

    fn from_str(path: &str) -> Result<Self, IdError> {
        let foreign = IdError { kind: "poll request" };
        let rest = path.strip_prefix(PATH).ok_or_else(|| foreign.clone())?;
        let parts: Vec<&str> = rest.split('/').skip(1).collect();
        let number = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u64>().ok().filter(|number| plain && *number > 0).ok_or_else(|| foreign.clone())
        };
        match parts.as_slice() {
            [] if rest.is_empty() => Ok(Self::Open),
            [session, "stream"] => Ok(Self::Stream { session: session.parse()? }),
            [session, "up", up] => Ok(Self::Up { session: session.parse()?, number: number(up)? }),
            [session, "down", down, hold] => {
                let hold_ms = hold.parse().map_err(|_| foreign.clone())?;
                Ok(Self::Down { session: session.parse()?, number: number(down)?, hold_ms })
            }
            _ => Err(foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_survive_printing_and_parsing() {
        let session = SessionId([3; 16]);
        for request in [
            PollRequest::Open,
            PollRequest::Up { session, number: 1 },
            PollRequest::Down { session, number: u64::MAX, hold_ms: 25_000 },
            PollRequest::Stream { session },
        ] {
            assert_eq!(request.to_string().parse(), Ok(request));
        }
    }

    #[test]
    fn foreign_paths_are_refused() {
        let session = SessionId([3; 16]);
        for path in [
            "/v1/polls".to_owned(),
            "/v1/poll/".to_owned(),
            format!("/v1/poll/{session}"),
            format!("/v1/poll/{session}/up/0"),
            format!("/v1/poll/{session}/up/+1"),
            format!("/v1/poll/{session}/up/1/2"),
            format!("/v1/poll/{session}/down/1"),
            format!("/v1/poll/{session}/stream/1"),
            format!("/v1/poll/{session}/down/1/99999999999"),
            "/v1/poll/short/up/1".to_owned(),
        ] {
            assert!(path.parse::<PollRequest>().is_err(), "{path}");
        }
    }
}
