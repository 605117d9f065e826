//! The numbers, as `[limits]` in `convene-server.toml` changes them.

use convene_hosting::DataLimits;
use serde::Deserialize;

/// The limits of a server. Each number is the most that is held at the same time, unless it says
/// otherwise; a network is an IPv4 /24 or an IPv6 /56.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Connections of all ports together, where the system allows as many: several conferences of
    /// the largest size. As many links and sessions of single requests.
    pub(crate) connections: usize,
    /// Connections, links and sessions of one network: more than the offices of a large company
    /// behind one address have.
    pub(crate) connections_per_network: usize,
    /// Connections that have not finished their handshake: strangers hold no more memory than these
    /// take.
    pub(crate) handshakes: usize,
    /// As many of one network: an office that comes back at once.
    pub(crate) handshakes_per_network: usize,
    /// Connections to the check page, each of which lasts for one request.
    pub(crate) checks: usize,
    /// As many of one network.
    pub(crate) checks_per_network: usize,
    /// Bytes of frames and requests that have begun and are not whole.
    pub(crate) unfinished_bytes: usize,
    /// As many of one network: those of 64 people who send a long text at the same moment.
    pub(crate) unfinished_bytes_per_network: usize,
    /// Bytes that wait for daemons, or are not acknowledged by them. A text that many are sent
    /// counts once.
    pub(crate) queue_bytes: usize,
    /// Commands of one seat in each second that are never delayed in the long run.
    pub(crate) commands_per_second: u32,
    /// Commands that a seat may send at once after a rest: what somebody wrote without a
    /// connection.
    pub(crate) commands_at_once: u32,
    /// Bytes of commands of one seat in each second, in the long run.
    pub(crate) command_bytes_per_second: u32,
    /// Bytes of commands that a seat may send at once after a rest.
    pub(crate) command_bytes_at_once: u32,
    /// Bytes of long texts that everyone in one conference is told in each second, all of them
    /// together. Of a text, what is longer than a short one counts, once for each who is told.
    pub(crate) told_bytes_per_second: u32,
    /// Bytes of commands that wait because they came faster.
    pub(crate) paced_bytes: usize,
    /// As many of one network: those of some daemons that come back with all that was written
    /// meanwhile.
    pub(crate) paced_bytes_per_network: usize,
    /// Bytes to which the log of one conference may grow before nothing more is written in it.
    pub(crate) conference_bytes: u64,
    /// Bytes by which the commands of one participant may make it grow before they write no more.
    pub(crate) participant_bytes: u64,
}

impl Limits {
    /// How much a conference may hold.
    pub(crate) fn of_data(&self) -> DataLimits {
        DataLimits { conference: self.conference_bytes, participant: self.participant_bytes }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let DataLimits { conference, participant } = DataLimits::default();
        Self {
            connections: 16_384,
            connections_per_network: 8_192,
            handshakes: 2_048,
            handshakes_per_network: 1_024,
            checks: 512,
            checks_per_network: 256,
            unfinished_bytes: 64 * 1024 * 1024,
            unfinished_bytes_per_network: 16 * 1024 * 1024,
            queue_bytes: 64 * 1024 * 1024,
            commands_per_second: 20,
            commands_at_once: 1_000,
            command_bytes_per_second: 64 * 1024,
            command_bytes_at_once: 128 * 1024,
            told_bytes_per_second: 16 * 1024 * 1024,
            paced_bytes: 64 * 1024 * 1024,
            paced_bytes_per_network: 16 * 1024 * 1024,
            conference_bytes: conference,
            participant_bytes: participant,
        }
    }
}
