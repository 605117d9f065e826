//! The connection to the daemon, as long as the program runs: found again whenever it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use convene_desktop::{SessionWatch, Tokens, session_proxies};
use convene_local_api::{ProxyPasswordAnswer, ProxyPasswordParams, Told};
use convene_local_client::{
    AskLogin, AskToken, CallError, Client, ConnectError, Introduction, Notifications,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::{calls, environment};
use crate::message::{Answer, Call};
use crate::state::{Away, AwayKind};

/// The name and version by which this program introduces itself.
const PROGRAM: &str = concat!("convene-tui ", env!("CARGO_PKG_VERSION"));
/// Before the daemon is looked for again: soon behind a cut, and then more and more seldom.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A connection that has lasted so long was a good one.
const LASTING_MIN: Duration = Duration::from_secs(10);

/// What the daemon, or its absence, means.
pub(super) enum News {
    /// There is a connection, on which nothing was asked yet.
    Attached(Client),
    Disconnected,
    Away(Away),
    Told(Box<Told>),
    /// The answer to a call that has its place among what is told.
    Answered(Box<Answer>),
    /// The daemon asks for a login; dropped, that declines.
    Asked(ProxyPasswordParams, oneshot::Sender<Option<ProxyPasswordAnswer>>),
}

/// Nobody wants to know any more.
struct NotWanted;

impl<T> From<mpsc::error::SendError<T>> for NotWanted {
    fn from(_: mpsc::error::SendError<T>) -> Self {
        Self
    }
}

/// Stays attached until nobody wants to know any more.
pub(super) async fn attend(
    sockets: Vec<PathBuf>,
    tell: mpsc::Sender<News>,
    mut wishes: mpsc::Receiver<Call>,
) {
    let introduction = introduction(sockets, tell.clone());
    let mut session = SessionWatch::new(environment);
    let mut pause = PAUSE_MIN;
    loop {
        let news = match introduction.connect().await {
            Ok(link) => {
                let since = Instant::now();
                if stay(link, &mut session, &tell, &mut wishes).await.is_err() {
                    return;
                }
                if since.elapsed() >= LASTING_MIN {
                    pause = PAUSE_MIN;
                }
                News::Disconnected
            }
            Err(error) => News::Away(away(&error)),
        };
        if tell.send(news).await.is_err() {
            return;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// The daemon may ask this terminal's person for a login, and this user's session for tokens.
fn introduction(sockets: Vec<PathBuf>, tell: mpsc::Sender<News>) -> Introduction {
    let tokens = Tokens::default();
    let ask_token: AskToken = Arc::new(move |sources, asked| tokens.answer(sources, asked));
    let ask_login: AskLogin = Box::new(move |asked| {
        let (answer, answered) = oneshot::channel();
        tell.blocking_send(News::Asked(asked.clone(), answer)).ok()?;
        answered.blocking_recv().ok().flatten()
    });
    Introduction::new(sockets, PROGRAM).with_tokens(ask_token).with_logins(ask_login)
}

fn away(error: &ConnectError) -> Away {
    let kind = match error {
        ConnectError::NotRunning { .. } => AwayKind::NotRunning,
        ConnectError::Impostor { .. } => AwayKind::Impostor,
        ConnectError::Foreign { .. } => AwayKind::Version,
    };
    Away { kind, details: error.to_string() }
}

/// Tells what the daemon says, until the connection ends.
async fn stay(
    (client, mut notifications): (Client, Notifications),
    session: &mut SessionWatch,
    tell: &mpsc::Sender<News>,
    wishes: &mut mpsc::Receiver<Call>,
) -> Result<(), NotWanted> {
    if offer(&client).await.is_err() {
        return Ok(());
    }
    // What was wanted on the connection before is wanted anew on this one.
    while wishes.try_recv().is_ok() {}
    tell.send(News::Attached(client.clone())).await?;
    loop {
        let is_over = tokio::select! {
            told = notifications.next() => match told {
                Ok(told) => {
                    tell.send(News::Told(Box::new(told))).await?;
                    false
                }
                Err(_) => true,
            },
            Some(call) = wishes.recv() => answer(&client, call, tell).await?,
            () = session.changed() => offer(&client).await.is_err(),
        };
        if is_over {
            return Ok(());
        }
    }
}

/// Tells the daemon which proxies this user's session knows.
async fn offer(client: &Client) -> Result<(), CallError> {
    let sources = session_proxies(environment).await;
    if sources.is_empty() { Ok(()) } else { client.offer(sources).await }
}

/// Makes a call while nothing else is told; says whether the connection is of no more use.
async fn answer(client: &Client, call: Call, tell: &mpsc::Sender<News>) -> Result<bool, NotWanted> {
    let answer = calls::make(client.clone(), call).await;
    let is_over = if let Answer::Watch(_, watched) = &answer
        && let Err(error) = &**watched
    {
        error.is_passing()
    } else {
        false
    };
    tell.send(News::Answered(Box::new(answer))).await?;
    Ok(is_over)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use convene_local_api::{Unwatch, UnwatchResult};
    use convene_local_client::FakeDaemon;
    use convene_model::{ConferenceId, SeatName};
    use tokio::time::timeout;

    use super::*;

    /// More than the test needs.
    const PATIENCE: Duration = Duration::from_secs(30);

    async fn story(mut told: mpsc::Receiver<News>, wishes: mpsc::Sender<Call>) -> Vec<&'static str> {
        let mut seen = Vec::new();
        while seen.len() < 4 {
            seen.push(match told.recv().await.unwrap() {
                News::Attached(_) => "attached",
                News::Disconnected => "disconnected",
                News::Away(_) => "away",
                News::Told(_) => "told",
                News::Answered(_) => "answered",
                News::Asked(..) => "asked",
            });
            if seen.len() == 1 {
                let conference = SeatName::Conference(ConferenceId::from_random(1));
                wishes.send(Call::Unwatch(conference)).await.unwrap();
            }
        }
        seen
    }

    #[tokio::test]
    async fn a_daemon_that_drops_the_connection_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("convened.sock");
        let daemon = FakeDaemon::bind(&path).unwrap().answers::<Unwatch>(&UnwatchResult { ended: true });
        let daemon = daemon.then_drops::<Unwatch>(1);
        let ((tell, told), (wishes, wished)) = (mpsc::channel(8), mpsc::channel(8));
        let story = timeout(PATIENCE, story(told, wishes));
        tokio::select! {
            seen = story => assert_eq!(seen.unwrap(), ["attached", "answered", "disconnected", "attached"]),
            served = daemon.serve() => panic!("{served:?}"),
            () = attend(vec![path], tell, wished) => panic!("nobody has had enough"),
        }
    }
}
