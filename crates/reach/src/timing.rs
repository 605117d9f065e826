//! Every number of the timetable, with its reason.

use std::time::Duration;

/// The time that the remembered route gets before anything else starts: a working path of up to 80
/// ms of round trip says hello within it (TCP, TLS and HTTP take three), so that a reconnect
/// usually opens one pipe and not four.
pub const HEAD_START: Duration = Duration::from_millis(250);
/// The time that it gets in all once it has come to TLS: something answers where the server was a
/// moment ago, and most probably that is the server, besieged by all who lost it as well, whom more
/// connections of each would keep out for longer. A box that came in its place and is silent costs
/// as much, and leaves a second of the three in which a way is to be found.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(2);
/// How much each counted attempt under way delays the next: the pace of RFC 8305, section 5, at
/// which a better route that works has mostly won before a worse one starts.
pub const STAGGER: Duration = Duration::from_millis(250);
/// The longest such delay: three silent routes must not keep a fourth from starting within 1.5 s.
pub const STAGGER_MAX: Duration = Duration::from_millis(500);
/// When the conference ports behind the first open together: by then the first is known to be slow
/// or silent, and a firewall that lets one of them through lets it through at once.
pub const PORTS_AFTER: Duration = Duration::from_secs(1);
/// How long behind the first the ways start that a browser of this machine may take, to 443 and
/// through its proxy. A quick browser needs twice as long for a page, so that nobody waits longer
/// for us than for that; and a conference port that works is ahead of them by as much, which on a
/// short path is all that a hello needs. (RFC 8305, section 5, allows 10 ms.)
pub const BROWSERS_AFTER: Duration = Duration::from_millis(30);
/// How many round trips after TLS a WebSocket may be silent before long-poll is tried beside it:
/// twice those that it needs.
pub const CARRIER_ROUND_TRIPS: u32 = 4;
/// How long it may be silent at least: several times what a server at work takes for a hello, and
/// no longer than a browser would have taken for the rest of its page.
pub const CARRIER_AFTER_MIN: Duration = Duration::from_millis(30);
/// How long it may be silent at most, on a path of 500 ms or where the server is so busy: it must
/// be less than the limit of the hello, behind which nothing of this attempt is waited for.
pub const CARRIER_AFTER_MAX: Duration = Duration::from_secs(2);
/// Proxies that one round tries: lists rarely name more than three, and of twenty that are silent
/// the last has started within 10 s, before the user is told. Each costs a socket per round.
pub const PROXIES_MAX: usize = 20;

/// How long a name lookup counts: longer than one retry of an ordinary resolver (5 s), short enough
/// that a dead name server is told within 10 s.
pub const DNS_LIMIT: Duration = Duration::from_secs(8);
/// How long opening TCP counts: three transmissions of the first segment (0, 1 and 3 s) and a slow
/// answer to the last.
pub const TCP_LIMIT: Duration = Duration::from_secs(10);
/// How long a proxy's answer counts: it looks up a name and opens a TCP connection of its own
/// meanwhile, for which onion routers take 10 s; and what follows is done before the user is told.
pub const PROXY_LIMIT: Duration = Duration::from_secs(13);
/// How long TLS counts at least: a small computer at either end and one lost segment.
pub const TLS_LIMIT_MIN: Duration = Duration::from_secs(3);
/// How many round trips TLS gets on slow paths: two, a large certificate chain, and
/// retransmissions.
pub const TLS_ROUND_TRIPS: u32 = 5;
/// How long the HTTP answer, and then the hello, counts at least: a box that swallows frames is
/// found within it.
pub const HELLO_LIMIT_MIN: Duration = Duration::from_secs(3);
/// How many round trips the HTTP answer, and then the hello, gets on slow paths: one, and
/// retransmissions.
pub const HELLO_ROUND_TRIPS: u32 = 4;
/// How long an attempt stays open in all: a personal firewall holds a connection until its user has
/// clicked, which takes up to 40 s, and a proxy may take 20 s to answer.
pub const OPEN_MAX: Duration = Duration::from_secs(60);

/// When the user is told at the latest, if only what is known so far: people wait 15 s, not longer.
pub const VERDICT_AFTER: Duration = Duration::from_secs(15);

/// The spread of the first reconnect: unnoticed by one user, and enough to part thousands whose
/// pipes broke together.
pub const RECONNECT_JITTER: Duration = Duration::from_millis(100);
/// The longest pauses between failed rounds; each is drawn evenly from zero up to its step (full
/// jitter), so that the clients of a restarted server come back spread out. The last step repeats
/// for ever: joined within half a minute of the network's opening.
pub const BACKOFF: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(18),
    Duration::from_secs(30),
];
/// After how long without a failure the pauses begin with the shortest again: what failed then says
/// nothing about now.
pub const FAILURES_FADE_AFTER: Duration = Duration::from_secs(5 * 60);
/// The longest wait that a server may ask for: nothing waits endlessly because of one number that
/// came over a network.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(10 * 60);
/// A pipe that dies before this age counts as a failed route: boxes that let a connection open and
/// then cut it do so within a minute or two.
pub const YOUNG: Duration = Duration::from_secs(2 * 60);

/// Pipes that died young, none of them by single requests, before those are tried first: boxes that
/// cut every WebSocket after a while are met on the next rung too, and a server that fell once is
/// not a box.
pub const CUT_MAX: u32 = 2;

/// When a connection on a worse rung is first tried to be bettered: not while the user joins, soon
/// after.
pub const UPGRADE_AFTER: Duration = Duration::from_secs(60);
/// How often it is tried from then on: firewalls do not change by the minute, and every try may be
/// logged somewhere.
pub const UPGRADE_EVERY: Duration = Duration::from_secs(10 * 60);
/// Adoptions within [`FLAPS_WITHIN`] that count as flapping.
pub const FLAPS_MAX: usize = 3;
/// The span in which [`FLAPS_MAX`] adoptions count as flapping.
pub const FLAPS_WITHIN: Duration = Duration::from_secs(2 * 60);
/// How long a flapping connection is left where it is.
pub const FLAPS_PAUSE: Duration = Duration::from_secs(5 * 60);

/// How often the server's plain page is asked for while nothing gets through: login pages appear
/// when a network is joined, and that asks by itself.
pub const CHECK_EVERY: Duration = Duration::from_secs(15);
/// How often it is asked for while a network's login page stands in the way: whoever has logged in
/// there is to be joined within 5 s. Nothing else is as frequent, and it ends with the page.
pub const PORTAL_EVERY: Duration = Duration::from_secs(4);

/// How long what won on a network is remembered: a meeting room is used monthly.
pub const MEMORY_DAYS: i64 = 30;
/// Networks that are remembered: more than a traveller meets in a month; the oldest goes first.
pub const NETWORKS_MAX: usize = 64;
