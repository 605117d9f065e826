//! The trial of the client libraries: each is built as anyone builds it, and tested against a fake
//! daemon and against the programs of this build.

use std::process::Command;

use crate::install;
use crate::steps::{self, Steps};
use crate::workspace::{bin_dir, root};

use super::{PYTHON, TYPESCRIPT};

/// The lock file alone decides, and nothing that is installed is run meanwhile.
const INSTALL: &[&str] = &["ci", "--ignore-scripts", "--no-audit", "--no-fund"];

/// Tries all of them.
pub(crate) fn try_all(steps: &mut Steps, yes: bool) {
    steps.run("client for TypeScript", || {
        install::node(yes)?;
        steps::run(&mut command("npm", INSTALL, TYPESCRIPT))?;
        steps::run(&mut command("npm", &["test"], TYPESCRIPT))
    });
    steps.run("client for Python", || {
        let tests = ["-W", "error", "-m", "unittest"];
        // The tree stays as it is.
        steps::run(command("python3", &tests, PYTHON).env("PYTHONDONTWRITEBYTECODE", "1"))
    });
}

/// A command in the folder of a library. It runs the tests with the real programs too.
fn command(program: &str, arguments: &[&str], folder: &str) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root().join(folder)).env("CONVENE_BIN_DIR", bin_dir());
    command
}
