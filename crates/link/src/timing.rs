//! Every span of time in the life of a link, with its reason.

use std::time::Duration;

/// Between two pings of the daemon: below the shortest idle limit of a firewall in the field (30
/// s).
pub const HEARTBEAT: Duration = Duration::from_secs(25);
/// The shortest time between two pings that a path can teach: boxes that forget sooner break every
/// browser's connections as well.
pub const HEARTBEAT_MIN: Duration = Duration::from_millis(6_250);
/// Pipes that die of idleness, one after the other, before pings come twice as often: one may be an
/// outage.
pub const IDLE_DEATHS: u32 = 2;
/// How long a pipe on which nothing is heard may leave a ping unanswered.
pub const ANSWER_MAX: Duration = Duration::from_secs(15);
/// How long a ping may be unanswered although other frames come: one direction alone is dead.
pub const ONE_WAY_MAX: Duration = Duration::from_secs(60);
/// How long the answer to a probe is waited for at least, whatever the round trip.
pub const PROBE_MIN: Duration = Duration::from_millis(500);
/// How long the answer to a probe is waited for at most.
pub const PROBE_MAX: Duration = Duration::from_millis(2_500);
/// Between attach and attached: a server that has greeted a moment ago answers at once, even under
/// load.
pub const ATTACH_MAX: Duration = Duration::from_secs(10);
/// How long a taken frame may wait for its acknowledgement: one a second does not cost, and frees
/// the sender's memory.
pub const ACK_DELAY: Duration = Duration::from_secs(1);
/// Bytes after which frames are acknowledged without delay.
pub const ACK_BYTES: usize = 64 * 1024;
/// How long sent frames may go without any acknowledgement before the other end is asked what it
/// has.
pub const ACK_OVERDUE: Duration = Duration::from_secs(4);
/// After which silence a server gives a pipe up: a heartbeat, its answer's limit, and slack.
pub const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long a server remembers a link without a pipe: most reconnects take seconds, and whoever
/// comes later begins a link anew, which costs a round trip. Until then the server holds what the
/// link missed, for everybody who came and went.
pub const LINK_KEPT: Duration = Duration::from_secs(30);
/// How long a pipe may stand without a hello.
pub const HELLO_MAX: Duration = Duration::from_secs(15);
/// How long a pipe that has greeted may wait to be chosen: races last a minute at most.
pub const CHOICE_MAX: Duration = Duration::from_secs(90);
