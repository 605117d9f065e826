//! The access check: each step of the ladder, tried on purpose and told as it happens.

pub use convene_conference::AccessVerdict;
use convene_model::{Attempt, Carrier, PortRange, Rung};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Notification, method};

/// What to check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessCheckParams {
    /// The server's host name; left out, all servers of this user and those that the configuration
    /// names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Whether only to give the last checks and to follow those to come, without beginning one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watch_only: bool,
}

/// The last check of each server; one that was just begun is `running`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessCheckResult {
    /// One for each server that was checked. Empty, where `server` names neither a server of this
    /// user nor one of the configuration.
    pub checks: Vec<AccessCheckRecord>,
}

/// The check of one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessCheckRecord {
    /// The server's host name.
    pub server: String,
    /// Its conference ports, as `4500-4506`.
    pub ports: PortRange,
    /// Its HTTPS port.
    pub https_port: u16,
    /// Why it was made.
    pub reason: AccessReason,
    /// When it began (RFC 3339).
    pub began: String,
    /// When it ended; left out while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// What it came to; left out while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<AccessVerdict>,
    /// The steps, in the order in which they are shown. A step that is not begun is among them.
    pub steps: Vec<AccessStep>,
    /// Whom to ask, where the configuration says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The name of this machine, for a letter; left out where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// The version of the daemon.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

impl AccessCheckRecord {
    /// The failures of its steps, in their order, each once: what a letter quotes. Who inspects TLS
    /// and whose clock is wrong is known by a failure of a way.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        let repeats = [AccessStepKind::Inspection, AccessStepKind::Clock];
        let steps = self.steps.iter().filter(move |step| !repeats.contains(&step.kind));
        steps.filter_map(|step| step.attempt.as_ref())
    }
}

/// Why a check was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessReason {
    /// Somebody asked for it.
    Asked,
    /// A seat was taken.
    SeatTaken,
    /// A conference begins within a day.
    DayBefore,
}

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessStep {
    /// Which.
    pub kind: AccessStepKind,
    /// What was tried: a host, `host:port`, a proxy, or the script that names proxies. It holds no
    /// login.
    pub target: String,
    /// How it stands.
    pub state: AccessStepState,
    /// Milliseconds that it took; left out until it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// What failed, with its remedy. Its texts come from a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// The rung on which the way that was opened is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<Rung>,
    /// What carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// The place that names the proxy: `user` (by hand), `file`, `environment`, `script`, `wpad`,
    /// or a place of the session's or the system's, such as `gnome`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_by: Option<String>,
    /// The ways to log in that the proxy offers, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<String>,
    /// Who inspects TLS, as the certificate names its issuer; nobody vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspected_by: Option<String>,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
}

/// The kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessStepKind {
    /// The server's name is looked up.
    Name,
    /// One of the conference ports, straight.
    Port,
    /// The HTTPS port, straight.
    Https,
    /// A proxy that was found or configured, or a script that names proxies; skipped, where there
    /// is none.
    Proxy,
    /// The page by which captive portals are recognised.
    Portal,
    /// Who inspects TLS.
    Inspection,
    /// This machine's clock beside the server's.
    Clock,
    /// Whether both sides speak a common version.
    Version,
}

impl AccessStepKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Port,
        Self::Https,
        Self::Proxy,
        Self::Portal,
        Self::Inspection,
        Self::Clock,
        Self::Version,
    ];

    /// The word by which it travels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Port => "port",
            Self::Https => "https",
            Self::Proxy => "proxy",
            Self::Portal => "portal",
            Self::Inspection => "inspection",
            Self::Clock => "clock",
            Self::Version => "version",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessStepState {
    /// It is not begun.
    Waiting,
    /// It is under way.
    Running,
    /// All is well.
    Good,
    /// It works, and something is to be known.
    Warned,
    /// It does not work.
    Failed,
    /// It was not tried: what it needs did not work, or there is no such thing here.
    Skipped,
}

impl AccessStepState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Good, Self::Warned, Self::Failed, Self::Skipped];

    /// The word by which it travels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Good => "good",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing more is to come of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Good | Self::Warned | Self::Failed | Self::Skipped)
    }
}

/// A step of a check went on, a check was begun, or it is over: the whole check as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessChanged {
    /// As it stands.
    pub check: AccessCheckRecord,
}

impl Notification for AccessChanged {
    const NAME: &'static str = "access.changed";
}

method!(
    /// Checks the access.
    AccessCheck, "access.check", "Begins to try every way to the servers, also those that are not needed, and answers at once; the steps follow as `access.changed`, as do those of checks that begin by themselves: when a seat is taken, and on the day before a conference opens. A check that runs is not begun again.", AccessCheckParams => AccessCheckResult,
    []
);
