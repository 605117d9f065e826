//! The story of a participant, with the programs for Windows and a server on Linux.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::conference::Conference;
use super::frontend::{Frontend, joined, refused};
use super::limit::Running;
use super::place::Place;
use super::proxies::{PAC, PROXY};
use super::tally::Tally;
use super::wine::{Wine, windows_path};
use crate::steps::run;

/// The pipe of the story's daemon.
const PIPE: &str = r"\\.\pipe\proof";
/// Where policies are in the registry.
const POLICY: &str = r"HKLM\Software\Policies\Convene";
/// Names the server on this machine, to which a link alone may not lead.
const SERVER: &str = "[[server]]\nhost = \"localhost\"\naddresses = [\"127.0.0.1\"]\n";
/// The same server under a name that only its proxies know.
const BEHIND_PROXY: &str = "conference.test";
/// Longer than a TLS record and than what a pipe takes at once, with letters of one to four bytes.
const LONG: usize = 900;
const MESSAGES: usize = 16;
/// How long the daemon may take to be where it is to be.
const PATIENCE: Duration = Duration::from_secs(40);

/// Tells it. The conference goes on.
pub(super) fn tell(place: &Place, wine: &Wine, conference: &mut Conference, tally: &mut Tally) -> Result<()> {
    let stage = Stage {
        place,
        wine,
        frontend: Frontend::new(wine, place.programs().join("convene.exe"), Some(PIPE)),
    };
    direct(&stage, conference, tally)?;
    authorities(&stage, conference, tally)?;
    proxied(&stage, conference, tally)
}

/// Straight to the server, with kills.
fn direct(stage: &Stage<'_>, conference: &mut Conference, tally: &mut Tally) -> Result<()> {
    let frontend = &stage.frontend;
    let config = format!("{SERVER}[proxy]\nmode = \"off\"\n");
    let mut daemon = stage.start("direct", &config)?;
    tally.check("joins by a link that names the server's key", || {
        joined(&frontend.join(&conference.link, "Änne 🍷", "20")?)
    });
    tally.check("refuses a server with another key", || {
        refused(&frontend.join(&conference.wrong_link(), "X", "3")?, "fingerprint_mismatch")
    });
    tally.check("refuses an issuer that nobody knows", || {
        refused(&frontend.join(conference.plain_link(), "X", "3")?, "certificate_untrusted")
    });
    let long = "ä€🦀x".repeat(LONG);
    tally.check("says something long", || say(frontend, &conference.id, &long, 1, &["accepted"]));
    tally.check("tells it whole, umlauts and emoji too", || {
        ensure!(frontend.texts(&conference.id)?.contains(&long));
        Ok(())
    });
    let text = |number: usize| format!("Nr. {number} ü 🍷");
    tally.check("is killed four times while it is spoken to", || {
        for number in 10..10 + MESSAGES {
            if number % 4 == 0 {
                thread::scope(|scope| {
                    scope.spawn(|| say_once(frontend, &conference.id, &text(number), number));
                    stage.restart(&mut daemon, "direct")
                })?;
            }
            say(frontend, &conference.id, &text(number), number, &["accepted", "queued"])?;
        }
        Ok(())
    });
    let all = |texts: &[String]| (10..10 + MESSAGES).all(|number| texts.contains(&text(number)));
    tally.check("has lost and doubled nothing", || {
        frontend.until(PATIENCE, &["tail", &conference.id], |events| all(&texts(events)))?;
        let said = frontend.texts(&conference.id)?;
        let numbered = said.iter().filter(|said| said.starts_with("Nr. ")).count();
        ensure!(numbered == MESSAGES, "{numbered} of {MESSAGES}: {said:?}");
        Ok(())
    });
    conference.kill()?;
    tally.check("keeps what is said while the server is away", || {
        say(frontend, &conference.id, "niemand da", 40, &["queued"])
    });
    daemon.kill()?;
    conference.serve()?;
    let _daemon = stage.start("direct", &config)?;
    tally.check("says it when both are back", || {
        frontend.until(PATIENCE, &["tail", &conference.id], |events| {
            texts(events).contains(&"niemand da".to_owned())
        })
    });
    Ok(())
}

/// A certificate that the configuration names is trusted, in either form.
fn authorities(stage: &Stage<'_>, conference: &Conference, tally: &mut Tally) -> Result<()> {
    let (pem, der) = (conference.certificate(), stage.place.story().join("server.der"));
    run(Command::new("openssl").args(["x509", "-outform", "der", "-in"]).arg(&pem).arg("-out").arg(&der))?;
    for (name, file) in [("PEM", &pem), ("DER", &der)] {
        let config = format!("{SERVER}ca_file = '{}'\n[proxy]\nmode = \"off\"\n", windows_path(file));
        let daemon = stage.start(name, &config)?;
        tally.check(&format!("trusts a certificate in a {name} file"), || {
            joined(&stage.frontend.join(conference.plain_link(), name, "20")?)
        });
        daemon.kill()?;
    }
    Ok(())
}

/// Where only a proxy leads to the server.
fn proxied(stage: &Stage<'_>, conference: &Conference, tally: &mut Tally) -> Result<()> {
    let ways = [
        ("a proxy", format!("mode = \"manual\"\nurl = \"{PROXY}\"\n")),
        ("a proxy that a script names", format!("mode = \"auto\"\npac_url = \"{PAC}\"\n")),
        // The policy below counts and not this.
        ("a proxy that policy names", "mode = \"manual\"\nurl = \"http://127.0.0.1:9\"\n".to_owned()),
    ];
    let link = conference.link.replacen("localhost", BEHIND_PROXY, 1);
    for (number, (name, proxy)) in ways.iter().enumerate() {
        let policy = number == 2;
        if policy {
            stage.wine.set_registry(POLICY, "ProxyUrl", PROXY)?;
        }
        let config = format!("[proxy]\n{proxy}");
        let daemon = stage.start(&format!("proxied-{number}"), &config)?;
        tally.check(&format!("joins through {name}"), || {
            joined(&stage.frontend.join(&link, &format!("Bea {number}"), "30")?)?;
            stage.frontend.until(PATIENCE, &["status"], |shown| {
                shown.iter().any(|one| one.pointer("/route/proxy").is_some_and(Value::is_string))
            })
        });
        daemon.kill()?;
    }
    stage.wine.forget_registry(POLICY)
}

/// The daemon and its frontend.
struct Stage<'a> {
    place: &'a Place,
    wine: &'a Wine,
    frontend: Frontend<'a>,
}

impl Stage<'_> {
    /// Starts a daemon with this configuration and a state of the same name, and waits until it
    /// answers.
    fn start(&self, name: &str, config: &str) -> Result<Running> {
        fs::write(self.config(name), config)?;
        let daemon = self.launch(name)?;
        self.frontend.attach().with_context(|| format!("the daemon of {name}"))?;
        Ok(daemon)
    }

    /// Kills it and starts it again.
    fn restart(&self, daemon: &mut Running, name: &str) -> Result<()> {
        daemon.end()?;
        *daemon = self.launch(name)?;
        Ok(())
    }

    fn launch(&self, name: &str) -> Result<Running> {
        let log =
            File::options().append(true).create(true).open(self.place.story().join(format!("{name}.log")))?;
        let mut command = self.wine.program(Path::new("/"), &self.place.programs().join("convened.exe"));
        command.args(["--config", &windows_path(&self.config(name)), "--socket", PIPE]);
        command.args(["--state-dir", &format!(r"C:\Convene\{name}")]);
        Running::start(command.stdout(log.try_clone()?).stderr(log))
    }

    fn config(&self, name: &str) -> PathBuf {
        self.place.story().join(format!("{name}.toml"))
    }
}

fn texts(events: &[Value]) -> Vec<String> {
    events.iter().filter_map(|event| event.get("text")?.as_str().map(str::to_owned)).collect()
}

fn say_once(frontend: &Frontend<'_>, conference: &str, text: &str, number: usize) -> Result<Vec<Value>> {
    let id = format!("01a222f9-aaaa-7312-9b5f-{number:012}");
    frontend.ask(&["say", conference, text, "--id", &id, "--wait", "5"], "")
}

/// Says it, again where the daemon is away, until it is one of these states.
fn say(frontend: &Frontend<'_>, conference: &str, text: &str, number: usize, states: &[&str]) -> Result<()> {
    let id = format!("01a222f9-aaaa-7312-9b5f-{number:012}");
    frontend.until(PATIENCE, &["say", conference, text, "--id", &id, "--wait", "5"], |answer| {
        let state = answer.first().and_then(|one| one.get("state")?.as_str());
        state.is_some_and(|state| states.contains(&state))
    })
}
