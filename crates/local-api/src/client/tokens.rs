//! Tokens of this user's tickets, for proxies that this user's own settings name.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_ticket::Ticket;

use crate::language::{ProxySource, ProxyTokenAnswer, ProxyTokenParams};

/// Logons under way at the same time: one for each attempt at a few proxies.
const CONTEXTS_MAX: usize = 8;

/// The logons under way, and for whom tokens are made.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    sources: Vec<ProxySource>,
    contexts: VecDeque<(String, Ticket)>,
}

impl Tokens {
    /// From now on these are the user's settings.
    pub(super) fn set_sources(&mut self, sources: Vec<ProxySource>) {
        self.sources = sources;
    }

    /// The next token of a logon; `None` where the proxy is not the user's, there is no ticket, or the system makes none. May wait
    /// for a domain controller, on a thread of its own.
    pub(super) async fn answer(&mut self, asked: &ProxyTokenParams) -> Option<ProxyTokenAnswer> {
        let ProxyTokenParams { host, context, token, binding } = asked;
        if !self.sources.iter().any(|source| names(source, host)) {
            return None;
        }
        let decoded = |text: &Option<String>| text.as_ref().map(|text| STANDARD.decode(text)).transpose();
        let (token, binding) = (decoded(token).ok()?, decoded(binding).ok()?);
        let at = self.contexts.iter().position(|(known, _)| known == context);
        let begun = at.and_then(|at| self.contexts.remove(at)).map(|(_, ticket)| ticket);
        // A leg in the middle of a logon that was begun elsewhere cannot be answered here.
        if token.is_some() && begun.is_none() {
            return None;
        }
        let host = host.clone();
        let making = tokio::task::spawn_blocking(move || {
            let mut ticket = begun.or_else(|| Ticket::new(&host, binding))?;
            let answer = ticket.answer(token.as_deref())?;
            Some((ticket, answer))
        });
        let (ticket, answer) = making.await.ok()??;
        if self.contexts.len() >= CONTEXTS_MAX {
            self.contexts.pop_front();
        }
        self.contexts.push_back((context.clone(), ticket));
        Some(ProxyTokenAnswer { token: STANDARD.encode(answer) })
    }
}

/// Whether the settings name this proxy, or a script does that they name: which proxies that names the daemon finds out, and who
/// that is was verified.
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

    #[tokio::test]
    async fn a_logon_that_was_begun_elsewhere_and_one_for_a_stranger_are_declined() {
        let mut tokens = Tokens::default();
        let asked = |host: &str, token: Option<&str>| ProxyTokenParams {
            host: host.to_owned(),
            context: "1".to_owned(),
            token: token.map(str::to_owned),
            binding: None,
        };
        assert_eq!(tokens.answer(&asked("proxy.test", None)).await, None);
        tokens.set_sources(vec![source(&["proxy.test:3128"])]);
        assert_eq!(tokens.answer(&asked("proxy.test", Some("AAAA"))).await, None);
        assert_eq!(tokens.answer(&asked("proxy.test", Some("no base64"))).await, None);
    }
}
