//! Once in, one stays in: the network moves, breaks and comes back.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use convene_model::{Attempt, Code, Rung, Stage};
use convene_tests_hostile::{
    Arrivals, Daemon, Families, HTTPS_PORT, Network, PATIENCE, Place, Process, Route, SERVER_NAME, Settings,
    World, in_network, patiently,
};
use uuid::Uuid;

use crate::expect::{AT_ONCE, FAST, WAIT, assert_joins, assert_joins_openly, is_open, route};

/// A daemon that has joined where everything is open.
pub(crate) fn joined(world: &World) -> Daemon<'_> {
    let daemon = world.daemon("anna", &Settings::default());
    assert_joins_openly(&daemon, FAST);
    daemon
}

/// Says something; the server has decided it within the limit.
pub(crate) fn assert_heard(daemon: &Daemon<'_>, text: &str, limit: Duration) {
    let began = Instant::now();
    let said = daemon.say(text, &Uuid::new_v4().to_string(), limit + WAIT);
    assert_eq!(
        said.answer.map(|answer| answer.state).as_deref(),
        Some("accepted"),
        "{text}: {}",
        said.complaint
    );
    assert!(began.elapsed() < limit, "{text}: only after {:?}", began.elapsed());
}

/// The messages of the conference, as the server keeps them, are these.
pub(crate) fn assert_said(world: &World, texts: &[&str]) {
    let said = world.events().into_iter().filter(|event| event.kind == "said");
    let said: Vec<_> = said.filter_map(|event| event.text).collect();
    assert_eq!(said, texts);
}

/// The client leaves its address for another one in the same network.
fn renumber(network: &Network) {
    let router = network.router().to_string();
    let subnet = router.strip_suffix('1').expect("the router has the first address");
    for change in [
        format!("addr del {subnet}2/25 dev cli0"),
        format!("addr add {subnet}3/25 dev cli0"),
        format!("route add default via {router}"),
    ] {
        ip(network, Place::Client, &change);
    }
}

/// Changes addresses and routes in that place.
pub(crate) fn ip(network: &Network, place: Place, change: &str) {
    let mut ip = network.command(place, "/usr/sbin/ip");
    let done = ip.args(change.split(' ')).status().expect("the lab changes its addresses");
    assert!(done.success(), "{change}");
}

/// Changes the router's tables beside the lab's own.
pub(crate) fn nft(network: &Network, change: &str) {
    let mut nft = network.command(Place::Router, "/usr/sbin/nft");
    assert!(nft.arg(change).status().is_ok_and(|done| done.success()), "{change}");
}

/// The router forgets every connection.
pub(crate) fn forget_connections(network: &Network) {
    let mut conntrack = network.command(Place::Router, "/usr/sbin/conntrack");
    assert!(conntrack.arg("-F").output().is_ok_and(|done| done.status.success()), "conntrack -F");
}

/// A name server in the server's place, which the client asks from now on and which knows no name.
fn ignorant_name_server(network: &Network) -> Process {
    network.hide_names();
    let mut command = network.command(Place::Server, "/usr/sbin/dnsmasq");
    command.args([
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--local=/test/",
    ]);
    command.args(["--user=root", "--pid-file=", "--log-facility=-", "--bind-interfaces"]);
    command.arg(format!("--listen-address={}", network.servers()[0]));
    let process = Process::start(&mut command, network.scratch().join("ignorant.log"));
    let at = (network.servers()[0], 53);
    let answers = patiently(PATIENCE, || network.within(Place::Client, || TcpStream::connect(at).ok()));
    assert!(answers.is_some(), "the name server does not start");
    process
}

/// Not one name is answered any more.
fn silence_names(network: &Network) {
    network.hide_names();
    network.deafen_server("udp dport 53");
}

/// Is told this about the lookup of the server's name, within the limit.
fn assert_name_told(daemon: &Daemon<'_>, code: Code, limit: Duration) {
    let joined = daemon.join("anna", WAIT);
    assert_eq!(joined.exit, Some(4), "{joined:?}");
    assert!(joined.took < limit, "told only after {:?}", joined.took);
    let attempts = daemon.status().expect("the server that is tried is listed").attempts;
    let of_name = |attempt: &&Attempt| (attempt.stage, attempt.code) == (Stage::Dns, code);
    assert!(attempts.iter().any(|attempt| of_name(&attempt)), "{attempts:?}");
}

/// Is connected, without anybody's doing, within the limit.
fn assert_connects(daemon: &Daemon<'_>, limit: Duration) -> Route {
    let route = patiently(limit, || daemon.status()?.route);
    route.unwrap_or_else(|| unconnected(daemon))
}

#[expect(clippy::panic, reason = "the test fails")]
fn unconnected(daemon: &Daemon<'_>) -> ! {
    panic!("it is not connected: {:?}", daemon.status())
}

#[test]
fn r04_v4_black_holed_takes_v6() {
    in_network(Families::Both, |network| {
        let world = World::open(network);
        world.network().deafen_server("meta nfproto ipv4 meta l4proto tcp");
        assert_joins_openly(&world.daemon("anna", &Settings::default()), FAST);
    });
}

#[test]
fn r21_an_unknown_name_is_told() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let _names = ignorant_name_server(world.network());
        assert_name_told(&world.daemon("anna", &Settings::default()), Code::NameNotFound, FAST);
    });
}

#[test]
fn r21_an_unknown_name_is_reached_by_its_configured_address() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let _names = ignorant_name_server(world.network());
        let address = world.network().servers()[0];
        let configuration = format!("[[server]]\nhost = \"{SERVER_NAME}\"\naddresses = [\"{address}\"]\n");
        let settings = Settings { configuration, ..Settings::default() };
        assert_joins_openly(&world.daemon("anna", &settings), FAST);
    });
}

#[test]
fn r22_a_silent_name_server_is_told_within_10_s() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        silence_names(world.network());
        let limit = Duration::from_secs(10);
        assert_name_told(&world.daemon("anna", &Settings::default()), Code::DnsTimedOut, limit);
    });
}

#[test]
fn r22_where_the_first_name_server_is_dead_the_second_is_asked_at_once() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        world.network().ask_nobody_first();
        // By whichever of the two ways: behind a lookup of 300 ms they set out together.
        let joined = world.daemon("anna", &Settings::default()).join("anna", WAIT);
        assert!(joined.exit == Some(0) && joined.took < AT_ONCE, "{joined:?}");
    });
}

#[test]
fn r22_without_names_the_server_is_found_where_it_was_also_after_a_restart() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        drop(joined(&world));
        silence_names(world.network());
        let daemon = world.daemon("anna", &Settings::default());
        assert_connects(&daemon, FAST);
    });
}

#[test]
fn r26_a_server_with_a_new_address_is_found_by_its_name() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        let old = world.network().servers()[0];
        let new = old.to_string().replace(".130", ".131");
        ip(world.network(), Place::Server, &format!("addr add {new}/25 dev srv0"));
        world.network().move_name(new.parse().expect("it is an address"));
        world.network().filter(&format!("ip daddr {old} reject with tcp reset"));
        assert_heard(&daemon, "after", FAST);
        assert_said(&world, &["before", "after"]);
    });
}

#[test]
fn what_won_in_this_network_is_tried_first_after_a_restart() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 drop");
        let world = World::open(network);
        let over = route(Rung::Https, HTTPS_PORT, None);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &over);
        drop(daemon);
        let arrivals = Arrivals::watch(world.network());
        let daemon = world.daemon("anna", &Settings::default());
        assert_eq!(assert_connects(&daemon, FAST), over);
        let first = arrivals.seen().first().map(|arrival| arrival.to.port());
        assert_eq!(first, Some(HTTPS_PORT));
    });
}

#[test]
fn r84_a_new_address_is_noticed_and_the_link_resumes_within_3_s() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        renumber(world.network());
        // Nothing is said meanwhile: the daemon notices by itself.
        let log = patiently(FAST, || daemon.log().contains("the network changed").then_some(()));
        assert!(log.is_some(), "nothing was noticed");
        assert_heard(&daemon, "after", FAST);
        assert_said(&world, &["before", "after"]);
        let over = daemon.status().and_then(|status| status.route);
        assert!(over.as_ref().is_some_and(is_open), "moving says nothing against a route: {over:?}");
    });
}

/// The conduct of a personal firewall until its user has clicked: only the connections of the first
/// seconds are let through, and late.
#[test]
fn r20_a_connection_that_is_held_for_10_s_still_wins() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let of_syn = "tcp flags & (syn|ack) == syn";
        let hook = "type filter hook forward priority 1; policy accept;";
        nft(
            world.network(),
            &format!(
                "table inet held {{ set held {{ type inet_service; size 4096; flags dynamic; }}
                 chain forward {{ {hook} {of_syn} add @held {{ tcp sport }} drop
}}
}}
"
            ),
        );
        let daemon = world.daemon("anna", &Settings::default());
        thread::scope(|scope| {
            let join = scope.spawn(|| daemon.join_in_words("anna", "en", WAIT));
            thread::park_timeout(Duration::from_secs(5));
            nft(
                world.network(),
                &format!("flush chain inet held forward; add rule inet held forward {of_syn} drop"),
            );
            // By now every attempt is past its limit, and the user is told.
            let joined = join.join().expect("the join ends");
            assert_eq!(joined.exit, Some(4), "{joined:?}");
            assert!(joined.took > Duration::from_secs(10), "it was not held: {:?}", joined.took);
            let told = joined.answer.expect("a join prints what failed");
            assert!(told.contains("If a window of this machine's own firewall asks, answer Yes."), "{told}");
        });
        let others = format!("{of_syn} tcp sport != @held drop");
        nft(world.network(), &format!("flush chain inet held forward; add rule inet held forward {others}"));
        // The next transmission of a SYN comes 15 s after the first at the latest.
        assert_connects(&daemon, Duration::from_secs(8));
    });
}

/// The box has forgotten the connection and drops what it does not know, without a word.
#[test]
fn r82_a_connection_that_was_dropped_silently_is_missed_within_45_s() {
    in_network(Families::V4, |network| {
        network.filter(
            "ct state established accept\nct state new tcp flags & (syn|ack) == syn accept\nmeta l4proto tcp drop",
        );
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        forget_connections(world.network());
        assert_heard(&daemon, "after", Duration::from_secs(45));
        assert_said(&world, &["before", "after"]);
    });
}

/// A machine that sleeps stops its programs, and boxes forget its connections. This one cannot
/// sleep: a pause looks the same to the daemon but for the clock, by which a sleep is known sooner.
#[test]
fn r86_after_a_pause_over_the_conferences_end_the_truth_is_told_within_3_s() {
    in_network(Families::V4, |network| {
        network.filter(
            "ct state established accept\nct state new tcp flags & (syn|ack) == syn accept\nmeta l4proto tcp drop",
        );
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        daemon.process().pause();
        forget_connections(world.network());
        world.end();
        // Longer than until the next heartbeat is due, and 5 s.
        thread::park_timeout(Duration::from_secs(33));
        daemon.process().resume();
        let told = patiently(FAST, || daemon.tail().iter().any(|event| event.kind == "ended").then_some(()));
        assert!(told.is_some(), "the end was not told: {:?} {:?}", daemon.status(), daemon.tail());
        assert!(
            daemon.tail().iter().any(|event| event.text.as_deref() == Some("before")),
            "what was said is kept"
        );
        let said = daemon.say("after", &Uuid::new_v4().to_string(), WAIT);
        assert_eq!(said.answer.map(|answer| answer.state).as_deref(), Some("refused"), "{}", said.complaint);
    });
}

/// Everybody reads in `/etc` all the time: that is none of its business.
#[test]
fn an_idle_daemon_wakes_up_for_little_more_than_heartbeats() {
    /// Two heartbeats at most, their answers and acknowledgements, and a timer's steps towards
    /// them.
    const WAITS_MAX: u64 = 30;
    /// When the check of the access is over, which begins within 50 s of a join.
    const CHECKED: Duration = Duration::from_secs(75);
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        let checked = patiently(CHECKED, || daemon.log().contains("the access was checked").then_some(()));
        assert!(checked.is_some(), "{}", daemon.log());
        // Threads that nothing needs any more end after 10 s.
        thread::park_timeout(Duration::from_secs(12));
        let before = daemon.process().waits();
        for _ in 0..30 {
            std::fs::read("/etc/passwd").expect("everybody may read it");
            thread::park_timeout(Duration::from_secs(1));
        }
        let waits = daemon.process().waits() - before;
        assert!((1..=WAITS_MAX).contains(&waits), "{waits} times in 30 s");
        assert_heard(&daemon, "after", AT_ONCE);
    });
}

#[test]
fn r83_a_new_binding_at_the_router_is_survived() {
    in_network(Families::V4, |network| {
        let bind = |ports: &str| {
            format!(
                "add table ip rebound; delete table ip rebound; table ip rebound {{ chain post {{
                 type nat hook postrouting priority 100; oifname fw1 meta l4proto tcp masquerade to :{ports}
}}
}}
"
            )
        };
        let world = World::open(network);
        nft(world.network(), &bind("20000-29999"));
        let daemon = joined(&world);
        assert_heard(&daemon, "before", AT_ONCE);
        nft(world.network(), &bind("40000-49999"));
        forget_connections(world.network());
        assert_heard(&daemon, "after", FAST);
        assert_said(&world, &["before", "after"]);
    });
}

#[test]
fn r87_what_is_written_without_a_cable_is_sent_once() {
    in_network(Families::V4, |network| {
        let world = World::open(network);
        let daemon = joined(&world);
        ip(world.network(), Place::Router, "link set fw0 down");
        for text in ["one", "two", "three"] {
            let said = daemon.say(text, &Uuid::new_v4().to_string(), AT_ONCE);
            assert_eq!(
                said.answer.map(|answer| answer.state).as_deref(),
                Some("queued"),
                "{}",
                said.complaint
            );
        }
        ip(world.network(), Place::Router, "link set fw0 up");
        assert_heard(&daemon, "four", FAST);
        assert_said(&world, &["one", "two", "three", "four"]);
    });
}

#[test]
fn r92_a_port_that_dies_is_left_for_another() {
    in_network(Families::V4, |network| {
        network.filter(&format!("tcp dport {{ {HTTPS_PORT}, 4501-4506 }} drop"));
        let world = World::open(network);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &route(Rung::Direct, 4_500, None));
        world.network().filter("");
        world.network().close_server(4_500);
        assert_heard(&daemon, "after", FAST);
        assert_ne!(assert_connects(&daemon, FAST), route(Rung::Direct, 4_500, None));
    });
}
