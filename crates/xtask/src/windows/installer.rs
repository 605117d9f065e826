//! The installer's life: install, upgrade, downgrade, remove.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::conference::Conference;
use super::frontend::{Frontend, joined};
use super::place::Place;
use super::proxies::PROXY;
use super::tally::Tally;
use super::wine::{Wine, windows_path};
use super::{VERSIONS, limit};

/// How long one run of the installer may take.
const LIMIT: Duration = Duration::from_secs(180);
/// How long a service may take to start or stop, on a machine that has much else to do.
const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(120);
const REFUSED: i32 = 1603 & 0xff;
/// Where the installer keeps what it was told.
const SETTINGS: &str = r"HKLM\Software\Convene";
const PATHS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
/// What opens a link that begins with `convene:`.
const LINKS: &str = r"HKLM\Software\Classes\convene\shell\open\command";
const SERVICE: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\convened";

/// Tells it. Nothing is installed when it begins.
pub(super) fn tell(place: &Place, wine: &Wine, conference: &Conference, tally: &mut Tally) {
    let machine = Machine { place, wine };
    let frontend = Frontend::new(wine, machine.programs().join("convene.exe"), None);
    installed(&machine, &frontend, conference, tally);
    upgraded(&machine, &frontend, conference, tally);
    service(&machine, &frontend, tally);
    removed(&machine, &frontend, conference, tally);
}

fn installed(machine: &Machine<'_>, frontend: &Frontend<'_>, conference: &Conference, tally: &mut Tally) {
    let properties = ["SERVER=localhost", &format!("PROXY={PROXY}"), "POLICY=notify"];
    tally.check("installs with properties", || machine.install(VERSIONS[1], "de", &properties)?.is(0));
    tally.check("keeps the properties in the registry", || {
        for (name, value) in [("ServerHost", "localhost"), ("ProxyUrl", PROXY), ("TlsInspection", "notify")] {
            machine.has(SETTINGS, name, Some(value))?;
        }
        machine.has(SETTINGS, "ServerCaFile", None)
    });
    tally.check("is in PATH, and starts a while after the system", || {
        let path = machine.wine.registry(PATHS, "PATH")?.unwrap_or_default();
        ensure!(path.contains(r"C:\Program Files\Convene"), "PATH is {path}");
        machine.has(SERVICE, "DelayedAutostart", Some("0x1"))
    });
    tally.check("opens links that are clicked", || {
        let command = machine.wine.own("reg.exe", &["query", LINKS, "/ve", "/reg:64"])?;
        let quoted = r#""C:\Program Files\Convene\convene.exe" web --join "%1""#;
        ensure!(command.stdout.contains(quoted), "{}", command.text());
        Ok(())
    });
    tally.check("runs as a service", || machine.wait_for("RUNNING", PATIENCE));
    tally.check("joins through the service", || {
        frontend.attach()?;
        joined(&frontend.join(&conference.link, "Dora", "30")?)
    });
    tally.check("knows the proxy that the installer was told", || {
        let tested = frontend.ask(&["proxy", "test"], "")?;
        let works = |one: &Value| {
            one.get("proxy").and_then(Value::as_str).is_some_and(|proxy| proxy.contains("127.0.0.1:3128"))
                && one.get("attempt").is_none_or(Value::is_null)
        };
        ensure!(tested.iter().any(works), "{tested:?}");
        Ok(())
    });
}

fn upgraded(machine: &Machine<'_>, frontend: &Frontend<'_>, conference: &Conference, tally: &mut Tally) {
    tally.check("upgrades, in another language", || machine.install(VERSIONS[2], "en", &[])?.is(0));
    tally.check("keeps settings over the upgrade", || machine.has(SETTINGS, "ProxyUrl", Some(PROXY)));
    tally.check("keeps seats over the upgrade", || {
        frontend.attach()?;
        frontend.until(
            PATIENCE,
            &["say", &conference.id, "nach der Aktualisierung", "--wait", "10"],
            |answer| answer.first().and_then(|one| one.get("state")?.as_str()) == Some("accepted"),
        )
    });
    tally.check("refuses an older version", || machine.install(VERSIONS[0], "de", &[])?.is(REFUSED));
    tally.check("runs on after that", || machine.wait_for("RUNNING", PATIENCE));
}

fn service(machine: &Machine<'_>, frontend: &Frontend<'_>, tally: &mut Tally) {
    tally.check("stops within a second", || {
        machine.wine.own("sc.exe", &["stop", "convened"])?;
        machine.wait_for("STOPPED", SECOND)
    });
    tally.check("starts within a second", || {
        machine.wine.own("sc.exe", &["start", "convened"])?;
        machine.wait_for("RUNNING", SECOND)?;
        frontend.attach()
    });
}

fn removed(machine: &Machine<'_>, frontend: &Frontend<'_>, conference: &Conference, tally: &mut Tally) {
    let nothing_is_left = || {
        machine.has_no_programs()?;
        ensure!(machine.state().is_err(), "the service is left");
        for (key, name) in [(SETTINGS, "ServerHost"), (SETTINGS, "ProxyUrl"), (SERVICE, "ImagePath")] {
            machine.has(key, name, None)?;
        }
        let path = machine.wine.registry(PATHS, "PATH")?.unwrap_or_default();
        ensure!(!path.contains("Convene"), "PATH is {path}");
        Ok(())
    };
    tally.check("is removed", || machine.remove(VERSIONS[2], "en", &[])?.is(0));
    tally.check("leaves nothing but its state", nothing_is_left);
    tally.check("has its seats when it is installed again", || {
        ensure!(machine.data().join("State").is_dir(), "the state is gone");
        machine.install(VERSIONS[2], "de", &["SERVER=localhost"])?.is(0)?;
        frontend.attach()?;
        frontend.until(PATIENCE, &["list"], |seats| format!("{seats:?}").contains(&conference.id))
    });
    tally
        .check("is removed with its state", || machine.remove(VERSIONS[2], "de", &["REMOVE_STATE=1"])?.is(0));
    tally.check("leaves nothing at all then", || {
        nothing_is_left()?;
        ensure!(!machine.data().exists(), "{} is left", machine.data().display());
        Ok(())
    });
}

/// The machine that it is installed on.
struct Machine<'a> {
    place: &'a Place,
    wine: &'a Wine,
}

/// The end of a run of the installer: its code, and where its log is.
struct Ended {
    code: Option<i32>,
    log: PathBuf,
}

impl Ended {
    fn is(&self, code: i32) -> Result<()> {
        if self.code == Some(code) {
            return Ok(());
        }
        bail!("msiexec ended with {:?}; its log is {}", self.code, self.log.display())
    }
}

impl Machine<'_> {
    fn install(&self, version: &str, language: &str, properties: &[&str]) -> Result<Ended> {
        self.msiexec("/i", version, language, properties)
    }

    fn remove(&self, version: &str, language: &str, properties: &[&str]) -> Result<Ended> {
        self.msiexec("/x", version, language, properties)
    }

    fn msiexec(&self, what: &str, version: &str, language: &str, properties: &[&str]) -> Result<Ended> {
        let package = self.place.installers().join(format!("convene-{version}-x64-{language}.msi"));
        let runs = fs::read_dir(self.place.story())?.count();
        let log = self.place.story().join(format!("msiexec-{runs}.log"));
        let mut command = self.wine.program(Path::new("/"), Path::new("msiexec.exe"));
        command.args([what, &windows_path(&package), "/qn", "/l*v", &windows_path(&log)]).args(properties);
        let code = limit::output(&mut command, "", LIMIT)?.status.code();
        Ok(Ended { code, log })
    }

    /// Whether the registry holds this value, or none.
    fn has(&self, key: &str, name: &str, value: Option<&str>) -> Result<()> {
        let found = self.wine.registry(key, name)?;
        ensure!(found.as_deref() == value, r"{key}\{name} is {found:?}");
        Ok(())
    }

    /// The state of the service.
    ///
    /// # Errors
    /// When there is none.
    fn state(&self) -> Result<String> {
        let shown = self.wine.own("sc.exe", &["query", "convened"])?;
        let state = shown.stdout.lines().find(|line| line.contains("STATE")).map(str::to_owned);
        state.ok_or_else(|| anyhow::anyhow!("{}", shown.text().trim()))
    }

    /// Asks until the service is in this state; an answer takes a part of a second.
    fn wait_for(&self, wanted: &str, limit: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            let state = self.state()?;
            if state.contains(wanted) {
                return Ok(());
            }
            ensure!(start.elapsed() < limit, "after {:.1} s: {state}", start.elapsed().as_secs_f64());
        }
    }

    /// Waits until the programs' folder is gone.
    fn has_no_programs(&self) -> Result<()> {
        let start = Instant::now();
        while self.programs().exists() {
            ensure!(start.elapsed() < PATIENCE, "{} is left", self.programs().display());
            // An answer takes a part of a second.
            drop(self.state());
        }
        Ok(())
    }

    fn programs(&self) -> PathBuf {
        self.wine.disk("Program Files/Convene")
    }

    fn data(&self) -> PathBuf {
        self.wine.disk("ProgramData/Convene")
    }
}
