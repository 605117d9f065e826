//! Proxies as a user's session knows them, which a service that starts at boot does not see.

use std::fmt;

use convene_model::Attempt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Empty, Question, method};

/// What a frontend found out about proxies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyOfferParams {
    /// At most 8; each replaces what was offered under its name before. What is not offered again
    /// within 30 days is forgotten.
    pub sources: Vec<ProxySource>,
}

/// What one place says about proxies. Nothing in it: that no proxy is needed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxySource {
    /// The place: `gnome`, `kde`, `windows`, `environment`; `user` is what the user set for
    /// Convene, and comes first.
    pub name: String,
    /// `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`, best first, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<String>,
    /// Hosts that are reached without these proxies, each spelled as in `NO_PROXY`; at most 1,024.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<String>,
    /// The address of a script that names proxies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pac_url: Option<String>,
    /// Whether such a script is looked for in the network (WPAD).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wpad: bool,
}

impl ProxySource {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.proxies.is_empty() && self.pac_url.is_none() && !self.wpad
    }
}

impl fmt::Debug for ProxySource {
    /// Addresses may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxySource").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyOfferResult {
    /// Whether it counts: not where the machine's configuration alone decides about proxies.
    pub used: bool,
}

method!(
    /// Offers a user's proxies.
    ProxyOffer, "proxy.offer", "Says which proxies this user's session knows; they serve this user's seats alone.", ProxyOfferParams => ProxyOfferResult,
    [FixedByPolicy, ProxyMalformed, Unsure]
);

/// Whether a proxy leads to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyTested {
    /// The server.
    pub server: String,
    /// The proxy: `host:port`, with its scheme in front where that is not HTTP.
    pub proxy: String,
    /// Milliseconds until the way was open or had failed.
    pub ms: u64,
    /// Why it is not open; left out where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// What came of a test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyTestResult {
    /// What this user's sessions offer.
    pub offered: Vec<ProxySource>,
    /// Every proxy that is known for a server of this user's, whichever place names it, best first.
    pub tested: Vec<ProxyTested>,
}

method!(
    /// Tests all proxies.
    ProxyTest, "proxy.test", "Opens a way to each server of this user's through each proxy that is known, and closes it again. Takes up to a minute.", Empty => ProxyTestResult,
    []
);

/// A proxy wants a login that the daemon does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyPasswordParams {
    /// The proxy: `host:port`, with its scheme in front where that is not HTTP.
    pub proxy: String,
    /// The server that is to be reached.
    pub server: String,
    /// The user whose password was rejected, or whose login this proxy cannot be shown (a part is
    /// empty or too long, or the user has a colon): it is asked for once more, and then no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}

/// A login at a proxy. The daemon keeps it for this user until the proxy rejects it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyPasswordAnswer {
    /// The user, also as `DOMAIN\\user`; without a colon.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for ProxyPasswordAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyPasswordAnswer(…)")
    }
}

/// Asks for a login at a proxy.
#[derive(Debug)]
pub enum ProxyPassword {}

impl Question for ProxyPassword {
    const NAME: &'static str = "proxy.password";
    const SUMMARY: &'static str = "Asks the person for a login at a proxy. An error as answer declines.";
    type Params = ProxyPasswordParams;
    type Answer = ProxyPasswordAnswer;
}

/// A proxy wants a token of the user's session (Negotiate, RFC 4559). The ticket stays there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyTokenParams {
    /// The proxy's name, for whose service `HTTP` the token is.
    pub host: String,
    /// The same for all legs of one logon.
    pub context: String,
    /// What the proxy said (base64); left out in the first leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What names the channel to the proxy (RFC 5929; base64), where it is inside TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
}

impl fmt::Debug for ProxyTokenParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyTokenParams").field("host", &self.host).finish_non_exhaustive()
    }
}

/// A token, good for this proxy and this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProxyTokenAnswer {
    /// The token (base64).
    pub token: String,
}

impl fmt::Debug for ProxyTokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyTokenAnswer(…)")
    }
}

/// Asks for a token of the user's session.
#[derive(Debug)]
pub enum ProxyToken {}

impl Question for ProxyToken {
    const NAME: &'static str = "proxy.token";
    const SUMMARY: &'static str = "Asks the user's session for a token that opens a proxy. Answer it only for proxies that the user's own settings name.";
    type Params = ProxyTokenParams;
    type Answer = ProxyTokenAnswer;
}
