//! The programs of another commit of this repository, built in a worktree of their own and kept
//! outside of the clone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::cache;
use crate::steps::{output, run};
use crate::workspace::{cargo, root};

/// What people run; the packages have the same names.
pub(crate) const PROGRAMS: [&str; 3] = ["convene-server", "convened", "convene"];

/// The profile with which the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// As users have them.
    Release,
    /// Quickly: of such programs figures mean nothing, and the benchmark measures once, to try the
    /// command itself.
    Dev,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }

    /// Where cargo puts programs of it, below the target directory.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}

/// The whole name of the commit that a revision means.
///
/// # Errors
/// When the clone does not hold it.
pub(crate) fn commit_of(revision: &str) -> Result<String> {
    let spoken = format!("{revision}^{{commit}}");
    let commit = output(git().args(["rev-parse", "--verify", "--quiet", &spoken]))
        .with_context(|| format!("{revision} is no revision of this repository"))?;
    Ok(commit.trim().to_owned())
}

/// The folder with the programs of these packages at a commit, built where that was not done
/// before. They are kept under `name`, and those of other commits are removed. Packages of one
/// group are built together, after those of the group before.
///
/// # Errors
/// When they cannot be built; what was half made is made anew next time.
pub(crate) fn programs(name: &str, commit: &str, profile: Profile, groups: &[&[&str]]) -> Result<PathBuf> {
    let version = commit.get(..cache::DIGITS).context("a commit's name is longer")?;
    let made = cache::folder_of(name, version, |at| {
        let (tree, target) = (at.join("tree"), at.join("target"));
        run(git().args(["worktree", "add", "--quiet", "--force", "--detach"]).arg(&tree).arg(commit))?;
        // Only with the versions that the commit names are these its programs.
        let built = build(&tree, &target, profile, &["--locked"], groups).and_then(|()| {
            let programs = at.join("programs");
            fs::create_dir(&programs)?;
            for program in groups.iter().copied().flatten() {
                fs::copy(target.join(profile.folder()).join(program), programs.join(program))?;
            }
            Ok(fs::remove_dir_all(&target)?)
        });
        run(git().args(["worktree", "remove", "--force"]).arg(&tree))?;
        built
    })?;
    Ok(made.join("programs"))
}

/// Builds groups of packages of a tree, one group after the other, with these further arguments.
///
/// # Errors
/// When cargo fails.
pub(crate) fn build(
    tree: &Path,
    target: &Path,
    profile: Profile,
    arguments: &[&str],
    groups: &[&[&str]],
) -> Result<()> {
    for packages in groups {
        let mut command = cargo(&["build", "--profile", profile.name()]);
        command.args(arguments).current_dir(tree).env("CARGO_TARGET_DIR", target);
        run(command.args(packages.iter().flat_map(|package| ["--package", package])))?;
    }
    Ok(())
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(root());
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_that_does_not_exist_is_told() {
        let error = commit_of("no-such-revision").unwrap_err();
        assert!(error.to_string().contains("no-such-revision is no revision"), "{error}");
    }
}
