//! From round to round: verdicts, pauses, and that they never stop.

use convene_model::{Code, Evidence, Rung, Stage};

use super::world::{Fate, REFUSED, UNREACHABLE, World, by_rung, ms, route, secs, targets};
use crate::timing::{BACKOFF, VERDICT_AFTER};
use crate::{Failure, LadderEvent, Reason, Verdict};

fn first_verdict(world: &World) -> Option<u64> {
    world.told.iter().find(|(_, event)| matches!(event, LadderEvent::Verdict(_))).map(|(at, _)| *at)
}

#[test]
fn silence_everywhere_is_told_in_time_as_blocked() {
    let mut world = World::new(targets(7, &["a", "b"]), None, |_| Fate::Silent);
    world.until(VERDICT_AFTER);
    // As soon as the last one is past its limit.
    assert_eq!(first_verdict(&world), Some(11_000));
    assert_eq!(world.verdict(), Some(Verdict::Blocked));
    assert_eq!(world.ladder.attempts().len(), 10);
}

#[test]
fn refusal_everywhere_is_told_at_once() {
    let mut world = World::new(targets(2, &[]), None, |_| Fate::Fails(10, REFUSED));
    world.until(ms(99));
    assert_eq!(first_verdict(&world), Some(30));
    let told: Vec<_> = world.ladder.attempts().into_iter().map(|attempt| attempt.target).collect();
    assert_eq!(told, ["server:4500", "server:4501", "server:443"]);
}

#[test]
fn a_machine_without_a_network_is_offline() {
    let mut world = World::new(targets(7, &["a"]), None, |_| Fate::Fails(1, UNREACHABLE));
    world.until(secs(1));
    assert_eq!(world.verdict(), Some(Verdict::Offline));
}

#[test]
fn an_attempt_on_its_way_through_a_slow_path_is_connecting() {
    let mut world = World::new(targets(1, &[]), None, |_| Fate::Stuck(8_000, Stage::Tls));
    world.until(VERDICT_AFTER);
    assert_eq!((first_verdict(&world), world.verdict()), (Some(15_000), Some(Verdict::Connecting)));
    // The limit (8 s and 40 s) of the one passes, then that of the other.
    world.until(secs(50));
    assert_eq!(world.verdict(), Some(Verdict::Blocked));
    assert_eq!(world.told.len(), 2);
}

#[test]
fn a_server_that_asks_to_come_back_is_connecting() {
    let busy = Failure { stage: Stage::Hello, code: Code::ServerBusy };
    let mut world = World::new(targets(1, &[]), None, move |_| Fate::Fails(50, busy));
    world.until(secs(1));
    assert_eq!(world.verdict(), Some(Verdict::Connecting));
}

#[test]
fn an_unchanged_verdict_is_told_once() {
    let mut world = World::new(targets(7, &["a"]), None, |_| Fate::Silent);
    world.until(secs(600));
    assert_eq!(world.told.len(), 1);
}

#[test]
fn pauses_between_failed_rounds_grow_to_the_last_step_and_no_further() {
    let mut world = World::new(targets(1, &[]), None, |_| Fate::Fails(0, REFUSED));
    world.until(secs(3_600));
    let rounds: Vec<_> =
        world.starts().into_iter().filter(|(_, route)| route == "server:4500").map(|(at, _)| at).collect();
    let pauses: Vec<_> = rounds.windows(2).map(|pair| ms(pair[1] - pair[0])).collect();
    for (nth, pause) in pauses.iter().enumerate() {
        let step = BACKOFF[nth.min(BACKOFF.len() - 1)];
        assert!(*pause <= step, "pause {nth} is {pause:?}");
    }
    assert!(pauses.iter().any(|pause| *pause > secs(25)), "the last step is used whole");
    assert!((120..1_000).contains(&pauses.len()), "{} rounds in an hour", pauses.len());
}

#[test]
fn retries_never_stop_and_join_when_the_network_opens() {
    let day = secs(24 * 3_600);
    for closed in [Fate::Silent, Fate::Fails(5, UNREACHABLE), Fate::Fails(5, REFUSED)] {
        let mut world = World::new(targets(7, &["a"]), None, move |_| closed);
        world.until(day);
        assert_eq!(world.current(), None);
        world.network(|_| Fate::Hello(100));
        world.until(day + secs(45));
        assert!(world.current().is_some(), "{closed:?}");
        assert_eq!(world.verdict(), None);
    }
}

#[test]
fn a_changed_network_is_raced_at_once_and_its_failures_are_new() {
    let mut world = World::new(targets(1, &["a"]), None, |_| Fate::Fails(5, REFUSED));
    world.until(secs(300));
    world.take_story();
    world.network(by_rung(Fate::Silent, Fate::Hello(100), Fate::Silent));
    world.tell(|ladder, now| {
        ladder.remember(Some(route(Rung::Https, 443, None)));
        ladder.handle_network_changed(now);
        assert!(ladder.attempts().is_empty() && ladder.verdict().is_none());
    });
    assert_eq!(world.starts(), [(300_000, "server:443".to_owned())]);
    world.until(secs(301));
    assert_eq!(world.current().as_deref(), Some("server:443"));
}

#[test]
fn a_network_that_changes_again_and_again_piles_nothing_up() {
    let mut world = World::new(targets(7, &["a"]), None, |_| Fate::Silent);
    for second in 1..200 {
        world.until(secs(second));
        world.tell(super::super::Ladder::handle_network_changed);
    }
    assert!(world.most_open <= 2 * 9, "{} open", world.most_open);
}

#[test]
fn a_waiting_ladder_retries_when_asked_and_a_trying_one_goes_on() {
    let mut world = World::new(targets(1, &[]), None, |_| Fate::Fails(5, REFUSED));
    world.until(secs(300));
    assert_eq!(world.next_reason(), Some(Reason::Retry));
    world.take_story();
    world.network(|_| Fate::Silent);
    world.tell(super::super::Ladder::handle_retry);
    assert_eq!(world.starts(), [(300_000, "server:4500".to_owned())]);
    world.tell(super::super::Ladder::handle_retry);
    assert!(world.starts().is_empty());
}

#[test]
fn a_proxy_found_between_rounds_is_tried_at_once() {
    let mut world = World::new(targets(1, &[]), None, |_| Fate::Fails(5, REFUSED));
    world.until(secs(300));
    world.network(by_rung(Fate::Fails(5, REFUSED), Fate::Fails(5, REFUSED), Fate::Hello(50)));
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &["a"]), now));
    world.until(ms(300_100));
    assert_eq!(world.current().as_deref(), Some("server:443 via a:3128"));
}

#[test]
fn targets_that_moved_are_raced_at_once_and_the_old_ones_let_go() {
    let mut world = World::new(targets(2, &[]), None, |_| Fate::Silent);
    world.until(secs(2));
    world.take_story();
    let mut moved = targets(2, &[]);
    moved.host = "elsewhere".into();
    world.tell(|ladder, now| ladder.handle_targets(moved, now));
    let told: Vec<_> =
        world.take_story().into_iter().map(|(_, what, route)| format!("{what} {route}")).collect();
    let expected =
        ["abandon server:4500", "abandon server:443", "abandon server:4501", "open elsewhere:4500"];
    assert_eq!(told, expected);
}

#[test]
fn what_the_box_in_the_way_shows_stands_in_the_record() {
    let mut world = World::new(targets(1, &[]), None, |_| Fate::Silent);
    let [attempt] = world.open.keys().copied().collect::<Vec<_>>().try_into().unwrap();
    let evidence = Evidence { name: Some("box".to_owned()), ..Evidence::default() };
    let failure = Failure { stage: Stage::Tls, code: Code::CertificateUntrusted };
    world.tell(|ladder, now| {
        ladder.handle_evidence(attempt, evidence.clone());
        ladder.handle_failed(attempt, failure, now);
    });
    assert_eq!(world.ladder.attempts()[0].evidence, Some(evidence));
}

#[test]
fn a_verdict_is_withdrawn_when_a_way_is_found_that_it_did_not_know() {
    let refusing = by_rung(Fate::Fails(10, UNREACHABLE), Fate::Fails(10, UNREACHABLE), Fate::Silent);
    let mut world = World::new(targets(1, &[]), None, refusing);
    world.until(secs(20));
    assert!(world.ladder.verdict().is_some());
    world.tell(|ladder, now| ladder.handle_targets(targets(1, &["found"]), now));
    assert_eq!(world.ladder.verdict(), None);
    world.until(secs(29));
    assert_eq!(world.ladder.verdict(), None, "it gets the time that the others had");
    world.until(secs(31));
    assert!(world.ladder.verdict().is_some());
}

#[test]
fn a_proxy_that_has_a_login_now_is_tried_at_once_in_a_round_and_between_rounds() {
    let login = Failure { stage: Stage::Proxy, code: Code::ProxyLoginNeeded };
    for (direct, after) in [(Fate::Silent, 2_000), (Fate::Fails(10, REFUSED), 100)] {
        let mut world = World::new(targets(1, &["a"]), None, by_rung(direct, direct, Fate::Fails(10, login)));
        world.until(ms(after));
        world.network(by_rung(direct, direct, Fate::Hello(10)));
        let proxy = route(Rung::Proxy, 443, Some("a")).proxy.unwrap();
        world.tell(|ladder, now| ladder.handle_unlocked(&proxy, now));
        // A round that begins anew takes its rungs in order.
        world.until(ms(after + 600));
        assert_eq!(
            world.ladder.current().map(|(route, _)| route.rung),
            Some(Rung::Proxy),
            "{:?}",
            world.story
        );
    }
}
