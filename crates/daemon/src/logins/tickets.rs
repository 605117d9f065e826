//! Tickets of a user's sessions: a token of one is asked for where a proxy wants it, and the ticket
//! stays there.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_dial::{TicketSource, TokenAnswer, TokenAsked};
use convene_local_api::{ProxyToken, ProxyTokenParams};
use convene_reach::ProxyAddress;

use super::lock;
use crate::questions::{Answer, Questions};

/// Proxies that are noted: more than all users of a machine have.
const UNTICKETED_MAX: usize = 256;

/// The sessions of one user.
#[derive(Debug)]
pub(super) struct SessionTickets {
    pub(super) questions: Arc<Questions>,
    pub(super) user: String,
    /// Notes that no session was there; not for a try whose success would bring nothing.
    pub(super) unticketed: Option<Arc<Unticketed>>,
}

/// The proxies that wanted a ticket while no session of their user's was there: as soon as one is,
/// they are tried again.
#[derive(Debug, Default)]
pub(super) struct Unticketed(Mutex<BTreeSet<(String, ProxyAddress)>>);

impl Unticketed {
    /// Those of this user.
    pub(super) fn take(&self, user: &str) -> Vec<ProxyAddress> {
        let mut all = lock(&self.0);
        all.extract_if(.., |(whose, _)| whose == user).map(|(_, proxy)| proxy).collect()
    }

    fn note(&self, user: &str, proxy: ProxyAddress) {
        let mut all = lock(&self.0);
        if all.len() < UNTICKETED_MAX {
            all.insert((user.to_owned(), proxy));
        }
    }
}

impl TicketSource for SessionTickets {
    fn token(&self, asked: TokenAsked) -> TokenAnswer<'_> {
        Box::pin(async move {
            let TokenAsked { proxy, context, token, binding } = asked;
            let params = ProxyTokenParams {
                host: proxy.host.clone(),
                context: context.to_string(),
                token: token.map(|token| STANDARD.encode(token)),
                binding: binding.map(|binding| STANDARD.encode(binding)),
            };
            match self.questions.ask_any::<ProxyToken>(&self.user, &params).await {
                Answer::Given(answer) => STANDARD.decode(answer.token).ok(),
                Answer::Declined => None,
                Answer::Nobody => {
                    if let Some(unticketed) = &self.unticketed {
                        unticketed.note(&self.user, proxy);
                    }
                    None
                }
            }
        })
    }
}
