//! Plays worlds by their seeds.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use convene_tests_sim::play;

/// Plays simulated worlds and looks for a broken promise.
#[derive(Debug, Parser)]
#[command(
    after_help = "Examples:\n  cargo xtask sim --seed 17          the story of one world\n  cargo xtask sim --from 0 --count 10000"
)]
struct Arguments {
    /// Play this world and tell its story.
    #[arg(long, conflicts_with_all = ["from", "count"])]
    seed: Option<u64>,
    /// The first of many worlds to play.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many to play.
    #[arg(long, default_value_t = 1_000)]
    count: u64,
}

fn main() -> ExitCode {
    // A reader who takes only the beginning of a story wants no more worlds.
    tell(&mut io::stdout().lock()).unwrap_or(ExitCode::FAILURE)
}

fn tell(out: &mut impl io::Write) -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let (first, count) = arguments.seed.map_or((arguments.from, arguments.count), |seed| (seed, 1));
    let mut slowest = std::time::Duration::ZERO;
    for seed in (first..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let outcome = play(seed, None, arguments.seed.is_some());
        for line in &outcome.story {
            writeln!(out, "{line}")?;
        }
        if let Some(violation) = outcome.violation {
            writeln!(out, "seed {seed}: {violation}")?;
            return Ok(ExitCode::FAILURE);
        }
        slowest = slowest.max(outcome.settled_after);
    }
    writeln!(
        out,
        "no promise was broken; all had arrived at the latest {} s after the last obstacle",
        slowest.as_secs()
    )?;
    Ok(ExitCode::SUCCESS)
}
