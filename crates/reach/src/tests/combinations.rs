//! The start time of every attempt of a race, for all combinations of rungs and of what they do.

use std::collections::BTreeSet;

use convene_model::{Carrier, PortRange, Rung, Stage};

use super::world::{Fate, REFUSED, World, by_rung, ms, name, polled, route, secs, targets};
use crate::timing::PROXIES_MAX;
use crate::{Route, Targets};

/// Every route that may be remembered for these targets, and none; also one through a proxy that is
/// not known any more.
fn any_memory(targets: &Targets) -> Vec<Option<Route>> {
    let direct = targets.direct_ports.iter().map(|port| route(Rung::Direct, port, None));
    let https = [route(Rung::Https, 443, None), route(Rung::Proxy, 443, Some("gone"))];
    let routes: Vec<_> = direct.chain(https).chain(targets.through_proxies()).collect();
    let polls: Vec<_> = routes.iter().cloned().map(polled).collect();
    std::iter::once(None).chain(routes.into_iter().chain(polls).map(Some)).collect()
}

/// The whole timetable where nothing answers: the remembered route, `head` milliseconds for it,
/// then a conference port, and a moment later what a browser may take; then each proxy; one second
/// after the first the conference ports that are left.
fn timetable(targets: &Targets, remembered: Option<&Route>, head: u64) -> Vec<(u64, String)> {
    let is_new = |route: &Route| Some(route) != remembered;
    let direct = targets.direct_ports.iter().map(|port| route(Rung::Direct, port, None)).filter(is_new);
    let direct: Vec<_> = direct.collect();
    let https = Some(route(Rung::Https, 443, None)).filter(is_new);
    let proxies = targets.through_proxies().filter(is_new);
    let first = targets.through_proxies().next();
    let rest = proxies.filter(|route| first.as_ref() != Some(route));
    let first = direct.first().cloned().into_iter().chain(https).chain(first.clone().filter(is_new));
    let ports = direct.iter().skip(1).map(|port| (1_000 + head, name(port)));
    let counted = first.zip([0, 30, 30]).chain(rest.zip((250..).step_by(500)));
    let counted = counted.map(|(route, at)| (at + head, name(&route)));
    remembered.map(|route| (0, name(route))).into_iter().chain(counted).chain(ports).collect()
}

/// Every number of conference ports and of proxies, with every route remembered.
fn for_all_rungs(run: impl Fn(Targets, Option<Route>)) {
    let names: Vec<_> = (0..=PROXIES_MAX).map(|n| format!("p{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for ports in 1..=PortRange::PORTS_MAX {
        for count in [0, 1, 2, PROXIES_MAX, names.len()] {
            let targets = targets(ports, &names[..count]);
            for remembered in any_memory(&targets) {
                run(targets.clone(), remembered);
            }
        }
    }
}

#[test]
fn a_check_of_all_ways_opens_each_once_the_better_rungs_first() {
    let targets = targets(3, &["a", "b"]);
    let routes: Vec<_> = targets.all().collect();
    assert_eq!(routes.len(), 3 + 1 + 2, "{routes:?}");
    assert_eq!(routes.iter().collect::<BTreeSet<_>>().len(), routes.len());
    assert!(routes.is_sorted_by_key(|route| route.rung));
    assert!(routes.iter().all(|route| route.carrier == Carrier::Websocket));
    let through = targets.proxies.iter().map(|proxy| targets.through(proxy.clone()));
    assert!(through.eq(targets.through_proxies()));
}

#[test]
fn every_combination_of_rungs_has_its_timetable_where_nothing_answers() {
    for_all_rungs(|targets, remembered| {
        let mut world = World::new(targets.clone(), remembered.clone(), |_| Fate::Silent);
        world.until(ms(9_999));
        let head = remembered.as_ref().map_or(0, |_| 250);
        let mut expected = timetable(&targets, remembered.as_ref(), head);
        let mut got = world.starts();
        expected.sort();
        got.sort();
        assert_eq!(got, expected, "{targets:?} {remembered:?}");
    });
}

#[test]
fn every_combination_of_rungs_has_its_timetable_where_every_websocket_is_swallowed() {
    // Before any is past its limit, 3 s after TLS.
    let end = 3_000;
    for_all_rungs(|targets, remembered| {
        let mut world = World::new(targets.clone(), remembered.clone(), |route| match route.carrier {
            Carrier::Websocket => Fate::Stuck(60, Stage::Http),
            Carrier::Stream | Carrier::Poll => Fate::Silent,
        });
        world.until(ms(end));
        let mut expected = Vec::new();
        let head =
            remembered.as_ref().map_or(0, |head| if head.carrier == Carrier::Poll { 250 } else { 2_000 });
        for (at, start) in timetable(&targets, remembered.as_ref(), head) {
            // A route that is remembered by poll is under way already when its WebSocket turns out
            // to be swallowed.
            let poll = format!("{start} by poll");
            let is_known = start.ends_with(" by poll") || remembered.as_ref().map(name) == Some(poll.clone());
            expected.extend((!is_known).then_some((at + 300, poll)));
            expected.push((at, start));
        }
        expected.retain(|(at, _)| *at <= end);
        let mut got = world.starts();
        expected.sort();
        got.sort();
        assert_eq!(got, expected, "{targets:?} {remembered:?}");
    });
}

/// The conduct of each rung (`s`ilent, `r`efuses after 5 ms, says `h`ello after 100 ms: direct,
/// 443, proxy), what is started when (`d`irect, its second port `e`, 443 `h`, `p`roxy), and what is
/// adopted when.
const COMBINATIONS: [(&str, &str, &str); 27] = [
    ("sss", "d0 h30 p30 e1000", ""),
    ("ssr", "d0 h30 p30 e1000", ""),
    ("ssh", "d0 h30 p30", "p130"),
    ("srs", "d0 h30 p30 e1000", ""),
    ("srr", "d0 h30 p30 e1000", ""),
    ("srh", "d0 h30 p30", "p130"),
    ("shs", "d0 h30 p30", "h130"),
    ("shr", "d0 h30 p30", "h130"),
    ("shh", "d0 h30 p30", "h130"),
    ("rss", "d0 e5 h10 p30", ""),
    ("rsr", "d0 e5 h10 p30", ""),
    ("rsh", "d0 e5 h10 p30", "p130"),
    ("rrs", "d0 e5 h10 p15", ""),
    ("rrr", "d0 e5 h10 p15", ""),
    ("rrh", "d0 e5 h10 p15", "p115"),
    ("rhs", "d0 e5 h10 p30", "h110"),
    ("rhr", "d0 e5 h10 p30", "h110"),
    ("rhh", "d0 e5 h10 p30", "h110"),
    ("hss", "d0 h30 p30", "d100"),
    ("hsr", "d0 h30 p30", "d100"),
    ("hsh", "d0 h30 p30", "d100"),
    ("hrs", "d0 h30 p30", "d100"),
    ("hrr", "d0 h30 p30", "d100"),
    ("hrh", "d0 h30 p30", "d100"),
    ("hhs", "d0 h30 p30", "d100"),
    ("hhr", "d0 h30 p30", "d100"),
    ("hhh", "d0 h30 p30", "d100"),
];

#[test]
fn every_combination_of_what_rungs_do_has_its_timetable() {
    let fate = |of: &str| match of {
        "s" => Fate::Silent,
        "r" => Fate::Fails(5, REFUSED),
        "h" => Fate::Hello(100),
        other => panic!("{other} is no fate"),
    };
    let short = |name: &str| match name {
        "server:4500" => "d",
        "server:4501" => "e",
        "server:443" => "h",
        "server:443 via a:3128" => "p",
        other => panic!("{other} is no route"),
    };
    for (rungs, starts, adopted) in COMBINATIONS {
        let [direct, https, proxy] = [0, 1, 2].map(|at| fate(&rungs[at..=at]));
        let mut world = World::new(targets(2, &["a"]), None, by_rung(direct, https, proxy));
        world.until(ms(1_500));
        let told = |what: &str| {
            let told = world.story.iter().filter(|(_, done, _)| *done == what);
            // After the round has failed comes the next, when the dice say.
            let told = told.take(if what == "open" { 4 } else { 1 });
            told.map(|(at, _, route)| format!("{}{at}", short(route))).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((told("open").as_str(), told("adopt").as_str()), (starts, adopted), "{rungs}");
    }
}

/// Whether a box cuts the route after ten seconds; the bits stand for the three carriers of the
/// three rungs.
fn is_cut(cuts: u32, route: &Route) -> bool {
    let rung = [Rung::Direct, Rung::Https, Rung::Proxy].iter().position(|rung| *rung == route.rung);
    let carriers = [Carrier::Websocket, Carrier::Poll, Carrier::Stream];
    let carrier = carriers.iter().position(|carrier| *carrier == route.carrier);
    cuts & (1 << (rung.unwrap() + 3 * carrier.unwrap())) != 0
}

#[test]
fn whatever_carriers_and_rungs_are_cut_young_the_way_ends_on_one_that_is_kept() {
    // A stream is only tried to better a poll, so one of the six others must be kept.
    for cuts in (0..1_u32 << 9).filter(|cuts| cuts & 0b11_1111 != 0b11_1111) {
        let mut world = World::new(targets(2, &["a"]), None, |_| Fate::Hello(100));
        let (mut deaths, mut kept_s) = (0, 0);
        for second in 1..=3_600 {
            world.until(secs(second));
            let Some((route, since)) = world.ladder.current() else { continue };
            if !is_cut(cuts, route) {
                kept_s += 1;
            } else if world.now - since >= secs(10) {
                deaths += 1;
                world.lose(None);
            }
        }
        // At the worst five ways die before the sixth is found; from then on what is better is
        // tried every ten minutes.
        assert!(deaths <= 5 + 5 && kept_s >= 3_450, "{cuts:09b}: {deaths} deaths, {kept_s} s kept");
    }
}
