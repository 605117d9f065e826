//! Port 443 through boxes that look at the HTTP inside TLS.

use std::time::{Duration, Instant};

use convene_model::{Carrier, Code, Rung, Stage};
use convene_tests_hostile::{
    Conduct, Daemon, Families, HTTPS_PORT, Network, PATIENCE, Route, Settings, Status, Terminator, World,
    in_network, patiently,
};
use uuid::Uuid;

use crate::expect::{FAST, WAIT, assert_joins, route};

/// For how long nothing must come that would come again and again: several times what boxes let
/// stand.
const QUIET: Duration = Duration::from_secs(12);
/// Between two texts behind a box that cuts: what a text is answered by takes a second, and then an
/// answer is held for longer than the box lets it be.
const SAID_EVERY: Duration = Duration::from_secs(6);
/// How long it may take until no answer is cut any more: some that are cut, and then nothing for as
/// long as it takes to be sure.
const LEARNED_WITHIN: Duration = Duration::from_secs(40);
/// Connections that a join and some words take behind a box that refuses the WebSocket.
const OPENED_MAX: usize = 3;
/// How soon long-poll must deliver where a stream is kept back, counted from before anybody can
/// have judged it dead.
const DELIVERED_WITHIN: Duration = Duration::from_secs(2);
/// After how long a box cuts a WebSocket.
const WEBSOCKET_CUT: Duration = Duration::from_secs(10);
/// For how long a box lets an answer be held: above what counts as cut at all.
const CUT: Duration = Duration::from_millis(2_500);

/// A world in which nothing but 443 is open, and a box stands there.
fn behind(network: Network, conduct: Conduct, run: impl FnOnce(&World, &Terminator)) {
    network.filter("tcp dport 4500-4506 reject with tcp reset");
    let world = World::open(network);
    let terminator = world.terminate("tcp dport 443", conduct);
    run(&world, &terminator);
}

pub(crate) fn https(carrier: Carrier) -> Route {
    Route { carrier, ..route(Rung::Https, HTTPS_PORT, None) }
}

/// Says some things, and hears each once and in order.
pub(crate) fn assert_talks(daemon: &Daemon<'_>, count: usize) {
    let said: Vec<String> = (0..count).map(|number| format!("word {number}")).collect();
    for text in &said {
        let answer = daemon.say(text, &Uuid::new_v4().to_string(), WAIT).answer;
        assert_eq!(answer.map(|answer| answer.state).as_deref(), Some("accepted"), "{text}");
    }
    let heard: Vec<_> = daemon.tail().into_iter().filter_map(|event| event.text).collect();
    assert_eq!(heard.iter().rev().take(count).rev().collect::<Vec<_>>(), said.iter().collect::<Vec<_>>());
}

#[test]
fn r27_plain_pass_takes_the_websocket() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        assert_joins(&world.daemon("anna", &Settings::default()), FAST, &https(Carrier::Websocket));
    });
}

#[test]
fn r28_upgrade_stripped_takes_long_poll() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::StripsUpgrade, |world, terminator| {
            let daemon = world.daemon("anna", &Settings::default());
            let status = assert_joins(&daemon, FAST, &https(Carrier::Poll));
            let refused = status.attempts.iter().any(|attempt| attempt.code == Code::HttpRefused);
            assert!(refused, "{:?}", status.attempts);
            assert_talks(&daemon, 5);
            // The WebSocket that was refused, and one for each direction; from then on none.
            let opened = terminator.connections();
            assert!(opened <= OPENED_MAX, "{opened} connections\n{}", daemon.log());
            let more = patiently(QUIET, || Some(terminator.connections()).filter(|count| *count > opened));
            assert_eq!(more, None, "{}", daemon.log());
        });
    });
}

#[test]
fn r29_frames_swallowed_after_101_takes_long_poll() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::SwallowsFrames, |world, _| {
            let daemon = world.daemon("anna", &Settings::default());
            assert_joins(&daemon, FAST, &https(Carrier::Poll));
            assert_talks(&daemon, 5);
        });
    });
}

#[test]
fn r31_403_to_upgrade_takes_long_poll_and_names_the_box() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::ForbidsUpgrade, |world, _| {
            let daemon = world.daemon("anna", &Settings::default());
            let status = assert_joins(&daemon, FAST, &https(Carrier::Poll));
            let refused = status.attempts.iter().find(|attempt| attempt.code == Code::HttpRefused);
            let seen = refused.and_then(|attempt| attempt.evidence.clone()).expect("the refusal is told");
            assert_eq!((seen.name.as_deref(), seen.status), (Some("Lab Gateway"), Some(403)));
            assert_talks(&daemon, 3);
        });
    });
}

/// Tries now what would be tried in a minute, until the daemon is on this carrier and has failed
/// with that code, if any.
fn assert_betters(daemon: &Daemon<'_>, carrier: Carrier, told: Option<Code>) {
    drop(daemon.check("en", Duration::ZERO));
    let found = patiently(PATIENCE, || {
        let status = daemon.status()?;
        let over = status.route.as_ref().map(|route| route.carrier);
        let is_told = told.is_none_or(|told| status.attempts.iter().any(|attempt| attempt.code == told));
        (over == Some(carrier) && is_told).then_some(())
    });
    assert!(found.is_some(), "{:?}\n{}", daemon.status(), daemon.log());
}

#[test]
fn r28_where_no_upgrade_passes_a_stream_comes_to_better_the_poll() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let _nginx = world.behind_nginx(false);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &https(Carrier::Poll));
        assert_betters(&daemon, Carrier::Stream, None);
        assert_talks(&daemon, 5);
        drop(daemon);
        // The next start begins with the carrier that worked here.
        let daemon = world.daemon("anna", &Settings::default());
        let connected = patiently(FAST, || daemon.status().filter(|status| status.state == "connected"));
        assert_eq!(
            connected.and_then(|status| status.route),
            Some(https(Carrier::Stream)),
            "{}",
            daemon.log()
        );
        assert_talks(&daemon, 3);
    });
}

#[test]
fn r37_where_answers_are_kept_back_until_they_end_the_poll_goes_on() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let _nginx = world.behind_nginx(true);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &https(Carrier::Poll));
        assert_betters(&daemon, Carrier::Poll, Some(Code::ResponseHeld));
        assert_talks(&daemon, 5);
    });
}

#[test]
fn r37_a_stream_that_is_kept_back_from_now_on_is_left_for_a_poll() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let nginx = world.behind_nginx(false);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &https(Carrier::Poll));
        assert_betters(&daemon, Carrier::Stream, None);
        drop(nginx);
        let _nginx = world.behind_nginx(true);
        let began = Instant::now();
        assert_talks(&daemon, 3);
        assert!(began.elapsed() < DELIVERED_WITHIN, "{:?}\n{}", began.elapsed(), daemon.log());
        assert_eq!(daemon.status().and_then(|status| status.route), Some(https(Carrier::Poll)));
    });
}

#[test]
fn r37_a_stream_that_won_here_and_is_kept_back_now_is_passed_by() {
    in_network(Families::V4, |network| {
        network.filter("tcp dport 4500-4506 reject with tcp reset");
        let world = World::open(network);
        let nginx = world.behind_nginx(false);
        let daemon = world.daemon("anna", &Settings::default());
        assert_joins(&daemon, FAST, &https(Carrier::Poll));
        assert_betters(&daemon, Carrier::Stream, None);
        drop((daemon, nginx));
        let _nginx = world.behind_nginx(true);
        let daemon = world.daemon("anna", &Settings::default());
        let began = Instant::now();
        assert_talks(&daemon, 3);
        assert!(began.elapsed() < DELIVERED_WITHIN, "{:?}\n{}", began.elapsed(), daemon.log());
        assert_eq!(daemon.status().and_then(|status| status.route), Some(https(Carrier::Poll)));
    });
}

/// Also 33: the box has no ALPN, and speaks TLS by itself.
#[test]
fn r32_r33_a_box_without_alpn_passes() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::Passes, |world, _| {
            let daemon = world.daemon("anna", &Settings::default());
            assert_joins(&daemon, FAST, &https(Carrier::Websocket));
            assert_talks(&daemon, 3);
        });
    });
}

/// The daemon is on long-poll, or will soon be, behind a box that has cut so many until now. Talks
/// until it has cut nothing for long, and at least `least`: nothing is lost, and it goes on over
/// the same pipe without a failure that is shown.
pub(crate) fn assert_learns(daemon: &Daemon<'_>, least: usize, cut: impl Fn() -> usize) {
    let on_poll = |status: &Status| status.route.as_ref().is_some_and(|route| route.carrier == Carrier::Poll);
    let before = patiently(PATIENCE, || daemon.status().filter(on_poll));
    let before = before.expect("long-poll is what passes there");
    let began = Instant::now();
    let (mut known, mut since) = (cut(), began);
    let mut said = Vec::new();
    while since.elapsed() < QUIET {
        assert!(began.elapsed() < LEARNED_WITHIN, "{known} were cut, and more\n{}", daemon.log());
        let text = format!("through {}", said.len());
        let answer = daemon.say(&text, &Uuid::new_v4().to_string(), WAIT);
        assert_eq!(answer.exit, Some(0), "{answer:?}");
        said.push(text);
        std::thread::park_timeout(SAID_EVERY);
        let count = cut();
        if count != known {
            (known, since) = (count, Instant::now());
        }
    }
    assert!(known >= least, "only {known} were cut");
    let after = daemon.status().expect("the server is listed");
    assert_eq!(
        (after.state.as_str(), &after.route, &after.since),
        ("connected", &before.route, &before.since)
    );
    assert_eq!(after.attempts.len(), before.attempts.len(), "{:?}", after.attempts);
    let heard: Vec<_> = daemon.tail().into_iter().filter_map(|event| event.text).collect();
    assert_eq!(
        heard.iter().rev().take(said.len()).rev().collect::<Vec<_>>(),
        said.iter().collect::<Vec<_>>()
    );
}

/// The box cuts what is silent, so the WebSocket dies; what is held is then held for less.
#[test]
fn r41_long_requests_cut_are_held_for_less_and_nothing_is_lost() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::Cuts(CUT), |world, terminator| {
            let daemon = world.daemon("anna", &Settings::default());
            assert_joins(&daemon, FAST, &https(Carrier::Websocket));
            assert_talks(&daemon, 3);
            assert_learns(&daemon, 2, || terminator.owed());
        });
    });
}

/// The first that is cut brings single requests on the same way: they are kept, although conference
/// ports are shut and there is nothing else.
#[test]
fn r41_websockets_cut_cost_one_and_the_way_is_kept() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::CutsWebSockets(WEBSOCKET_CUT), |world, _| {
            let daemon = world.daemon("anna", &Settings::default());
            assert_joins(&daemon, FAST, &https(Carrier::Websocket));
            assert_talks(&daemon, 3);
            let polls = || daemon.status().filter(|status| status.route == Some(https(Carrier::Poll)));
            let begun = patiently(WEBSOCKET_CUT + FAST, polls).and_then(|status| status.since);
            assert!(begun.is_some(), "{:?}\n{}", daemon.status(), daemon.log());
            assert_talks(&daemon, 3);
            // Several times what a WebSocket lasts there.
            let moved =
                patiently(3 * WEBSOCKET_CUT, || daemon.status().filter(|status| status.since != begun));
            assert!(moved.is_none(), "{moved:?}\n{}", daemon.log());
            assert_talks(&daemon, 3);
        });
    });
}

#[test]
fn r13_a_page_in_the_servers_place_is_told_with_its_box() {
    in_network(Families::V4, |network| {
        behind(network, Conduct::ShowsPage, |world, _| {
            let daemon = world.daemon("anna", &Settings::default());
            let joined = daemon.join("anna", WAIT);
            assert_eq!(joined.exit, Some(4), "{joined:?}");
            let status = daemon.status().expect("the server that is tried is listed");
            let page = status.attempts.iter().find(|attempt| attempt.code == Code::BlockPage);
            let page = page.unwrap_or_else(|| panic!("no page is told: {:?}", status.attempts));
            assert_eq!(page.stage, Stage::Http);
            assert_eq!(page.evidence.clone().and_then(|seen| seen.name).as_deref(), Some("Lab Filter"));
        });
    });
}
