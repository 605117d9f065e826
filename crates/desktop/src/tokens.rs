//! Tokens of this user's tickets, for proxies that this user's own settings name.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_local_api::{ProxySource, ProxyTokenAnswer, ProxyTokenParams};
use convene_ticket::Ticket;

/// Logons under way at the same time: one for each attempt at a few proxies.
const CONTEXTS_MAX: usize = 8;

/// Makes tokens, and keeps the logons under way.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<VecDeque<(String, Ticket)>>);

impl Tokens {
    /// The next token of a logon, where `sources` are the user's settings; `None` where these do
    /// not name the proxy, there is no ticket, or the system makes none. It blocks while the system
    /// asks a domain controller.
    pub fn answer(&self, sources: &[ProxySource], asked: &ProxyTokenParams) -> Option<ProxyTokenAnswer> {
        let ProxyTokenParams { host, context, token, binding } = asked;
        if !sources.iter().any(|source| names(source, host)) {
            return None;
        }
        let decoded = |text: &Option<String>| text.as_ref().map(|text| STANDARD.decode(text)).transpose();
        let (token, binding) = (decoded(token).ok()?, decoded(binding).ok()?);
        let begun = self.take(context);
        // A leg in the middle of a logon that was begun elsewhere cannot be answered here.
        if token.is_some() && begun.is_none() {
            return None;
        }
        let mut ticket = begun.or_else(|| Ticket::new(host, binding))?;
        let answer = ticket.answer(token.as_deref())?;
        let mut contexts = self.contexts();
        if contexts.len() >= CONTEXTS_MAX {
            contexts.pop_front();
        }
        contexts.push_back((context.clone(), ticket));
        Some(ProxyTokenAnswer { token: STANDARD.encode(answer) })
    }

    /// The logon of this name, which nobody else continues meanwhile.
    fn take(&self, context: &str) -> Option<Ticket> {
        let mut contexts = self.contexts();
        let at = contexts.iter().position(|(known, _)| known == context)?;
        contexts.remove(at).map(|(_, ticket)| ticket)
    }

    fn contexts(&self) -> MutexGuard<'_, VecDeque<(String, Ticket)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the settings name this proxy, or a script does that they name: which proxies that names
/// the daemon finds out, and who that is was verified.
fn names(source: &ProxySource, host: &str) -> bool {
    let of = |url: &String| {
        let address = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
        let address = address.rsplit_once('@').map_or(address, |(_, address)| address);
        let address = address.split(['/', '?', '#']).next().unwrap_or_default();
        let name = address.rsplit_once(':').map_or(address, |(name, _)| name);
        name.eq_ignore_ascii_case(host)
    };
    source.pac_url.is_some() || source.wpad || source.proxies.iter().any(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(proxies: &[&str]) -> ProxySource {
        ProxySource {
            proxies: proxies.iter().map(|url| (*url).to_owned()).collect(),
            ..ProxySource::default()
        }
    }

    #[test]
    fn a_token_is_made_for_the_proxies_of_the_users_settings_alone() {
        let own = source(&["http://anna:x@Proxy.test:3128/", "other.test"]);
        for (host, expected) in
            [("proxy.test", true), ("other.test", true), ("evil.test", false), ("x@proxy.test", false)]
        {
            assert_eq!(names(&own, host), expected, "{host}");
        }
        assert!(!names(&source(&[]), "proxy.test"));
        assert!(names(&ProxySource { wpad: true, ..source(&[]) }, "proxy.test"));
    }

    #[test]
    fn a_logon_that_was_begun_elsewhere_and_one_for_a_stranger_are_declined() {
        let (tokens, own) = (Tokens::default(), [source(&["proxy.test:3128"])]);
        let asked = |host: &str, token: Option<&str>| ProxyTokenParams {
            host: host.to_owned(),
            context: "1".to_owned(),
            token: token.map(str::to_owned),
            binding: None,
        };
        assert_eq!(tokens.answer(&[], &asked("proxy.test", None)), None);
        assert_eq!(tokens.answer(&own, &asked("proxy.test", Some("AAAA"))), None);
        assert_eq!(tokens.answer(&own, &asked("proxy.test", Some("no base64"))), None);
    }
}
