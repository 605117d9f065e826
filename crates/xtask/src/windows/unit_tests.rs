//! The unit tests of all that runs on Windows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::limit;
use super::tally::Tally;
use super::target;
use super::wine::Wine;
use crate::test_programs::TestProgram;
use crate::workspace::root;

/// How long the tests of one program may take.
const LIMIT: Duration = Duration::from_secs(300);
/// Tests that fail under wine alone: `package::test: the reason`, one per line.
const KNOWN: &str = "packaging/windows/wine/known-failures.txt";

/// Builds programs and tests at once, so that both see the same features, and writes down where the
/// tests are.
pub(super) fn build(list: &Path) -> Result<()> {
    let mut command = target::cargo("build")?;
    // Nobody builds the project on Windows.
    command.args(["--exclude", "xtask"]);
    command.args(["--bins", "--tests", "--message-format=json-render-diagnostics"]).stdout(Stdio::piped());
    let output = command.spawn()?.wait_with_output()?;
    ensure!(output.status.success(), "the tests could not be built: {}", output.status);
    let messages = String::from_utf8_lossy(&output.stdout);
    let tests = messages.lines().filter_map(TestProgram::of_message);
    let tests = tests.map(|test| json!({ "program": test.path, "folder": test.folder }));
    fs::write(list, serde_json::to_string_pretty(&tests.collect::<Vec<_>>())?)?;
    Ok(())
}

/// Runs those of the list.
pub(super) fn run(list: &Path, skips: &Path, wine: &Wine, tally: &mut Tally) -> Result<()> {
    let mut known = Known::read(&fs::read_to_string(root().join(KNOWN))?)?;
    let tests: Vec<Value> = serde_json::from_str(&fs::read_to_string(list)?)?;
    for test in &tests {
        let path = |name: &str| test.get(name).and_then(Value::as_str).map(PathBuf::from);
        let (program, folder) = path("program").zip(path("folder")).context("a list without paths")?;
        let package = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let variables = [("CARGO_MANIFEST_DIR", &*folder), ("CONVENE_SKIPS", skips)];
        let variables = variables.map(|(name, path)| format!("{name}={}", path.display()));
        let mut passed = 0;
        tally.check(&format!("unit tests of {package}"), || {
            let output = limit::output(&mut wine.program_with(&folder, &variables, &program), "", LIMIT)?;
            let results = Results::read(&output.stdout);
            passed = results.passed.len();
            let failed = known.unknown(&package, &results.failed);
            ensure!(results.is_whole, "the program broke off: {}\n{}", output.status, output.text());
            ensure!(failed.is_empty(), "{}\n{}", failed.join(", "), output.text());
            Ok(())
        });
        tally.add(passed, 0);
    }
    tally.check("what is known to fail under wine still does", || known.finish());
    Ok(())
}

/// The results that a program with tests printed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Results {
    passed: Vec<String>,
    failed: Vec<String>,
    /// It came to its end.
    is_whole: bool,
}

impl Results {
    fn read(printed: &str) -> Self {
        let mut results = Self::default();
        for line in printed.lines() {
            // The output of a test itself may stand between its name and its result.
            let named = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
            match named {
                Some((name, result)) if result.ends_with("ok") => results.passed.push(name.to_owned()),
                Some((name, result)) if result.ends_with("FAILED") => results.failed.push(name.to_owned()),
                Some(_) | None => results.is_whole |= line.starts_with("test result: "),
            }
        }
        results
    }
}

/// The tests that may fail, with their reasons, and whether they have.
#[derive(Debug)]
struct Known(BTreeMap<String, bool>);

impl Known {
    fn read(text: &str) -> Result<Self> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let names = lines.map(|line| match line.split_once(": ") {
            Some((name, reason)) if !reason.trim().is_empty() => Ok((name.to_owned(), false)),
            _ => bail!("{KNOWN}: `{line}` names no reason: write `package/test: the reason`"),
        });
        names.collect::<Result<_>>().map(Self)
    }

    /// Those of a package's failed tests that are not known to fail.
    fn unknown(&mut self, package: &str, failed: &[String]) -> Vec<String> {
        let mut unknown = Vec::new();
        for name in failed {
            match self.0.get_mut(&format!("{package}/{name}")) {
                Some(seen) => *seen = true,
                None => unknown.push(name.clone()),
            }
        }
        unknown
    }

    /// # Errors
    /// When one has not failed: then its line is to go.
    fn finish(&self) -> Result<()> {
        let passed: Vec<&str> =
            self.0.iter().filter(|(_, seen)| !**seen).map(|(name, _)| name.as_str()).collect();
        ensure!(
            passed.is_empty(),
            "passed, or are no longer there: take them out of {KNOWN}: {}",
            passed.join(", ")
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_by_name_and_a_program_that_broke_off_is_told() {
        let printed =
            "running 3 tests\ntest a::b ... ok\ntest c ... said something FAILED\ntest d ... ignored\n";
        let mut results = Results::read(printed);
        assert_eq!(results.passed, ["a::b"]);
        assert_eq!(results.failed, ["c"]);
        assert!(!results.is_whole);
        results = Results::read("test a ... ok\ntest result: ok. 1 passed; 0 failed\n");
        assert!(results.is_whole);
    }

    #[test]
    fn a_known_failure_is_forgiven_and_its_passing_is_not() {
        let mut known = Known::read("# why\n\ndial/slow: wine is slow\n").unwrap();
        assert_eq!(known.unknown("dial", &["slow".to_owned(), "new".to_owned()]), ["new"]);
        known.finish().unwrap();
        assert!(Known::read("dial/slow: wine is slow").unwrap().finish().is_err());
        assert!(Known::read("dial/slow").is_err());
    }
}
