//! The proof that our programs do on Windows what they are to do, without Windows: their unit tests
//! and a story under wine. `packaging/windows/README.md` says what that shows and what it does not.

mod conference;
pub(crate) mod debian;
mod frontend;
mod installer;
mod limit;
pub(crate) mod msi;
mod place;
mod proxies;
mod story;
mod tally;
mod target;
mod unit_tests;
mod wine;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use debian::Debian;
pub(crate) use target::cargo;

use crate::install;
use crate::skips::Skips;
use crate::steps::Steps;
use crate::workspace::{bin_dir, root, target_dir};
use conference::Conference;
use place::Place;
use proxies::Proxies;
use tally::Tally;
use wine::Wine;

/// The name of the step in the table.
const NAME: &str = "Windows, under wine";
/// How long all of it may take, once it is built. Then everything that it started is killed.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// The versions of the story, with the same programs.
const VERSIONS: [&str; 3] = ["0.0.1", "0.0.2", "0.0.3"];
/// The age of what is packed; any will do.
const EPOCH: u64 = 1_600_000_000;

/// Builds for Windows and runs all that can be run here. A `convene-server` for Linux must have
/// been built.
pub(crate) fn proof(steps: &mut Steps, skips: &Skips, yes: bool) {
    if !install::can_build_for_windows() {
        return steps.skip(NAME, "the target for Windows or its C compiler is not installed");
    }
    let debian = match Debian::get(yes) {
        Ok(debian) => debian,
        Err(error) => return steps.skip(NAME, &format!("its Debian cannot be made here: {error:#}")),
    };
    let place = Place::new(&target_dir().join("windows-proof"));
    let mut is_built = false;
    steps.run("build for Windows", || prepare(&place, &debian).inspect(|()| is_built = true));
    if is_built {
        steps.run(NAME, || enter(&place, &debian, skips));
    }
}

/// Builds outside, where there is a network, everything that the run needs.
fn prepare(place: &Place, debian: &Debian) -> Result<()> {
    place.clear()?;
    unit_tests::build(&place.tests())?;
    target::programs(&place.programs())?;
    let pack = |version, into: &Path| {
        msi::build(msi::Wanted { programs: &place.programs(), version, epoch: EPOCH }, debian, into)
    };
    for version in VERSIONS {
        pack(version, &place.installers())?;
    }
    for again in pack(VERSIONS[0], &place.again())? {
        let name = again.file_name().context("a package has a name")?;
        let equal = fs::read(&again)? == fs::read(place.installers().join(name))?;
        ensure!(equal, "{} was packed twice and is not the same", again.display());
    }
    Ok(())
}

/// Runs [`entered`] in namespaces of its own.
fn enter(place: &Place, debian: &Debian, skips: &Skips) -> Result<()> {
    let target = target::folder()?;
    let mut command = debian.enter(&[&root(), place.folder(), &target]);
    // Not the file that runs: building the workspace may have replaced it.
    command.arg(bin_dir().join("xtask")).arg("windows-entered");
    command.args([debian.folder(), place.folder(), skips.path()]);
    limit::Running::start(&mut command)?.wait(LIMIT)
}

/// The proof itself: a program of its own, because its mounts, processes and network are.
///
/// # Errors
/// When something failed.
pub(crate) fn entered(debian: &Path, place: &Path, skips: &Path) -> Result<()> {
    let place = Place::new(place);
    let wine = Wine::begin(Debian::of(debian), place.folder())?;
    let mut tally = Tally::default();
    unit_tests::run(&place.tests(), skips, &wine, &mut tally)?;
    let _proxies = Proxies::begin(&place.story())?;
    let mut conference = Conference::begin(&place.story())?;
    story::tell(&place, &wine, &mut conference, &mut tally)?;
    installer::tell(&place, &wine, &conference, &mut tally);
    tally.finish()
}
