//! Opening TCP: the addresses of one host race one another, as they become known.

#[cfg(target_os = "linux")]
pub(crate) mod name_servers;
mod names;
mod race;
mod search;

use std::net::IpAddr;

use convene_model::Stage;
use futures_util::StreamExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep_until;

pub(crate) use self::names::{Family, Names};
use self::race::Race;
pub(crate) use self::race::is_local;
use self::search::Search;
use crate::failure::DialError;
use crate::progress::Progress;

/// Where TCP is to lead.
#[derive(Debug)]
pub(crate) struct End<'a> {
    /// A name or an address without brackets.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Where the host was before, tried when the name's lookup is silent or fails.
    pub(crate) good: &'a [IpAddr],
    /// Addresses that the configuration knows, tried behind those. They may be local.
    pub(crate) configured: &'a [IpAddr],
    /// Whether the host may be, or lead to, this machine or its link.
    pub(crate) allow_local: bool,
}

/// Opens a connection that sends without delay (TCP_NODELAY). Dropping the future closes what is
/// under way.
pub(crate) async fn connect(
    end: &End<'_>,
    names: &Names,
    progress: &mut Progress<'_>,
) -> Result<TcpStream, DialError> {
    let mut race = Race::new(end.port);
    let mut search = Search::new(end, names);
    if let Ok(address) = end.host.parse() {
        race.add(&[address], end.allow_local);
    }
    loop {
        match (race.is_over(), search.is_over()) {
            (true, true) => return Err(search.failure().unwrap_or_else(|| race.failure())),
            (true, false) => progress.reach(Stage::Dns),
            (false, _) => progress.reach(Stage::Tcp),
        }
        tokio::select! {
            heard = search.hear(), if search.may_find() => search.take(heard, &mut race),
            Some(outcome) = race.under_way.next() => match outcome {
                Ok(stream) => return Ok(stream),
                Err(code) => race.lost(code),
            },
            () = sleep_until(race.next), if race.is_waiting() => race.start(),
            () = progress.expired() => return Err(progress.silence()),
        }
    }
}
