//! The output of the programs with `--json`: only the parts that the tests look at.

use convene_model::{Attempt, Carrier, Rung};
use serde::Deserialize;

/// A line of `convene status`.
#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    /// `connected`, `connecting`, `blocked` or `offline`.
    pub state: String,
    /// The route in use.
    pub route: Option<Route>,
    /// Since when.
    pub since: Option<String>,
    /// The failures of the last round.
    pub attempts: Vec<Attempt>,
    /// The name of whoever inspects TLS on the route in use.
    #[serde(default)]
    pub inspected_by: Option<String>,
}

/// A way to the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Route {
    /// Its class.
    pub rung: Rung,
    /// `host:port`.
    pub target: String,
    /// `host:port`, on the rung `proxy`.
    pub proxy: Option<String>,
    /// The form in which frames travel.
    pub carrier: Carrier,
}

/// The line of `convene join`.
#[derive(Debug, Clone, Deserialize)]
pub struct Joined {
    /// Which; absent while the server was not reached.
    pub conference: Option<String>,
    /// As whom; likewise.
    pub participant: Option<String>,
    /// `joined` or `joining`.
    pub state: String,
}

/// The line of `convene say`.
#[derive(Debug, Clone, Deserialize)]
pub struct Said {
    /// The command's id.
    pub command: String,
    /// `accepted`, `queued` or `refused`.
    pub state: String,
}

/// A line of `convene tail` and of `convene-server conference show --events`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// Its number.
    pub seq: u64,
    /// The kind of event.
    pub kind: String,
    /// The command that it came of.
    pub command: Option<String>,
    /// Of a message.
    pub text: Option<String>,
}

/// One line of `convene check --letter --json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Checked {
    /// `connected`, `connecting`, `blocked` or `offline`.
    pub state: String,
    /// Whom to ask.
    pub contact: Option<String>,
    /// The letter to the administrator, where the server is not reached.
    pub letter: Option<String>,
    /// The check itself.
    pub check: Option<AccessCheck>,
}

/// A check of the access.
#[derive(Debug, Clone, Deserialize)]
pub struct AccessCheck {
    /// `green`, `yellow` or `red`, once it is over.
    pub verdict: Option<String>,
    /// Its steps.
    pub steps: Vec<CheckStep>,
}

/// A step of a check.
#[derive(Debug, Clone, Deserialize)]
pub struct CheckStep {
    /// Which.
    pub kind: String,
    /// What was tried.
    pub target: String,
    /// How it stands.
    pub state: String,
    /// What failed.
    pub attempt: Option<Attempt>,
    /// The place that names the proxy.
    pub named_by: Option<String>,
}
