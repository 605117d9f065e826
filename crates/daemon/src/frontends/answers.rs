//! The answers of the daemon.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use convene_local_api::{
    DiscoverMethod, ErrorCode, ErrorObject, Hello, Method, Request, error_line, result_line,
};
use serde_json::value::RawValue;

use super::attendant::Asker;
use super::lines::Lines;
use super::{
    access, acting, drafts, hello, history, joining, presence, proxies, rights, seats, settings, system,
    watching,
};
use crate::registry::HeldSeat;
use crate::servers::Wish;
use crate::store::StoreError;

/// How long a local answer may take, beside the wait for a server that the asker allows: reading
/// and answering never wait for a disk.
pub(super) const LOCAL_MAX: Duration = Duration::from_secs(5);
/// How long anyone may wait: a frontend that wants longer asks again.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// The answer of a method, as it is sent.
pub(super) type Answer = Result<Box<RawValue>, ErrorObject>;

/// An answer on its way; `None` where the method belongs to another room.
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Option<Answer>> + Send + 'a>>;

/// The rooms that answer. Each knows its methods by name, so that a new method is added in one of
/// them and nowhere else here.
const ROOMS: [for<'a> fn(&'a Asker, &'a Request) -> Answering<'a>; 12] = [
    hello::answer,
    system::answer,
    settings::answer,
    proxies::answer,
    joining::answer,
    seats::answer,
    acting::answer,
    history::answer,
    presence::answer,
    drafts::answer,
    access::answer,
    watching::answer,
];

/// Answers one request, unless it wants no answer.
pub(super) async fn answer(asker: Asker, request: Request, lines: Lines) {
    let id = request.id.clone();
    let mut carried = Box::pin(carry_out(&asker, &request));
    // One answer of each user is computed at a time; what it then waits for is nobody's work here.
    let begun = {
        let _turn = asker.turn.lock().await;
        poll_fn(|context| Poll::Ready(carried.as_mut().poll(context))).await
    };
    let result = match begun {
        Poll::Ready(result) => result,
        Poll::Pending => carried.await,
    };
    let Some(id) = id else { return };
    let line = match result {
        Ok(result) => result_line(&id, &result),
        Err(error) => error_line(Some(&id), &error),
    };
    if lines.send(line).await.is_err() {
        tracing::debug!("a frontend went before its answer");
    }
}

/// Whether this may be asked, by this user and now: what needs no seat may be from the first moment
/// on, and everything else once the seats are there.
///
/// # Errors
/// The answer to give.
pub(super) fn admit(asker: &Asker, request: &Request) -> Result<(), ErrorObject> {
    rights::check(&asker.peer, request)?;
    let needs_no_seat = [Hello::NAME, DiscoverMethod::NAME].contains(&request.method.as_str());
    if needs_no_seat || asker.means.registry.is_resumed(&asker.peer.user) { Ok(()) } else { Err(starting()) }
}

async fn carry_out(asker: &Asker, request: &Request) -> Result<Box<RawValue>, ErrorObject> {
    admit(asker, request)?;
    for room in ROOMS {
        if let Some(answered) = room(asker, request).await {
            return answered;
        }
    }
    Err(ErrorObject::new(ErrorCode::MethodNotFound).with("method", request.method.as_str()))
}

/// The answer of one method: its parameters are read, and its result is written.
pub(super) async fn with<M: Method, F: Future<Output = Result<M::Result, ErrorObject>>>(
    request: &Request,
    work: impl FnOnce(M::Params) -> F,
) -> Option<Answer> {
    let answered = async { result::<M>(work(params::<M>(request)?).await?) }.await;
    if let Err(error) = &answered {
        debug_assert!(M::names(error), "{} does not say that it answers with {error}", M::NAME);
    }
    Some(answered)
}

/// The parameters, if they fit the method.
pub(super) fn params<M: Method>(request: &Request) -> Result<M::Params, ErrorObject> {
    serde_json::from_str(request.params.get())
        .map_err(|error| ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()))
}

fn result<M: Method>(result: M::Result) -> Result<Box<RawValue>, ErrorObject> {
    serde_json::value::to_raw_value(&result).map_err(|_| stopping())
}

pub(super) async fn send(seat: &HeldSeat, wish: Wish) -> Result<(), ErrorObject> {
    seat.server.wishes.send(wish).await.map_err(|_| stopping())
}

fn starting() -> ErrorObject {
    ErrorObject::new(ErrorCode::Starting)
}

pub(super) fn stopping() -> ErrorObject {
    ErrorObject::new(ErrorCode::Stopping)
}

pub(super) fn storage_failed() -> ErrorObject {
    ErrorObject::new(ErrorCode::StorageFailed)
}

pub(super) fn unsure() -> ErrorObject {
    ErrorObject::new(ErrorCode::Unsure)
}

pub(super) fn not_stored(error: &StoreError) -> ErrorObject {
    match error {
        StoreError::Failing(_) => storage_failed(),
        StoreError::Unsure => unsure(),
        StoreError::Closed => stopping(),
    }
}

/// Gives the answer if it comes in time, which it does unless a disk hangs; otherwise gives `late`.
pub(super) async fn local<T>(
    answer: impl Future<Output = Result<T, ErrorObject>>,
    late: impl FnOnce() -> ErrorObject,
) -> Result<T, ErrorObject> {
    tokio::time::timeout(LOCAL_MAX, answer).await.unwrap_or_else(|_| Err(late()))
}

pub(super) fn wait(ms: u64) -> Duration {
    Duration::from_millis(ms).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convene_local_api::{ConnectionWatch, List, read_request};

    use super::*;
    use crate::access::Access;
    use crate::config::{Config, MachineSettings};
    use crate::frontends::Means;
    use crate::frontends::quotas::Quotas;
    use crate::instance::Instance;
    use crate::logins::Logins;
    use crate::network::Whereabouts;
    use crate::os::{Paths, Peer, SocketPath, UserId};
    use crate::proxies::{MachineProxies, Proxies};
    use crate::questions::Questions;
    use crate::registry::Registry;
    use crate::settings::Board;
    use crate::store::{Store, StoreOptions};

    /// A frontend of a daemon that has taken up nothing yet, and takes no wishes.
    async fn asker(dir: &std::path::Path, privileged: bool) -> Asker {
        let (store, _notices) = Store::open(&dir.join("state"), &StoreOptions::default()).unwrap();
        let store = Arc::new(store);
        let logins = Logins::new(Arc::clone(&store), Arc::<Questions>::default()).await;
        let proxies = Arc::new(Proxies::new(Arc::clone(&store), MachineProxies::default()));
        let here = Whereabouts { id: convene_reach::NetworkId(1), leads_out: true, portal_api: None };
        let (named, counted) = (Arc::clone(&proxies), Arc::clone(&logins));
        let registry = Registry::new(Arc::clone(&store), Config::default(), named, counted, here);
        let registry = Arc::new(registry);
        let (config, socket) = (dir.join("convened.toml"), SocketPath::new(dir.join("convened.sock")));
        let places = Paths { config, state: dir.join("state"), socket };
        let instance = Arc::new(Instance::new(&places, Vec::new()));
        let access = Access::new(&registry, &proxies, &logins, &store);
        let settings = MachineSettings::default();
        let (board, _wishes) = Board::new(Arc::clone(&store), Arc::clone(&proxies), settings);
        let means = Means { registry, store, proxies, logins, instance, board, access };
        let peer = Arc::new(Peer { user: UserId::named("anna"), pid: None, privileged });
        let quotas = Quotas::default();
        let turn = quotas.turns.of("anna");
        Asker { peer, means, quotas, turn, followed: Arc::default() }
    }

    fn request<M: Method>() -> Request {
        read_request(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, M::NAME)).unwrap()
    }

    #[tokio::test]
    async fn a_daemon_that_has_not_taken_up_its_seats_says_so_and_greets() {
        let dir = tempfile::tempdir().unwrap();
        let asker = asker(dir.path(), false).await;
        assert!(carry_out(&asker, &request::<Hello>()).await.is_ok());
        let answered = carry_out(&asker, &request::<List>()).await;
        assert_eq!(answered.unwrap_err().known(), Some(ErrorCode::Starting));
        let (lines, mut told) = Lines::new(&asker.quotas.line_bytes, "anna");
        let ended = watching::watch(asker.clone(), request::<ConnectionWatch>(), lines).await;
        assert!(matches!(ended, watching::Ended::Refused));
        assert!(told.recv().await.unwrap().text.contains("starting"));
        asker.means.registry.resume(Vec::new()).await;
        assert!(carry_out(&asker, &request::<List>()).await.is_ok());
    }

    #[tokio::test]
    async fn every_method_is_refused_to_those_who_may_not_and_to_nobody_else() {
        let refused_to_users = ["system.status"];
        let dir = tempfile::tempdir().unwrap();
        for privileged in [false, true] {
            let dir = dir.path().join(privileged.to_string());
            let asker = asker(&dir, privileged).await;
            asker.means.registry.resume(Vec::new()).await;
            for (method, _) in rights::RIGHTS {
                let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
                let answered = carry_out(&asker, &read_request(&line).unwrap()).await;
                let error = answered.err().and_then(|error| error.known());
                let is_refused = error == Some(ErrorCode::NotPrivileged);
                assert_eq!(is_refused, !privileged && refused_to_users.contains(method), "{method}");
            }
            for (patch, is_own) in [
                (r#"{"own":{"tell_access":true}}"#, true),
                (r#"{"proxy":{"mode":"off"}}"#, false),
                (r#"{"policy":{"tls_inspection":"refuse"}}"#, false),
                (r#"{"server":{"a.test:443":{}}}"#, false),
                (r#"{"own":{"proxy":null},"proxy":null}"#, false),
            ] {
                let line = format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"settings.patch","params":{{"patch":{patch}}}}}"#
                );
                let error = carry_out(&asker, &read_request(&line).unwrap()).await.unwrap_err();
                let refused = if is_own || privileged {
                    ErrorCode::Stopping // nobody fulfils wishes here
                } else {
                    ErrorCode::NotPrivileged
                };
                assert_eq!(error.known(), Some(refused), "{patch}");
            }
        }
    }
}
