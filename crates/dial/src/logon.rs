//! Logging in at an HTTP proxy, request by request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convene_model::{Code, Stage};
use convene_proxy_auth::{Entropy, Negotiation, Next, Site};
use convene_reach::{ProxyAddress, Target};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::failure::{Detail, DialError};
use crate::http_connect::{self, Leg, Wanted, bracketed};
use crate::logins::{Logins, Turn};
use crate::os::Ticket;
use crate::wire::Wire;

/// How long the operating system may take for a token: a domain controller answers within a second, and behind a silent one
/// the next way must still come before the attempt ends.
const TICKET_LIMIT: Duration = Duration::from_secs(3);
/// Tokens that are made at one time on threads of their own; a controller that is silent holds each for a while.
static TICKETS: Semaphore = Semaphore::const_new(4);

/// Opens a connection to the proxy, with TLS where it wants that; gives its `tls-server-end-point` then.
pub(crate) trait Redial {
    async fn redial(&self) -> Result<(Wire, Option<Vec<u8>>), DialError>;
}

/// Asks the proxy for a way to the target, on as many connections as it wants, with the login that is known for `whose`.
pub(crate) async fn connect(
    (logins, whose): (&Logins, &str),
    proxy: &ProxyAddress,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    let (wire, end_point) = dialler.redial().await?;
    let wanted = match http_connect::ask(wire, target, None).await? {
        Leg::Open(wire) => return Ok(wire),
        Leg::Login(wanted) => wanted,
    };
    // Only who has a login waits for its turn.
    let turn = logins.turn(whose, proxy).await;
    let is_rejected = turn.as_ref().is_some_and(Turn::is_rejected);
    let host = bracketed(&target.host).unwrap_or_default();
    let site = Site {
        host: proxy.host.clone(),
        authority: format!("{host}:{}", target.port),
        end_point,
        allows_basic: turn.as_ref().is_none_or(Turn::allows_clear),
        has_tickets: true,
    };
    // A ticket may open where the password does not.
    let login = turn.as_ref().and_then(Turn::login).cloned();
    let mut outcome = log_on(Negotiation::new(login, site), wanted, target, dialler).await;
    if let Err(error) = &mut outcome
        && is_rejected
        && error.failure.code == Code::ProxyLoginNeeded
    {
        error.failure.code = Code::ProxyLoginRejected;
    }
    if let (Err(error), Some(turn)) = (&outcome, &turn)
        && error.failure.code == Code::ProxyLoginRejected
        && !is_rejected
    {
        logins.reject(proxy, turn);
    }
    outcome
}

/// From the first refusal to the way, or to the reason why there is none.
async fn log_on(
    mut negotiation: Negotiation,
    mut wanted: Wanted,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    let mut ticket = None;
    loop {
        let mut next = negotiation.handle_refusal(&wanted.challenges, &entropy());
        let wire = loop {
            match (next, wanted.wire.take()) {
                (Next::Failed(code), _) => return Err(failed(code, &wanted)),
                (Next::Ticket(token), wire) => {
                    let begun = if token.is_some() { ticket.take() } else { None };
                    let (kept, answer) = token_of_system(negotiation.site(), begun, token).await.unzip();
                    ticket = kept;
                    wanted.wire = wire;
                    next = negotiation.handle_ticket(answer.as_deref(), &wanted.challenges, &entropy());
                }
                (Next::Again { .. }, Some(wire)) => break Some(wire),
                (Next::Again { same_connection: false }, None) => break None,
                (Next::Again { same_connection: true }, None) => next = negotiation.handle_closed(),
            }
        };
        let reused = wire.is_some();
        let wire = match wire {
            Some(wire) => wire,
            None => dialler.redial().await?.0,
        };
        wanted = match http_connect::ask(wire, target, negotiation.authorization()).await {
            Ok(Leg::Open(wire)) => return Ok(wire),
            Ok(Leg::Login(wanted)) => wanted,
            // A proxy that closes behind its refusal without having said so.
            Err(error) if reused && matches!(error.failure.code, Code::Closed | Code::Reset) => {
                match again(&mut negotiation, target, dialler).await? {
                    Leg::Open(wire) => return Ok(wire),
                    Leg::Login(wanted) => wanted,
                }
            }
            Err(error) => return Err(error),
        };
    }
}

/// The operating system's answer to a token, on a thread that may wait for a domain controller; `None` if it has none in time.
async fn token_of_system(
    site: &Site,
    begun: Option<Ticket>,
    token: Option<Vec<u8>>,
) -> Option<(Ticket, Vec<u8>)> {
    let (host, binding) = (site.host.clone(), site.binding());
    timeout(TICKET_LIMIT, async {
        let permit = TICKETS.acquire().await.ok()?;
        let making = spawn_blocking(move || {
            let _permit = permit;
            let mut ticket = begun.or_else(|| Ticket::new(&host, binding))?;
            let answer = ticket.answer(token.as_deref())?;
            Some((ticket, answer))
        });
        making.await.ok()?
    })
    .await
    .ok()?
}

/// The same step on a new connection, or what follows it where it counts on one connection alone.
async fn again(
    negotiation: &mut Negotiation,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Leg, DialError> {
    if negotiation.counts_on_its_connection()
        && let Next::Failed(code) = negotiation.handle_closed()
    {
        return Err(DialError::new(Stage::Proxy, code));
    }
    let (wire, _) = dialler.redial().await?;
    http_connect::ask(wire, target, negotiation.authorization()).await
}

fn failed(code: Code, wanted: &Wanted) -> DialError {
    DialError::new(Stage::Proxy, code).with(Some(Detail::Answer(wanted.answer.clone())))
}

fn entropy() -> Entropy {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Entropy { random: rand::random(), unix_seconds: since.as_secs() }
}
