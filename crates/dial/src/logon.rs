//! Logging in at an HTTP proxy, request by request.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use convene_model::{Code, Stage};
use convene_proxy_auth::{Entropy, Negotiation, Next, Site};
use convene_reach::{ProxyAddress, Target};
use convene_ticket::Ticket;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::failure::{Detail, DialError};
use crate::http_connect::{self, Leg, Wanted, authority_of};
use crate::logins::{Logins, Turn};
use crate::tickets::{TicketSource, TokenAsked};
use crate::tls::Wire;

/// How long the operating system may take for a token: a domain controller answers within a second,
/// and behind a silent one the next way must still come before the attempt ends.
const TICKET_LIMIT: Duration = Duration::from_secs(3);
/// Tokens that are made at one time on threads of their own; a controller that is silent holds each
/// for a while.
static TICKETS: Semaphore = Semaphore::const_new(4);

/// Opens a connection to the proxy, with TLS where it wants that; gives its `tls-server-end-point`
/// then.
pub(crate) trait Redial {
    async fn redial(&self) -> Result<(Wire, Option<Vec<u8>>), DialError>;
}

/// The user on whose behalf a proxy is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProxyUser<'a> {
    /// Where logins are known.
    pub(crate) logins: &'a Arc<Logins>,
    /// The user whose logins count.
    pub(crate) whose: &'a str,
    /// The source of that user's tickets.
    pub(crate) tickets: Option<&'a dyn TicketSource>,
}

/// Asks the proxy for a way to the target, on as many connections as it wants.
pub(crate) async fn connect(
    user: ProxyUser<'_>,
    proxy: &ProxyAddress,
    target: &Target,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    let (wire, end_point) = dialler.redial().await?;
    let ProxyUser { logins, whose, tickets } = user;
    let wanted = match http_connect::ask(wire, target, None).await? {
        Leg::Open(wire) => {
            logins.note_wanted(proxy, &[]);
            return Ok(wire);
        }
        Leg::Login(wanted) => wanted,
    };
    logins.note_wanted(proxy, &wanted.answer.schemes);
    // Only who has a login waits for its turn.
    let turn = logins.turn(whose, proxy).await;
    let is_rejected = turn.as_ref().is_some_and(Turn::is_rejected);
    let host = authority_of(&target.host).unwrap_or_default();
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
    let mut negotiation = Negotiation::new(login, site);
    let next = negotiation.handle_refusal(&wanted.challenges, &entropy());
    let logon =
        Logon { logins: Arc::clone(logins), proxy: proxy.clone(), target: target.clone(), negotiation };
    let mut outcome = log_on(logon, turn, tickets, Refused { wanted, next }, dialler).await;
    if let Err(error) = &mut outcome
        && is_rejected
        && error.failure.code == Code::ProxyLoginNeeded
    {
        error.failure.code = Code::ProxyLoginRejected;
    }
    outcome
}

/// A logon under way.
struct Logon {
    logins: Arc<Logins>,
    proxy: ProxyAddress,
    target: Target,
    negotiation: Negotiation,
}

/// The outcome of one request.
enum Answer {
    Open(Wire),
    Refused(Refused),
}

/// The proxy wants a login, or another one.
struct Refused {
    wanted: Wanted,
    next: Next,
}

impl Logon {
    /// One request, and what follows from its answer. That the proxy rejects the login is noted.
    async fn ask(&mut self, wire: Wire) -> Result<Answer, DialError> {
        let wanted = match http_connect::ask(wire, &self.target, self.negotiation.authorization()).await? {
            Leg::Open(wire) => return Ok(Answer::Open(wire)),
            Leg::Login(wanted) => wanted,
        };
        let next = self.negotiation.handle_refusal(&wanted.challenges, &entropy());
        if let (Next::Failed(Code::ProxyLoginRejected), Some(login)) = (&next, self.negotiation.login()) {
            self.logins.reject(&self.proxy, login);
        }
        Ok(Answer::Refused(Refused { wanted, next }))
    }
}

/// As [`Logon::ask`]; once a password is shown, its answer is awaited whoever gives up.
async fn ask(
    mut logon: Logon,
    turn: Option<Turn>,
    wire: Wire,
) -> Result<(Logon, Option<Turn>, Result<Answer, DialError>), DialError> {
    match turn {
        Some(turn) if logon.negotiation.shows_password() => {
            let logins = Arc::clone(&logon.logins);
            let showing = async move {
                let answer = logon.ask(wire).await;
                (logon, answer)
            };
            let shown = logins.show(turn, showing).await;
            let (turn, (logon, answer)) =
                shown.ok_or_else(|| DialError::new(Stage::Proxy, Code::TimedOut))?;
            Ok((logon, Some(turn), answer))
        }
        turn => {
            let answer = logon.ask(wire).await;
            Ok((logon, turn, answer))
        }
    }
}

/// From the first refusal to the way, or to the reason why there is none.
async fn log_on(
    mut logon: Logon,
    mut turn: Option<Turn>,
    mut tickets: Tickets<'_>,
    Refused { mut wanted, mut next }: Refused,
    dialler: &impl Redial,
) -> Result<Wire, DialError> {
    loop {
        let wire = loop {
            match (next, wanted.wire.take()) {
                (Next::Failed(code), _) => return Err(failed(code, &wanted)),
                (Next::Ticket(token), wire) => {
                    let answer = tickets.token(logon.negotiation.site(), token).await;
                    wanted.wire = wire;
                    next = logon.negotiation.handle_ticket(answer.as_deref(), &wanted.challenges, &entropy());
                }
                (Next::Again { .. }, Some(wire)) => break Some(wire),
                (Next::Again { same_connection: false }, None) => break None,
                (Next::Again { same_connection: true }, None) => next = logon.negotiation.handle_closed(),
            }
        };
        let reused = wire.is_some();
        let wire = match wire {
            Some(wire) => wire,
            None => dialler.redial().await?.0,
        };
        let answer;
        (logon, turn, answer) = ask(logon, turn, wire).await?;
        if reused && is_closed(&answer) {
            // A proxy that closes behind its refusal without having said so.
            next = logon.negotiation.handle_closed();
            continue;
        }
        match answer? {
            Answer::Open(wire) => return Ok(wire),
            Answer::Refused(refused) => Refused { wanted, next } = refused,
        }
    }
}

fn is_closed(answer: &Result<Answer, DialError>) -> bool {
    answer.as_ref().is_err_and(|error| matches!(error.failure.code, Code::Closed | Code::Reset))
}

/// The tickets for one logon.
struct Tickets<'a> {
    session: Option<&'a dyn TicketSource>,
    proxy: &'a ProxyAddress,
    begun: Option<Begun>,
}

/// The maker of the first token, which has to make the next one too.
enum Begun {
    Session(u64),
    System(Ticket),
}

impl Tickets<'_> {
    /// The answer to a token, or the first token: of the user's session, for which the proxy was
    /// set up, else of the account under which this process runs.
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

/// The operating system's answer to a token, on a thread that may wait for a domain controller;
/// `None` if it has none in time.
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

fn failed(code: Code, wanted: &Wanted) -> DialError {
    DialError::new(Stage::Proxy, code).with(Some(Detail::Answer(wanted.answer.clone())))
}

fn entropy() -> Entropy {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Entropy { random: rand::random(), unix_seconds: since.as_secs() }
}
