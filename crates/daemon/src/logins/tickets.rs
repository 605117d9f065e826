//! Tickets of a user's sessions: a token of one is asked for where a proxy wants it, and the ticket stays there.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use convene_dial::{TicketSource, TokenAnswer, TokenAsked};
use convene_local_api::{ProxyToken, ProxyTokenParams};

use crate::frontends::{Answer, Questions};

/// The sessions of one user.
#[derive(Debug)]
pub(super) struct SessionTickets {
    pub(super) questions: Arc<Questions>,
    pub(super) user: String,
}

impl TicketSource for SessionTickets {
    fn token(&self, asked: TokenAsked) -> TokenAnswer<'_> {
        Box::pin(async move {
            let TokenAsked { proxy, context, token, binding } = asked;
            let params = ProxyTokenParams {
                host: proxy.host,
                context: context.to_string(),
                token: token.map(|token| STANDARD.encode(token)),
                binding: binding.map(|binding| STANDARD.encode(binding)),
            };
            match self.questions.ask::<ProxyToken>(&self.user, &params).await {
                Answer::Given(answer) => STANDARD.decode(answer.token).ok(),
                Answer::Declined | Answer::Nobody => None,
            }
        })
    }
}
