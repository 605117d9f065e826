//! Tickets that this process does not have: those of a user's session.

use std::fmt;
use std::pin::Pin;

use convene_reach::ProxyAddress;

/// One leg of a logon.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenAsked {
    /// The proxy that wants it.
    pub proxy: ProxyAddress,
    /// The same for all legs of one logon.
    pub context: u64,
    /// The proxy's token; nothing in the first leg.
    pub token: Option<Vec<u8>>,
    /// The binding of the channel to the proxy (RFC 5929), where it is inside TLS.
    pub binding: Option<Vec<u8>>,
}

impl fmt::Debug for TokenAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAsked").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

/// An answer that is on its way.
pub type TokenAnswer<'a> = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + 'a>>;

/// A source of the tickets of the user for whom routes are opened.
pub trait TicketSource: fmt::Debug + Send + Sync {
    /// A token of Negotiate (RFC 4559) for this leg; `None` where there is nobody to ask or they
    /// have none. Cancel safe.
    fn token(&self, asked: TokenAsked) -> TokenAnswer<'_>;
}
