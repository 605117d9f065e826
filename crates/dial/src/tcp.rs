//! Opening TCP: the addresses of one host race one another.

mod names;
mod race;

use std::net::IpAddr;
use std::time::Duration;

use convene_model::Stage;
use futures_util::StreamExt as _;
use futures_util::future::OptionFuture;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

pub(crate) use self::names::Names;
use self::race::Race;
pub(crate) use self::race::is_local;
use crate::failure::DialError;
use crate::progress::Progress;

/// How long a name lookup may be silent before the configured addresses start: an answer that comes at all mostly comes
/// within it.
const LOOKUP_SILENCE: Duration = Duration::from_millis(300);

/// Where TCP is to lead.
#[derive(Debug)]
pub(crate) struct End<'a> {
    /// A name or an address without brackets.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Addresses that the configuration knows, tried when the name's lookup is silent or fails. They may be local.
    pub(crate) configured: &'a [IpAddr],
    /// Whether the host may be, or lead to, this machine or its link.
    pub(crate) allow_local: bool,
}

/// Opens a connection that sends without delay (TCP_NODELAY). Dropping the future closes what is under way.
pub(crate) async fn connect(
    end: &End<'_>,
    names: &Names,
    progress: &mut Progress<'_>,
) -> Result<TcpStream, DialError> {
    let mut race = Race::new(end.port);
    let mut looking = true;
    let mut configured = end.configured;
    if let Ok(address) = end.host.parse() {
        (looking, configured) = (false, &[]);
        race.add(&[address], end.allow_local);
    }
    let mut unknown = None;
    let lookup = OptionFuture::from(looking.then(|| names.look_up(end.host)));
    let mut lookup = std::pin::pin!(lookup);
    let silence = Instant::now() + LOOKUP_SILENCE;
    loop {
        match (race.is_over(), looking) {
            (true, false) => return Err(unknown.unwrap_or_else(|| race.failure())),
            (true, true) => progress.reach(Stage::Dns),
            (false, _) => progress.reach(Stage::Tcp),
        }
        tokio::select! {
            Some(answer) = &mut lookup, if looking => {
                looking = false;
                match answer {
                    Ok(found) => race.add(&found, end.allow_local),
                    Err(code) => unknown = Some(DialError::new(Stage::Dns, code)),
                }
                if race.is_over() {
                    race.add(std::mem::take(&mut configured), true);
                }
            }
            () = sleep_until(silence), if looking && !configured.is_empty() => {
                race.add(std::mem::take(&mut configured), true);
            }
            Some(outcome) = race.under_way.next() => match outcome {
                Ok(stream) => return Ok(stream),
                Err(error) => race.lost(&error),
            },
            () = sleep_until(race.next), if race.is_waiting() => race.start(),
            () = progress.expired() => return Err(progress.silence()),
        }
    }
}
