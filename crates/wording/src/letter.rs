//! The letter to the administrator.

use convene_model::{Attempt, Code, PortRange, Remedy, inert};

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
}

impl Wording {
    /// The letter: what is needed, why, and what was seen. Plain text, lines ended by `\n`. Where
    /// the server was reached and is of another version, it asks for an update in place of ways.
    pub fn letter(&self, facts: &LetterFacts<'_>) -> String {
        let (ports, https_port) = (facts.ports.to_string(), facts.https_port.to_string());
        let fields = [("server", facts.server), ("ports", &ports), ("https", &https_port)];
        let of_another_version =
            facts.attempts.iter().find(|attempt| attempt.code == Code::VersionUnsupported);
        let key = match of_another_version.map(|attempt| attempt.remedy) {
            Some(Remedy::UpdateProgram) => "letter-update_program",
            Some(Remedy::UpdateServer) => "letter-update_server",
            Some(_) | None => "letter",
        };
        let mut letter = self.say(key, &fields).unwrap_or_default();
        for attempt in facts.attempts {
            letter.push_str("\n  ");
            letter.push_str(&inert(&format!(
                "{}  {}/{}  {} ms",
                attempt.target, attempt.stage, attempt.code, attempt.ms
            )));
            if let Some(name) = attempt.evidence.as_ref().and_then(|evidence| evidence.name.as_deref()) {
                letter.push_str("  ");
                letter.push_str(&inert(name));
            }
        }
        letter.push('\n');
        letter
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
