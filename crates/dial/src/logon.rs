//! Logging in at an HTTP proxy, request by request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convene_model::{Code, Stage};
use convene_proxy_auth::{Entropy, Negotiation, Next, Site};
use convene_reach::{ProxyAddress, Target};
use convene_ticket::Ticket;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::failure::{Detail, DialError};
use crate::http_connect::{self, Leg, Wanted, bracketed};
use crate::logins::{Logins, Turn};
use crate::tickets::{TicketSource, TokenAsked};
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

/// Who asks a proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    /// Where logins are known.
    pub(crate) logins: &'a Logins,
    /// Whose of them count.
    pub(crate) whose: &'a str,
    /// Who has that user's tickets.
    pub(crate) tickets: Option<&'a dyn TicketSource>,
}

/// Asks the proxy for a way to the target, on as many connections as it wants.
pub(crate) async fn connect(
    asker: Asker<'_>,
    proxy: &ProxyAddress,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    let (wire, end_point) = dialler.redial().await?;
    let wanted = match http_connect::ask(wire, target, None).await? {
        Leg::Open(wire) => return Ok(wire),
        Leg::Login(wanted) => wanted,
    };
    let Asker { logins, whose, tickets } = asker;
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
    let tickets = Tickets { session: tickets, proxy, begun: None };
    let mut outcome = log_on(Negotiation::new(login, site), tickets, wanted, target, dialler).await;
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
    mut tickets: Tickets<'_>,
    mut wanted: Wanted,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    loop {
        let mut next = negotiation.handle_refusal(&wanted.challenges, &entropy());
        let wire = loop {
            match (next, wanted.wire.take()) {
                (Next::Failed(code), _) => return Err(failed(code, &wanted)),
                (Next::Ticket(token), wire) => {
                    let answer = tickets.token(negotiation.site(), token).await;
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

/// The tickets for one logon.
struct Tickets<'a> {
    session: Option<&'a dyn TicketSource>,
    proxy: &'a ProxyAddress,
    begun: Option<Begun>,
}

/// Who made the first token and has to make the next.
enum Begun {
    Session(u64),
    System(Ticket),
}

impl Tickets<'_> {
    /// The answer to a token, or the first token: of the user's session, for which the proxy was set up, else of the account
    /// under which this process runs.
    async fn token(&mut self, site: &Site, token: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let begun = self.begun.take().filter(|_| token.is_some());
        if !matches!(begun, Some(Begun::System(_))) {
            let context = if let Some(Begun::Session(context)) = begun { context } else { rand::random() };
            let asked = TokenAsked {
                proxy: self.proxy.clone(),
                context,
                token: token.clone(),
                binding: site.binding(),
            };
            if let Some(answer) = token_of_session(self.session, asked).await {
                self.begun = Some(Begun::Session(context));
                return Some(answer);
            }
            if token.is_some() {
                return None;
            }
        }
        let begun = if let Some(Begun::System(ticket)) = begun { Some(ticket) } else { None };
        let (ticket, answer) = token_of_system(site, begun, token).await?;
        self.begun = Some(Begun::System(ticket));
        Some(answer)
    }
}

async fn token_of_session(session: Option<&dyn TicketSource>, asked: TokenAsked) -> Option<Vec<u8>> {
    timeout(TICKET_LIMIT, session?.token(asked)).await.ok().flatten()
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
