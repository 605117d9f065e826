//! The local API, spoken line by line.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use convene_tests_system::{PATIENCE, Place};
use serde_json::{Value, json};

/// A frontend that speaks the local API itself. The daemon's unasked messages are kept.
pub(crate) struct Hand {
    stream: UnixStream,
    lines: Lines<BufReader<UnixStream>>,
    pub(crate) said: Vec<Value>,
    calls: u64,
}

impl Hand {
    pub(crate) fn attach(place: &Place, daemon: &str) -> Self {
        Self::over(UnixStream::connect(place.socket(daemon)).expect("the daemon"))
    }

    /// A frontend of another user's; `None` where this user cannot become another one.
    pub(crate) fn of_nobody(place: &Place, daemon: &str) -> Option<Self> {
        rustix::process::geteuid().is_root().then(|| Self::of_another(place, daemon))
    }

    fn of_another(place: &Place, daemon: &str) -> Self {
        std::fs::set_permissions(place.path(""), std::fs::Permissions::from_mode(0o755)).expect("opened");
        let socket = place.socket(daemon);
        // A thread has a user of its own, and the daemon sees whose connection it is.
        let connecting = std::thread::spawn(move || {
            rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(65_534)).expect("allowed");
            UnixStream::connect(socket).expect("connected")
        });
        Self::over(connecting.join().expect("it ends"))
    }

    pub(crate) fn over(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
        Self { stream, lines, said: Vec::new(), calls: 0 }
    }

    fn line(&mut self) -> Value {
        let line = self.lines.next().expect("a line").expect("in time");
        serde_json::from_str(&line).expect("JSON")
    }

    /// The result of a call.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.ask(method, params)["result"].take()
    }

    /// Why a call is refused: its code, and the fields that go with it.
    pub(crate) fn refused(&mut self, method: &str, params: &Value) -> Value {
        self.ask(method, params)["error"]["data"].take()
    }

    /// A call whose answer nobody waits for.
    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        self.calls += 1;
        let call = json!({ "jsonrpc": "2.0", "id": self.calls, "method": method, "params": params });
        writeln!(self.stream, "{call}").expect("written");
    }

    /// The answer to a call, whole.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.tell(method, params);
        loop {
            let line = self.line();
            if line["id"] == json!(self.calls) {
                return line;
            }
            self.said.push(line);
        }
    }

    /// The answer to a line that is no call of a method.
    pub(crate) fn answer_to(&mut self, line: &[u8]) -> Value {
        self.stream.write_all(line).and_then(|()| self.stream.write_all(b"\n")).expect("written");
        loop {
            let line = self.line();
            if line["id"].is_null() && line.get("error").is_some() {
                return line;
            }
            self.said.push(line);
        }
    }

    /// Reads until this was said, and gives it.
    pub(crate) fn hear(&mut self, method: &str, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let is_it = |line: &Value| line["method"] == method && holds(&line["params"]);
            if let Some(at) = self.said.iter().position(is_it) {
                return self.said.remove(at)["params"].clone();
            }
            let line = self.line();
            self.said.push(line);
        }
    }
}

/// The parameters of a `conference.act` that says this, under a new id.
pub(crate) fn say(conference: &str, text: &str) -> Value {
    let body = json!({ "kind": "say", "text": text });
    json!({ "conference": conference, "id": uuid::Uuid::new_v4(), "body": body, "wait_ms": 30_000 })
}
