//! The project's own commands: `cargo xtask --help`.

#[macro_use]
mod terminal;

#[cfg(unix)]
mod against;
mod api;
mod cache;
mod clients;
#[cfg(unix)]
mod container;
mod delegate;
#[cfg(unix)]
mod demo;
mod disk;
mod fuzz;
mod install;
mod made_part;
#[cfg(unix)]
mod older;
mod openrpc;
#[cfg(unix)]
mod package;
mod page;
mod policies;
#[cfg(unix)]
mod revision;

mod skips;
mod steady;
mod steps;
mod test;
mod test_programs;
mod tidy;
mod tree;
mod windows;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", after_help = EXAMPLES)]
struct Line {
    #[command(subcommand)]
    command: Task,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask demo                     see a conference on this machine
  cargo xtask demo --once               the same unattended, with kills; --keep DIR keeps the raw outputs
  cargo xtask test                     everything that CI runs
  cargo xtask package all              what administrators install, in target/packages
  cargo xtask page                     build the page, which the next build puts into convene-web
  cargo xtask screenshots talk de      pictures of the page's views; without words all of them
  cargo xtask policies                 make what comes from the list of settings
  cargo xtask api                      make what comes from the types of the local API
  cargo xtask clients                  make the types of the client libraries, from docs/openrpc.json
  cargo xtask test --only tidy,clippy  some parts of it
  cargo xtask tidy                     only the rules of the tree
  cargo xtask sim --seed 7             the story of one simulated world
  cargo xtask sim --from 0 --count 5000  many worlds, told only when a rule breaks
  cargo xtask hostile r08              one hostile network
  cargo xtask older                    the system tests in which an older version takes part
  cargo xtask hostile --against-browser  who gets through such networks, Chromium or Convene, and how soon
  cargo xtask fuzz http_head           ten minutes of invented bytes for one parser
  cargo xtask test --times 3 --busy 2  three times on a busy machine, with a table in docs/TESTING.md
  cargo xtask bench                    figures, beside a floor measured in the same run
  cargo xtask bench abuse              what others notice of those who abuse a server or a daemon
  cargo xtask bench abuse n1 hang      of two of them
  cargo xtask bench --against v0.1.0   the programs of another revision and ours, in turns

CARGO_TARGET_DIR is honoured everywhere.";

#[derive(Debug, Subcommand)]
enum Task {
    /// See a conference on this machine: a server, two daemons, two participants, and you.
    Demo {
        /// Without a terminal: talk, SIGKILLs in the middle, a line of JSON; exit 0 only if nothing
        /// is lost or doubled.
        #[arg(long)]
        once: bool,
        /// How many messages the two participants send with --once.
        #[arg(long, default_value_t = 200, requires = "once")]
        messages: usize,
        /// Keep what each frontend received, what was sent and all logs in this directory.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Install what the tests need and run all of them, as CI does.
    Test {
        /// Only these parts.
        #[arg(long, value_name = "PART", value_delimiter = ',')]
        only: Vec<test::Part>,
        /// Run all of it so often and write the seconds of each step into docs/TESTING.md.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        times: Option<u32>,
        /// Meanwhile keep so many threads busy with nothing.
        #[arg(long, value_name = "K", default_value_t = 0, requires = "times")]
        busy: usize,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Make the policy templates, the example of a policy and the table of settings from their
    /// list.
    Policies,
    /// Build the page of `convene-web` with Node 18 or later, for the programs that are built next.
    Page {
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Draw the views of the page in tests/page/pictures, and those that README shows.
    Screenshots {
        /// Only views whose names hold these words, such as `talk de light 1280`.
        words: Vec<String>,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Make docs/openrpc.json, and the reference in docs/LOCAL-API.md, from the types of the local
    /// API.
    Api,
    /// Make the types of the client libraries from the document of the local API.
    Clients,
    /// Make packages in target/packages, with a list of what they are made of and the sums of all.
    Package {
        /// Which.
        #[cfg(unix)]
        wanted: package::Wanted,
        /// Pack the programs in this folder, instead of a release build of this tree.
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
        /// Pack under this version, instead of that of the tree.
        #[arg(long)]
        version: Option<String>,
        /// Keep none, but build the last commit in two folders and compare every package byte by
        /// byte. With --programs these are packed twice, and what is packed is looked into.
        #[arg(long)]
        prove: bool,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// What `test` runs under wine, from inside.
    #[command(hide = true)]
    WindowsEntered {
        /// Where the Debian with wine lies.
        debian: PathBuf,
        /// Where everything of this run lies.
        place: PathBuf,
        /// Where tests say that they were skipped.
        skips: PathBuf,
    },
    /// Check the rules of the tree that no compiler checks.
    Tidy {
        /// Note that PROTOCOL.md and LOCAL-API.md were read against their source as it is now, and
        /// which long comments were mended.
        #[arg(long)]
        bless: bool,
    },
    /// Play simulated worlds: --seed N tells one as a story, --from A --count N play many. Exit 1
    /// when a rule is broken.
    #[command(disable_help_flag = true)]
    Sim {
        /// Passed to the simulator; --help shows its own.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the tests in hostile networks (as root); ends with `N passed, M skipped`.
    Hostile {
        /// Only tests whose name holds this, such as r08.
        filter: Option<String>,
        /// Instead put Chromium and Convene into such networks and tell who gets through and how
        /// soon. Exit 1 where only Chromium does.
        #[arg(long)]
        against_browser: bool,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Run the system tests in which programs of an older version take part, after building these
    /// where that was not done before.
    #[cfg(unix)]
    Older {
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Let a fuzzer invent bytes for every parser, two targets at a time; fails when one finds
    /// something.
    Fuzz {
        /// Only targets whose name holds this, such as http_head.
        filter: Option<String>,
        /// How long each target runs.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// Install with sudo without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Measure deliveries, memory and start-up against a floor, and what the page costs a browser;
    /// prints a table and JSON.
    Bench {
        /// Instead measure, as root, what others notice of abuse and what memory it takes. Exit 1
        /// where a figure is beyond its limit.
        #[arg(value_enum)]
        #[cfg_attr(unix, arg(conflicts_with = "against"))]
        what: Option<Measured>,
        /// Only these abuses, such as n1 or hang.
        #[arg(requires = "what", value_name = "NAME")]
        names: Vec<String>,
        /// Instead measure the programs of this revision and ours in turns, five times each. Exit 1
        /// where ours take more than 1.05 times the processor time, memory or delay.
        #[cfg(unix)]
        #[arg(long, value_name = "REVISION")]
        against: Option<String>,
        /// How both are built.
        #[cfg(unix)]
        #[arg(long, value_enum, default_value = "release", requires = "against", hide = true)]
        profile: revision::Profile,
    },
}

/// What a benchmark is about, where it is not the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measured {
    /// Those who abuse a server or a daemon.
    Abuse,
}

fn main() -> ExitCode {
    let outcome = match Line::parse().command {
        #[cfg(unix)]
        Task::Demo { once, messages, keep, yes } => demo::demo(&demo::Wishes { once, messages, keep, yes }),
        #[cfg(not(unix))]
        Task::Demo { .. } => Err(anyhow::anyhow!("the demo runs on Linux: the server does")),
        Task::Test { only, times: None, yes, .. } => test::test(&only, yes),
        Task::Test { only, times: Some(times), busy, yes } => steady::test(&only, yes, times, busy),
        #[cfg(unix)]
        Task::Package { wanted, programs, version, prove, yes } => {
            package::package(wanted, programs, version.as_deref(), prove, yes)
        }
        #[cfg(not(unix))]
        Task::Package { .. } => Err(anyhow::anyhow!("packages are made on Linux")),
        Task::WindowsEntered { debian, place, skips } => windows::entered(&debian, &place, &skips),
        Task::Policies => policies::write(),
        Task::Page { yes } => page::build(yes),
        Task::Screenshots { words, yes } => page::screenshots(&words, yes),
        Task::Api => api::write(),
        Task::Clients => clients::write(),
        Task::Tidy { bless: true } => tidy::bless(),
        Task::Tidy { bless: false } => tidy::run(),
        Task::Hostile { filter, against_browser: true, yes } => {
            delegate::against_browser(filter.as_deref(), yes)
        }
        Task::Hostile { filter, against_browser: false, yes } => delegate::hostile(filter.as_deref(), yes),
        #[cfg(unix)]
        Task::Older { yes } => delegate::older(yes),
        Task::Fuzz { filter, seconds, yes } => fuzz::fuzz(filter.as_deref(), seconds, yes),
        #[cfg(unix)]
        Task::Bench { against: Some(revision), profile, .. } => against::bench(&revision, profile),
        Task::Bench { what, names, .. } => delegate::bench(what.map(|Measured::Abuse| names.as_slice())),
        Task::Sim { arguments } => match delegate::sim(&arguments) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
