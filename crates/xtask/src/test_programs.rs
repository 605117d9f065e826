//! The programs that hold our tests. Most wait now and then: for a network, a disk, a clock. Those
//! that only compute fill these gaps.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use crate::workspace::cargo;

/// The packages whose tests only compute, for minutes. They run beside all others, at the lowest
/// priority: no wait of the others comes to its end later for them.
const COMPUTING: &[&str] = &["crates/conference", "tests/planted", "tests/sim"];

/// A program that holds tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestProgram {
    /// The folder of its package, in which it runs.
    pub(crate) folder: PathBuf,
    pub(crate) path: PathBuf,
}

impl TestProgram {
    /// Of one of cargo's messages, which is a line of JSON.
    pub(crate) fn of_message(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_test = message.get("profile")?.get("test")?.as_bool()?;
        let path = message.get("executable")?.as_str().filter(|_| is_test)?.into();
        let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?.to_path_buf();
        Some(Self { folder, path })
    }

    fn only_computes(&self) -> bool {
        COMPUTING.iter().any(|package| self.folder.ends_with(package))
    }

    /// At the lowest priority where it only computes.
    fn command(&self) -> Command {
        if self.only_computes() && cfg!(unix) {
            let mut nice = Command::new("nice");
            nice.args(["-n", "19"]).arg(&self.path);
            nice
        } else {
            Command::new(&self.path)
        }
    }

    /// What one calls it: the package's folder and the program.
    fn name(&self) -> String {
        [&self.folder, &self.path]
            .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
            .join(": ")
    }
}

/// Runs all tests in Rust, with these variables, and prints what each program says when it has
/// ended.
///
/// # Errors
/// When a test fails, or a program cannot be built or run.
pub(crate) fn run(environment: &[(&str, OsString)]) -> Result<()> {
    let (computing, others): (Vec<_>, Vec<_>) = built()?.into_iter().partition(TestProgram::only_computes);
    ensure!(!computing.is_empty() && !others.is_empty(), "cargo built no tests");
    let mut failed = thread::scope(|scope| {
        let beside = scope.spawn(|| failures(&computing, environment));
        let mut failed = failures(&others, environment)?;
        failed.extend(beside.join().map_err(|_| anyhow!("the programs beside broke off"))??);
        anyhow::Ok(failed)
    })?;
    let mut examples = cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]);
    let examples = examples.envs(environment.iter().map(|(name, value)| (name, value))).status();
    if !examples.context("cannot run cargo")?.success() {
        failed.push("the examples in documentation".to_owned());
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

/// Everything that holds tests; it was built before, and is not built anew.
fn built() -> Result<Vec<TestProgram>> {
    let mut command = cargo(&["build", "--workspace", "--bins", "--tests"]);
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let output = command.spawn()?.wait_with_output()?;
    ensure!(output.status.success(), "the tests cannot be built: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(TestProgram::of_message).collect())
}

/// The programs of these that failed; they run one after the other.
fn failures(programs: &[TestProgram], environment: &[(&str, OsString)]) -> Result<Vec<String>> {
    let mut failed = Vec::new();
    for program in programs {
        let name = program.name();
        println!("--- {name}");
        let began = Instant::now();
        let mut command = program.command();
        command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
        command.envs(environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot run {}", program.path.display()))?;
        // Written at once, so that the lines of two programs do not mix.
        let mut said = output.stdout;
        said.extend(output.stderr);
        said.extend(format!("--- {name}: {:.1} s\n", began.elapsed().as_secs_f64()).into_bytes());
        io::stdout().lock().write_all(&said)?;
        if !output.status.success() {
            failed.push(name);
        }
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_tests_is_known_by_cargos_message() {
        let message = |is_test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/clone/tests/system/Cargo.toml",
                "profile":{{"test":{is_test}}},"executable":"/clone/target/debug/deps/system-1"}}"#
            )
        };
        let program = TestProgram::of_message(&message(true)).unwrap();
        assert_eq!((program.name().as_str(), program.only_computes()), ("system: system-1", false));
        assert_eq!(TestProgram::of_message(&message(false)), None);
        assert_eq!(TestProgram::of_message(r#"{"reason":"build-finished"}"#), None);
    }

    #[test]
    fn what_fails_is_named_and_the_next_one_runs_all_the_same() {
        let program = |path: &str| TestProgram { folder: "/".into(), path: path.into() };
        let programs = ["/bin/false", "/bin/true"].map(program);
        assert_eq!(failures(&programs, &[]).unwrap(), [": false"]);
    }
}
