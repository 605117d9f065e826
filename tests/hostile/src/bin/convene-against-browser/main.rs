//! Puts Chromium and Convene into the same hostile networks, one after the other, and tells who
//! gets through and how soon, of several looks the middle one:
//! `cargo xtask hostile --against-browser`.
#![cfg(target_os = "linux")]

mod field;
mod networks;
mod scene;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use convene_model::{Attempt, Rung};
use convene_tests_hostile::{Browser, in_network};

use self::field::FIELD;
use self::networks::{Hostile, NETWORKS};
use self::scene::Scene;

/// How long either may take: what the daemon needs at most to tell that nothing is open.
const WAIT: Duration = Duration::from_secs(20);

/// How often both are looked at where both get through: of so many one is in the middle.
const LOOKS: usize = 3;

/// The time after which one got through, and its way; or what it says instead.
type Outcome = Result<(Duration, String), String>;

/// The standing of Convene against Chromium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Better,
    Even,
    Slower,
    /// Chromium alone gets through.
    Worse,
}

fn main() -> ExitCode {
    compare_all(&mut io::stdout()).unwrap_or(ExitCode::FAILURE)
}

fn compare_all(out: &mut impl io::Write) -> io::Result<ExitCode> {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let networks = NETWORKS.iter().chain(FIELD).filter(|network| network.name.contains(&filter));
    let mut standings = Vec::new();
    writeln!(out, "{}\n|---|---|---|---|", row("network", "Chromium", "Convene", "mark"))?;
    for network in networks {
        let Some((chromium, convene)) = look(network) else { return Ok(ExitCode::FAILURE) };
        let standing = compare(&chromium, &convene);
        let marked = format!("{} {}", mark(standing), network.note);
        writeln!(out, "{}", row(network.name, &shown(&chromium), &shown(&convene), marked.trim()))?;
        standings.push(standing);
    }
    let count = |standing| standings.iter().filter(|other| **other == standing).count();
    let worse = count(Standing::Worse);
    writeln!(
        out,
        "{} networks: only Chromium gets through {worse}, only Convene {}, Convene is slower in {}",
        standings.len(),
        count(Standing::Better),
        count(Standing::Slower),
    )?;
    let holds = worse == 0 && count(Standing::Slower) == 0 && !standings.is_empty();
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at both in turn, so that what else this machine does meets both. Nothing, where it cannot
/// have the network.
fn look(network: &Hostile) -> Option<(Outcome, Outcome)> {
    let mut looks = (Vec::new(), Vec::new());
    while looks.0.len() < LOOKS {
        let (chromium, convene) = (put(network, by_chromium)?, put(network, by_convene)?);
        if chromium.is_err() || convene.is_err() {
            return Some((chromium, convene));
        }
        looks.0.push(chromium);
        looks.1.push(convene);
    }
    Some((middle(looks.0), middle(looks.1)))
}

/// Of outcomes that all got through.
fn middle(mut outcomes: Vec<Outcome>) -> Outcome {
    outcomes.sort();
    outcomes.swap_remove(outcomes.len() / 2)
}

fn put(network: &Hostile, who: fn(&Scene) -> Outcome) -> Option<Outcome> {
    let mut outcome = None;
    in_network(network.families, |made| outcome = Some(who(&(network.build)(made))));
    outcome
}

/// Until the page of the join link is loaded, in a browser that runs already.
fn by_chromium(scene: &Scene) -> Outcome {
    let mut browser = Browser::start(&scene.world, &scene.known);
    let clicked = Instant::now();
    let mut opened = browser.open(scene.world.link(), WAIT);
    // The network is new, and its last addresses come while the page loads.
    while opened.as_ref().is_err_and(|why| why == "ERR_NETWORK_CHANGED") {
        opened = browser.open(scene.world.link(), WAIT);
    }
    opened.map(|took| (took + scene.waited_before(clicked), String::new()))
}

/// Until `convene join` says that it has joined, with a daemon that runs already.
fn by_convene(scene: &Scene) -> Outcome {
    let daemon = scene.world.daemon("anna", &scene.known.settings(&scene.world));
    let clicked = Instant::now();
    let joined = daemon.join("anna", WAIT);
    let status = daemon.status();
    if joined.exit == Some(0) {
        let way = status.and_then(|status| status.route).map(|route| {
            let rung = match route.rung {
                Rung::Direct => "direct",
                Rung::Https => "https",
                Rung::Proxy => "proxy",
            };
            format!("{rung} {:?}", route.carrier).to_lowercase()
        });
        return Ok((joined.took + scene.waited_before(clicked), way.unwrap_or_default()));
    }
    let told = |attempt: &Attempt| format!("{:?}", attempt.code);
    let mut codes: Vec<String> = status.iter().flat_map(|status| status.attempts.iter().map(told)).collect();
    codes.sort();
    codes.dedup();
    Err(codes.join(", "))
}

fn compare(chromium: &Outcome, convene: &Outcome) -> Standing {
    match (chromium, convene) {
        (Ok(_), Err(_)) => Standing::Worse,
        (Err(_), Ok(_)) => Standing::Better,
        (Ok((chromium, _)), Ok((convene, _))) if convene > chromium => Standing::Slower,
        (Ok(_), Ok(_)) | (Err(_), Err(_)) => Standing::Even,
    }
}

/// In a table of Markdown, which people can read as it is.
fn row(network: &str, chromium: &str, convene: &str, mark: &str) -> String {
    format!("| {network:46} | {chromium:40} | {convene:40} | {mark} |")
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Ok((took, way)) => format!("yes, {:.3} s {way}", took.as_secs_f64()).trim_end().to_owned(),
        Err(why) => format!("no: {why}"),
    }
}

const fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Better => "+",
        Standing::Even => "",
        Standing::Slower => "slower",
        Standing::Worse => "LOST",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_that_was_held_up_does_not_count() {
        let looks = [30, 900, 20].map(|ms| Ok((Duration::from_millis(ms), String::new())));
        assert_eq!(middle(looks.to_vec()), Ok((Duration::from_millis(30), String::new())));
    }

    #[test]
    fn who_alone_gets_through_is_told_from_who_is_only_sooner() {
        let after = |ms| Ok((Duration::from_millis(ms), String::new()));
        let no = || Err("blocked".to_owned());
        assert_eq!(compare(&after(10), &no()), Standing::Worse);
        assert_eq!(compare(&no(), &after(10)), Standing::Better);
        assert_eq!(compare(&after(10), &after(11)), Standing::Slower);
        assert_eq!(compare(&after(11), &after(10)), Standing::Even);
        assert_eq!(compare(&no(), &no()), Standing::Even);
    }
}
