//! Plays worlds by their seeds.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use convene_tests_sim::{Parts, Planted, Scene, play, play_scene};

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
    /// Plays worlds with these parts alone, in place of those that each seed draws; `none` for
    /// none.
    #[arg(long, value_delimiter = ',')]
    parts: Option<Vec<String>>,
    /// Plants this mistake in the machines, such as `GapTaken`, and plays worlds in which it shows.
    #[arg(long)]
    mistake: Option<String>,
    /// Plays this scripted world, such as `ManyTermsVoid`, with the given seed.
    #[arg(long)]
    scene: Option<String>,
    /// How many to play.
    #[arg(long, default_value_t = 1_000)]
    count: u64,
}

fn main() -> ExitCode {
    // A person who reads only the beginning of a story wants no more worlds.
    tell(&mut io::stdout().lock()).unwrap_or(ExitCode::FAILURE)
}

fn tell(out: &mut impl io::Write) -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let (first, count) = arguments.seed.map_or((arguments.from, arguments.count), |seed| (seed, 1));
    let mistake = arguments.mistake.as_ref();
    let planted =
        mistake.and_then(|name| Planted::ALL.iter().copied().find(|one| format!("{one:?}") == *name));
    if mistake.is_some() && planted.is_none() {
        writeln!(out, "there is no such mistake")?;
        return Ok(ExitCode::FAILURE);
    }
    let scene = arguments.scene.as_ref();
    let scene = scene.and_then(|name| Scene::ALL.into_iter().find(|one| format!("{one:?}") == *name));
    let named = arguments.parts.as_ref().map(|names| Parts::named(names));
    let parts = named.or_else(|| planted.map(Parts::for_mistake));
    let mut slowest = std::time::Duration::ZERO;
    for seed in (first..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        let outcome = match scene {
            Some(scene) => play_scene(scene, seed, planted, arguments.seed.is_some()),
            None => play(seed, parts.clone(), planted, arguments.seed.is_some()),
        };
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
