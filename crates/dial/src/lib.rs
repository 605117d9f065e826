//! The hands that open routes: everything between a [`Route`](convene_reach::Route) as plain data
//! and a pipe that carries frames.
//!
//! Which route is opened when is the ladder's business (`convene-reach`). This crate opens the one
//! that it is told to and says how far it came: [`Dialer::open`] gives a [`Pipe`] or a
//! [`DialError`] with the stage, the code and what was seen. It adopts nothing, repeats nothing and
//! remembers nothing but a name lookup under way.
//!
//! A route is opened room by room, each one a file:
//!
//! * `tcp` looks a name up once (`tcp::names`; `tcp::name_servers` where the system's resolver is
//!   silent), races its addresses and refuses those that a join link must not name;
//! * `http_connect` asks a proxy for a way, and `logon` logs in where it wants that, with a ticket
//!   of the user's session (`tickets`) or of the process's account where there is one, or with what
//!   [`Logins`] holds. Names go to the proxy unresolved, and not one byte behind its answer is
//!   read;
//! * `socks` asks a SOCKS proxy in the same way; `tls::wire` is what TLS with the server runs over:
//!   TCP, or TLS to a proxy;
//! * `tls` speaks TLS with the operating system's own library. Either its trust decides, or one
//!   fingerprint does; `tls::diagnosis` looks at a certificate that was not trusted and says what
//!   is wrong with it;
//! * `websocket` and `poll` open a carrier, the second by single requests: long-poll, or a stream
//!   beside them;
//! * `clock` tells a certificate that is out of its time from a clock that is;
//! * `check_page` asks for the server's plain page and recognises a network's login page in its
//!   place; `portal_api` asks the network itself, where it announces an address for that;
//! * `pipe` carries frames of text, bounded in both directions.
//!
//! `net_watch` says in which network this machine is and when that changes. `progress` tells the
//! caller each stage and holds the limits of those who call without a ladder. [`ProxyList`] reads
//! the proxies that a place names.
//!
//! Everything here is cancel safe in the same way: dropping a future or a half of a pipe closes its
//! sockets.

mod check_page;
mod clock;
mod dialer;
mod failure;
mod fetch;
mod frame;
mod head;
mod http_connect;
mod logins;
mod logon;
mod net_watch;
#[cfg(feature = "parsers")]
pub mod parsers;
mod pipe;
mod poll;
mod portal_api;
mod progress;
mod proxy_list;
mod socks;
mod tcp;
#[cfg(test)]
mod tests;
mod tickets;
mod tls;
mod websocket;

pub use check_page::CheckAnswer;
pub use convene_proxy_auth::Login;
pub use dialer::{DialSettings, Dialer};
pub use failure::{CertificateSeen, Detail, DialError, HttpAnswer};
pub use fetch::FetchError;
pub use frame::{FrameText, PipeError};
pub use logins::{KnownLogin, Logins};
pub use net_watch::{Network, NetworkWatch, own_address_toward, search_domains};
pub use pipe::{Pipe, PipeReceiver, PipeSender};
pub use poll::HOLD;
pub use proxy_list::{ProxyList, ProxyUrlError, candidates};
pub use socks::carries;
pub use tickets::{TicketSource, TokenAnswer, TokenAsked};
pub use tls::{Authorities, AuthoritiesError, Peer, TlsLibraryError, Trust};
