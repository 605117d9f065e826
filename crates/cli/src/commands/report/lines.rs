//! The lines of a report. Every word in it is one that this program knows; servers are numbered.

use std::fmt::Display;

use convene_conference::Refusal;
use convene_local_api::{
    AccessCheckRecord, AccessStep, Connection, HelloResult, ListedSeat, ProxySource, Setting, Settings,
    SystemStatusResult,
};
use convene_model::{Attempt, Evidence, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::commands::{Context, PROGRAM};

/// In place of a word that this program does not know, and that may be anything.
const UNKNOWN: &str = "other";
/// Logins that a proxy may offer.
const LOGINS: &[&str] = &["Basic", "Digest", "NTLM", "Negotiate"];
/// Places that name proxies.
const PLACES: &[&str] =
    &["gnome", "kde", "windows", "winhttp", "policy", "environment", "user", "file", "script", "wpad"];
/// The keys of settings have no longer names.
const KEY_BYTES_MAX: usize = 40;
/// A version has no longer name.
const VERSION_BYTES_MAX: usize = 20;

/// A report that grows.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    context: &'a Context,
    lines: Vec<String>,
    /// The servers, by whose place here they are numbered.
    servers: Vec<String>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        let time = context.time(context.clock.now());
        let fields = [("program", PROGRAM), ("system", &system), ("time", &time)];
        let wording = &context.wording;
        let lines = vec![wording.about("report-title", &fields), wording.about("report-kept_out", &[])];
        Self { context, lines, servers: Vec::new() }
    }

    /// The whole of it.
    pub(super) fn text(self) -> String {
        self.lines.join("\n")
    }

    /// The proxies of this session.
    pub(super) fn session(&mut self, sources: &[ProxySource]) {
        for source in sources {
            let line = format!("{} {}", self.label("report-session"), source_of(source));
            self.lines.push(line);
        }
    }

    /// There is no daemon to ask.
    pub(super) fn away(&mut self, why: &str) {
        let line = format!("{} state={why}", self.label("report-service"));
        self.lines.push(line);
    }

    pub(super) fn hello(&mut self, hello: &HelloResult) {
        let version = version(hello.daemon.strip_prefix("convened ").unwrap_or_default());
        let line = format!("{} version={version} api={}", self.label("report-service"), hello.api);
        self.lines.push(line);
    }

    pub(super) fn system(&mut self, system: &SystemStatusResult) {
        let SystemStatusResult { version, started, formats, frontends, users, connections, storage, .. } =
            system;
        let line = format!(
            "{} version={} since={} store={} protocol={} frontends={frontends} users={users} connections={}{}",
            self.label("report-system"),
            self::version(version),
            self.since(started),
            formats.store,
            formats.protocol,
            connections.len(),
            optional("storage", storage.as_ref().map(word)),
        );
        self.lines.push(line);
    }

    pub(super) fn connections(&mut self, connections: &[Connection]) {
        for connection in connections {
            let Connection { state, route, since, attempts, inspected_by, storage, clock_offset_ms, .. } =
                connection;
            let way = route.as_ref().map(|route| format!("{}/{}", word(&route.rung), word(&route.carrier)));
            let line = format!(
                "{} state={} since={} ports={} https={}{}{}{}{}",
                self.server(&connection.server),
                word(state),
                self.since(since),
                connection.ports,
                connection.https_port,
                optional("way", way),
                optional("clock_offset_ms", *clock_offset_ms),
                optional("storage", storage.as_ref().map(word)),
                if inspected_by.is_some() { " inspected=yes" } else { "" },
            );
            self.lines.push(line);
            self.lines.extend(attempts.iter().map(|attempt| format!("  {}", attempt_of(attempt))));
        }
    }

    pub(super) fn seats(&mut self, seats: &[ListedSeat]) {
        for seat in seats {
            let server = self.server(&seat.server);
            let code = seat.code.as_deref().map(|code| {
                let known = Refusal::ALL.iter().map(|known| known.as_str()).find(|known| *known == code);
                known.unwrap_or(UNKNOWN)
            });
            let line = format!(
                "{} {}, {server}: state={} entry={} waiting={}{}{}",
                self.label("report-seat"),
                seat.seat,
                word(&seat.state),
                seat.cursor,
                seat.waiting,
                optional("code", code),
                optional("remedy", seat.remedy),
            );
            self.lines.push(line);
        }
    }

    pub(super) fn checks(&mut self, checks: &[AccessCheckRecord]) {
        for check in checks {
            let line = format!(
                "{}, {}: reason={} began={}{}",
                self.label("report-check"),
                self.server(&check.server),
                word(&check.reason),
                self.since(&check.began),
                optional("verdict", check.verdict.as_ref().map(word)),
            );
            self.lines.push(line);
            self.lines.extend(check.steps.iter().map(|step| format!("  {}", step_of(step))));
        }
    }

    /// Which settings are set, and by what: not to what.
    pub(super) fn settings(&mut self, settings: &Settings) {
        let sections = [("proxy", &settings.proxy), ("policy", &settings.policy)];
        let mut set: Vec<String> = Vec::new();
        for (section, keys) in sections {
            set.extend(keys.iter().filter_map(|(key, setting)| set_by(section, key, setting)));
        }
        for (server, keys) in &settings.server {
            let host = server.rsplit_once(':').map_or(server.as_str(), |(host, _)| host);
            let section = self.server(host);
            set.extend(keys.iter().filter_map(|(key, setting)| set_by(&section, key, setting)));
        }
        let own = settings.own.proxy.iter().chain(&settings.own.offered).map(source_of);
        let own = own.map(|source| format!("{} {source}", self.label("report-own")));
        let set = set.into_iter().map(|setting| format!("{} {setting}", self.label("report-setting")));
        let lines: Vec<String> = set.chain(own).collect();
        self.lines.extend(lines);
    }

    fn label(&self, key: &str) -> String {
        self.context.wording.about(key, &[])
    }

    /// A time by the person's clock; no text that is none.
    fn since(&self, written: &str) -> String {
        let time =
            written.parse::<Timestamp>().map_or_else(|_| UNKNOWN.to_owned(), |at| self.context.time(at));
        format!("\"{time}\"")
    }

    /// The number of a server.
    fn server(&mut self, host: &str) -> String {
        let known = self.servers.iter().position(|known| known == host);
        let place = known.unwrap_or_else(|| {
            self.servers.push(host.to_owned());
            self.servers.len() - 1
        });
        self.context.wording.about("report-server", &[("number", &(place + 1).to_string())])
    }
}

fn optional(name: &str, value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| format!(" {name}={value}"))
}

/// The word by which a code travels.
fn word(code: &impl Serialize) -> String {
    match serde_json::to_value(code) {
        Ok(Value::String(word)) => word,
        Ok(_) | Err(_) => UNKNOWN.to_owned(),
    }
}

fn version(text: &str) -> &str {
    let is_one = text.len() <= VERSION_BYTES_MAX
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_one { text } else { UNKNOWN }
}

fn one_of<'a>(known: &[&'a str], text: &str) -> &'a str {
    known.iter().copied().find(|known| known.eq_ignore_ascii_case(text)).unwrap_or(UNKNOWN)
}

fn attempt_of(attempt: &Attempt) -> String {
    let Attempt { stage, target, code, ms, remedy, evidence } = attempt;
    let (target, proxy) = target.split_once(" via ").map_or((target.as_str(), false), |(to, _)| (to, true));
    let port = target.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let through = if proxy { " proxy=yes" } else { "" };
    let seen = evidence.as_ref().map_or_else(String::new, evidence_of);
    format!("{stage}/{code} ms={ms} remedy={remedy}{}{through}{seen}", optional("port", port))
}

/// Of what a box shows of itself, whether it does.
fn evidence_of(evidence: &Evidence) -> String {
    let schemes: Vec<&str> = evidence.schemes.iter().map(|scheme| one_of(LOGINS, scheme)).collect();
    let schemes = Some(schemes.join(",")).filter(|schemes| !schemes.is_empty());
    let named = if evidence.name.is_some() { " box=named" } else { "" };
    format!("{}{}{named}", optional("status", evidence.status), optional("logins", schemes))
}

fn step_of(step: &AccessStep) -> String {
    let failed = step.attempt.as_ref().map(attempt_of).map_or_else(String::new, |told| format!(" {told}"));
    let named_by = step.named_by.as_deref().map(|place| one_of(PLACES, place));
    format!(
        "{} {}{}{}{}{failed}",
        word(&step.kind),
        word(&step.state),
        optional("ms", step.ms),
        optional("clock_offset_ms", step.clock_offset_ms),
        optional("named_by", named_by),
    )
}

fn source_of(source: &ProxySource) -> String {
    let place = one_of(PLACES, &source.name);
    let script = if source.pac_url.is_some() { " script=yes" } else { "" };
    let search = if source.wpad { " search=yes" } else { "" };
    format!("{place} proxies={}{script}{search}", source.proxies.len())
}

/// A setting that something sets.
fn set_by(section: &str, key: &str, setting: &Setting) -> Option<String> {
    let is_key =
        key.len() <= KEY_BYTES_MAX && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let key = if is_key { key } else { UNKNOWN };
    let by = word(&setting.from.kind);
    let managed = if setting.managed { " managed=yes" } else { "" };
    (by != "default").then(|| format!("{section} {key} by={by}{managed}"))
}
