//! The letter to the administrator.

use convene_model::{Addressee, Attempt, PortRange, Remedy, Timestamp, inert};
use jiff::tz::TimeZone;

use crate::names::in_zone;
use crate::sentences::Wording;

/// The facts of the letter.
#[derive(Debug, Clone)]
pub struct LetterFacts<'a> {
    /// The server's host name.
    pub server: &'a str,
    /// Its conference ports.
    pub ports: PortRange,
    /// Its HTTPS port.
    pub https_port: u16,
    /// The attempts that failed.
    pub attempts: &'a [Attempt],
    /// When that was seen (RFC 3339, in UTC).
    pub at: &'a str,
    /// The zone of whoever sends the letter, and of those who get it: they look after this machine.
    pub zone: &'a TimeZone,
    /// The name of the machine; empty where it is not known.
    pub machine: &'a str,
    /// The version of the program; empty where it is not known.
    pub version: &'a str,
    /// Whom to ask, where the configuration says it.
    pub contact: Option<&'a str>,
}

impl Wording {
    /// The letter, as it can be sent: to whom, about what, what is asked for and why, and what was
    /// tried. Plain text, lines ended by `\n`. `None` where no administrator of this machine or its
    /// network can change anything.
    pub fn letter(&self, facts: &LetterFacts<'_>) -> Option<String> {
        let decisive = Attempt::decisive(facts.attempts)?;
        if decisive.remedy.addressee() != Addressee::Administrator {
            return None;
        }
        let (ports, https_port) = (facts.ports.to_string(), facts.https_port.to_string());
        let fields = [("server", facts.server), ("ports", &ports), ("https", &https_port)];
        let key = if decisive.remedy == Remedy::UpdateProgram {
            "letter-update_program"
        } else if decisive.remedy == Remedy::AddInspectionCertificate {
            "letter-add_inspection_certificate"
        } else {
            "letter"
        };
        let mut lines: Vec<String> = Vec::new();
        lines.extend(facts.contact.and_then(|contact| self.say("letter-to", &[("contact", contact)])));
        lines.extend(self.say("letter-subject", &fields));
        lines.push(String::new());
        lines.extend(self.say(key, &fields));
        lines.push(String::new());
        lines.extend(self.say("letter-tried", &[("time", &moment(facts.at, facts.zone))]));
        lines.push(String::new());
        lines.extend(Attempt::grouped(facts.attempts).iter().map(|attempt| self.tried(attempt)));
        lines.push(String::new());
        for (key, field, value) in
            [("letter-machine", "machine", facts.machine), ("letter-version", "version", facts.version)]
        {
            lines.extend(self.say(key, &[(field, value)]).filter(|_| !value.is_empty()));
        }
        lines.push(String::new());
        lines.extend(self.say("letter-end", &fields));
        Some(lines.join("\n") + "\n")
    }

    /// What failed, in words.
    fn tried(&self, attempt: &Attempt) -> String {
        let sentence = |key: String| self.say(&key, &[]).unwrap_or_default();
        let (stage, code) =
            (sentence(format!("stage-{}", attempt.stage)), sentence(format!("code-{}", attempt.code)));
        let ms = attempt.ms.to_string();
        let fields = [("target", attempt.target.as_str()), ("stage", &stage), ("code", &code), ("ms", &ms)];
        let name = attempt.evidence.as_ref().and_then(|evidence| evidence.name.as_deref());
        let name = name.and_then(|name| self.say("seen", &[("name", name)]));
        let told = self.say("letter-line", &fields).unwrap_or_default();
        name.map_or_else(|| told.clone(), |name| format!("{told} {name}"))
    }

    /// The ways that a network must allow, as the letter asks for them. Plain text, lines ended by
    /// `\n`.
    pub fn request(&self, server: &str, ports: PortRange, https_port: u16) -> String {
        let (ports, https_port) = (ports.to_string(), https_port.to_string());
        let fields = [("server", server), ("ports", &ports), ("https", &https_port)];
        let mut request = self.say("request", &fields).unwrap_or_default();
        request.push('\n');
        request
    }
}

/// `2026-12-01 09:00`, which both languages read.
fn moment(at: &str, zone: &TimeZone) -> String {
    let known = at.parse::<Timestamp>();
    known.map_or_else(|_| inert(at), |known| in_zone(known, zone).strftime("%Y-%m-%d %H:%M").to_string())
}
