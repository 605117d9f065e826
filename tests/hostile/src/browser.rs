//! Chromium without a window, in the client's place: what our programs are compared with. It is
//! told what to do over a pipe (the DevTools protocol).

mod known;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use self::known::Known;
use crate::network::Place;
use crate::patience::PATIENCE;
use crate::process::must;
use crate::world::{TITLE, World};

/// The program itself: `/usr/bin/chromium` is a script that adds the flags of this machine.
const PROGRAM: &str = "/usr/lib/chromium/chromium";
/// Starts it with its pipe (file descriptors 3 and 4) at our end of standard input and output.
const WITH_PIPE: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2";
/// Nothing of its own goes on beside the page. Root cannot have Chromium's sandbox.
const FLAGS: &[&str] = &[
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];
/// A browser with an empty page, until it is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    requests: ChildStdin,
    messages: Receiver<Value>,
    number: u64,
    /// The page's session.
    page: Option<String>,
}

impl Browser {
    /// Starts one with an empty profile, in which it trusts whom the machine trusts, and opens an
    /// empty page.
    pub fn start(world: &World, known: &Known) -> Self {
        let directory = world.network().scratch().join("browser");
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        let home = known.home().unwrap_or_else(|| directory.clone());
        trust(&home, &known.authorities);
        let mut command = world.network().command(Place::Client, "/bin/sh");
        command.args(["-c", WITH_PIPE, PROGRAM]).args(FLAGS);
        command.arg(format!("--user-data-dir={}", directory.join("profile").display()));
        command.args(known.pac_url.iter().map(|url| format!("--proxy-pac-url={url}")));
        command.arg("about:blank");
        command.env("HOME", home).env("DBUS_SESSION_BUS_ADDRESS", "disabled:").envs(known.session());
        let log = File::create(directory.join("log")).expect("the lab writes its logs");
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = started.expect("the lab starts programs");
        let requests = child.stdin.take().expect("it was asked for");
        let lines = BufReader::new(child.stdout.take().expect("it was asked for"));
        let (tell, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let messages = lines.split(0).map_while(Result::ok);
            let messages = messages.map(|message| serde_json::from_slice(&message).unwrap_or_default());
            // It ends when nobody listens any more, or when the browser has ended.
            messages.map_while(|message| tell.send(message).ok()).for_each(drop);
        });
        let mut browser = Self { child, requests, messages, number: 0, page: None };
        browser.open_page();
        browser
    }

    fn open_page(&mut self) {
        let target = self.must("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attach = json!({ "targetId": target, "flatten": true });
        self.page = self.must("Target.attachToTarget", &attach)["sessionId"].as_str().map(str::to_owned);
        self.must("Page.enable", &json!({}));
        self.must("Runtime.evaluate", &json!({ "expression": "document.readyState" }));
    }

    /// Opens the address and gives the time until the server's page is loaded, or else why it is
    /// not.
    pub fn open(&mut self, url: &str, limit: Duration) -> Result<Duration, String> {
        let began = Instant::now();
        let number = self.send("Page.navigate", &json!({ "url": url }));
        let (mut has_answered, mut is_there, mut took) = (false, false, None);
        while !has_answered || took.is_none() {
            let left = limit.saturating_sub(began.elapsed());
            let Ok(message) = self.messages.recv_timeout(left) else {
                return Err("no answer in time".to_owned());
            };
            if message["id"] == number {
                if let Some(error) = message["result"]["errorText"].as_str() {
                    return Err(error.trim_start_matches("net::").to_owned());
                }
                has_answered = true;
            }
            match message["method"].as_str() {
                // The page that is loaded before that is the empty one.
                Some("Page.frameNavigated") => {
                    is_there =
                        message["params"]["frame"]["url"].as_str().is_some_and(|at| at.starts_with("http"));
                }
                Some("Page.loadEventFired") if is_there => took = Some(began.elapsed()),
                _ => {}
            }
        }
        let heading =
            json!({ "expression": "document.querySelector('h1')?.textContent ?? document.body.innerText" });
        let heading = self.must("Runtime.evaluate", &heading)["result"]["value"].clone();
        match (heading.as_str(), took) {
            // The page of a join link is headed by its conference, which nobody on the way knows.
            (Some(TITLE), Some(took)) => Ok(took),
            (heading, _) => Err(format!("another page: {}", heading.unwrap_or_default())),
        }
    }

    /// The answer to a request that cannot fail.
    fn must(&mut self, method: &str, parameters: &Value) -> Value {
        let number = self.send(method, parameters);
        let began = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let message = self.messages.recv_timeout(left);
            let message = message.expect("Chromium (Debian package chromium) runs and answers");
            if message["id"] == number {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, method: &str, parameters: &Value) -> u64 {
        self.number += 1;
        let mut request = json!({ "id": self.number, "method": method, "params": parameters });
        if let Some(page) = &self.page {
            request["sessionId"] = json!(page);
        }
        write!(self.requests, "{request}\0").expect("Chromium (Debian package chromium) runs and listens");
        self.number
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Chromium trusts its own list and, on Linux, what a user's NSS database holds; it does not read
/// `/etc/ssl`.
fn trust(home: &Path, authorities: &[String]) {
    let store = home.join(".pki/nssdb");
    fs::create_dir_all(&store).expect("the lab writes to its directory");
    let certutil = |arguments: &[&str], input: &str| {
        let mut command = std::process::Command::new("/usr/bin/certutil");
        must(command.arg("-d").arg(format!("sql:{}", store.display())).args(arguments), input);
    };
    certutil(&["-N", "--empty-password"], "");
    for (number, authority) in authorities.iter().enumerate() {
        certutil(&["-A", "-n", &format!("authority {number}"), "-t", "C,,"], authority);
    }
}
