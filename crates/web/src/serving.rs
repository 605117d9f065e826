//! The bridge: everything that runs until it is not used any more.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use convene_local_client::{Introduction, OwnSocket};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use crate::language::{Opened, Wanted};
use crate::shared::Shared;
use crate::{os, requests, session};

/// Connections at the same time: as many pages as the daemon has room for, and those that fetch the
/// page.
const CONNECTIONS_MAX: usize = 128;
/// Connections of other users among them: enough to say no, too few to keep the user out.
const STRANGERS_MAX: usize = 8;
/// How long to wait where the system has no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(200);

/// Serves the page until no page has been open for a while. Calls `ready` when it can be asked at
/// `place` for links.
///
/// # Errors
/// `AddrInUse` where this user's bridge runs already; otherwise, where no socket can be opened.
pub(crate) async fn serve(place: &Path, introduction: Introduction, ready: impl FnOnce()) -> io::Result<()> {
    let asked = OwnSocket::bind(place)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let shared = Arc::new(Shared::new(listener.local_addr()?, introduction.clone()));
    ready();
    tokio::select! {
        () = asked.serve(|question| answer(question, &shared)) => {}
        () = accept(listener, &shared) => {}
        () = session::attend(introduction) => {}
        () = shared.usage.is_over() => {}
    }
    Ok(())
}

/// The answer to what a program of this user asks.
fn answer(question: &str, shared: &Shared) -> String {
    let wanted = serde_json::from_str::<Wanted>(question);
    let opened = wanted.map(|wanted| Opened { url: shared.link(wanted.join) });
    opened.and_then(|opened| serde_json::to_string(&opened)).unwrap_or_default()
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    let strangers = Arc::new(Semaphore::new(STRANGERS_MAX));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(attend(stream, peer, Arc::clone(shared), Arc::clone(&strangers)));
                }
                Err(_) => sleep(EXHAUSTED_PAUSE).await,
            },
            // One that fails is the browser's to make again.
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn attend(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, strangers: Arc<Semaphore>) {
    let own = shared.address.socket();
    // Where the system does not say whose it is, it is not this user's.
    let is_own = matches!(spawn_blocking(move || os::is_own(peer, own)).await, Ok(Ok(true)));
    let place = if is_own { None } else { strangers.try_acquire().ok() };
    if (is_own || place.is_some()) && stream.set_nodelay(true).is_ok() {
        requests::serve(stream, is_own, shared).await;
    }
}
