//! `cargo xtask fuzz`: lets a fuzzer invent bytes for every parser, two at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::install::{self, BUILD};
use crate::steps::run;
use crate::workspace::{cargo, root, target_dir};

/// Targets that run side by side: one for each core of the machine that tests are sized for.
const TOGETHER: usize = 2;
/// Bytes of one input: longer than every head, certificate and message that a box on the way sends.
const INPUT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one input that is kept in the tree, so that the corpora stay small; longer ones are
/// cut.
const KEPT_BYTES_MAX: usize = 4 * 1024;
/// Seconds after which one input counts as an endless loop.
const INPUT_SECONDS_MAX: u32 = 5;
/// MiB that one target may take: a parser that needs more does so because of what it read.
const MEMORY_MIB_MAX: u32 = 1_024;
/// The fuzzer's instruments are not part of stable Rust. This lets the toolchain of the tree build
/// them, and nothing else is built so.
const UNSTABLE: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");
/// The folder of the fuzz targets, and that of what they found.
const FOLDER: &str = "tests/fuzz";
const CORPORA: &str = "tests/parsers/corpus";

/// Runs the targets whose names hold `filter`, each for so many seconds, then keeps what each found
/// that reaches new code.
///
/// # Errors
/// When a target found something, cannot be built, or none has such a name.
pub(crate) fn fuzz(filter: Option<&str>, seconds: u64, yes: bool) -> Result<()> {
    install::packages(BUILD, yes)?;
    install_cargo_fuzz()?;
    let build = target_dir().join("fuzz");
    run(cargo(&["fuzz", "build", "--fuzz-dir", FOLDER, "--target-dir"])
        .arg(&build)
        .env(UNSTABLE.0, UNSTABLE.1))?;
    let targets = targets(filter)?;
    let waiting = Mutex::new(targets.iter());
    let findings = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..TOGETHER {
            scope.spawn(|| {
                while let Some(target) = next(&waiting) {
                    if let Err(error) = play(target, &build, seconds) {
                        findings.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let findings = findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !findings.is_empty() {
        bail!("{}", findings.join("\n"));
    }
    println!("{} targets, {seconds} s each, without a finding", targets.len());
    Ok(())
}

fn install_cargo_fuzz() -> Result<()> {
    let there = cargo(&["fuzz", "--version"]).output().is_ok_and(|output| output.status.success());
    if there {
        return Ok(());
    }
    println!("cargo-fuzz builds and runs fuzz targets; it is installed from crates.io.");
    run(&mut cargo(&["install", "cargo-fuzz", "--locked"]))
}

fn targets(filter: Option<&str>) -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(root().join(FOLDER).join("fuzz_targets"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(target) =
            name.strip_suffix(".rs").filter(|target| target.contains(filter.unwrap_or_default()))
        {
            targets.push(target.to_owned());
        }
    }
    targets.sort();
    if targets.is_empty() {
        bail!("no fuzz target's name holds {}", filter.unwrap_or_default());
    }
    Ok(targets)
}

fn next<'a>(waiting: &Mutex<std::slice::Iter<'a, String>>) -> Option<&'a String> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Runs one target, and merges what it found into its corpus. The output of the fuzzer goes to a
/// file.
fn play(target: &str, build: &Path, seconds: u64) -> Result<()> {
    let place = Place::new(target, build)?;
    let mut fuzzer = place.program();
    fuzzer.arg(&place.found).arg(&place.corpus);
    fuzzer.args([
        format!("-max_total_time={seconds}"),
        format!("-artifact_prefix={}/", place.artifacts.display()),
    ]);
    println!("{target}: runs for {seconds} s, log in {}", place.log.display());
    place
        .finish(&mut fuzzer)
        .with_context(|| format!("{target} FOUND SOMETHING: see {}", place.log.display()))?;
    println!("{target}: {}", place.summary()?);
    place.keep()
}

/// Where one target's things lie.
struct Place {
    program: PathBuf,
    corpus: PathBuf,
    found: PathBuf,
    fewest: PathBuf,
    artifacts: PathBuf,
    log: PathBuf,
}

impl Place {
    fn new(target: &str, build: &Path) -> Result<Self> {
        let work = build.join("work").join(target);
        let place = Self {
            program: build.join("x86_64-unknown-linux-gnu/release").join(target),
            corpus: root().join(CORPORA).join(target),
            found: work.join("found"),
            fewest: work.join("fewest"),
            artifacts: work.join("artifacts"),
            log: work.join("log"),
        };
        for folder in [&place.corpus, &place.found, &place.artifacts] {
            fs::create_dir_all(folder)?;
        }
        fs::write(&place.log, "")?;
        Ok(place)
    }

    fn program(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args([
            format!("-max_len={INPUT_BYTES_MAX}"),
            format!("-timeout={INPUT_SECONDS_MAX}"),
            format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
            "-print_final_stats=1".to_owned(),
        ]);
        command
    }

    fn finish(&self, command: &mut Command) -> Result<()> {
        let log = fs::OpenOptions::new().append(true).open(&self.log)?;
        let status = command.stderr(log.try_clone()?).stdout(log).status()?;
        if !status.success() {
            bail!("{}: {status}", self.program.display());
        }
        Ok(())
    }

    /// The number of inputs that were tried.
    fn summary(&self) -> Result<String> {
        let log = fs::read(&self.log)?;
        let log = String::from_utf8_lossy(&log).into_owned();
        let tried = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        Ok(format!("{} inputs tried", tried.context("the fuzzer printed no figures")?.trim()))
    }

    /// Replaces what earlier runs kept by the fewest inputs that reach all the code which is
    /// reached. Inputs with names of their own were written by hand and stay.
    fn keep(&self) -> Result<()> {
        if self.fewest.exists() {
            fs::remove_dir_all(&self.fewest)?;
        }
        fs::create_dir_all(&self.fewest)?;
        let mut merge = Command::new(&self.program);
        merge.args(["-set_cover_merge=1", "-use_counters=0"]).arg(format!("-max_len={KEPT_BYTES_MAX}"));
        self.finish(merge.arg(&self.fewest).arg(&self.corpus).arg(&self.found))?;
        for input in fs::read_dir(&self.corpus)? {
            let input = input?;
            if is_hash(&input.file_name().to_string_lossy()) {
                fs::remove_file(input.path())?;
            }
        }
        for input in fs::read_dir(&self.fewest)? {
            let input = input?;
            if is_hash(&input.file_name().to_string_lossy()) {
                fs::copy(input.path(), self.corpus.join(input.file_name()))?;
            }
        }
        Ok(())
    }
}

/// Whether the fuzzer gave this name: the SHA-1 of the input.
fn is_hash(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
