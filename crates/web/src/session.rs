//! The bridge as a frontend of its own: it tells the daemon what this user's session knows of
//! proxies, and answers for the user's tickets.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use convene_desktop::{SessionWatch, Tokens, session_proxies};
use convene_local_client::{AskToken, Attachment, Introduction, Patience};
use tokio::time::sleep;

/// Between two tries at a daemon that says what cannot be read.
const FAILED_PAUSE: Duration = Duration::from_secs(1);

/// Reads a variable of the environment.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Stays attached until dropped, whatever is restarted, and offers anew what changes.
pub(crate) async fn attend(introduction: Introduction) {
    let tokens = Tokens::default();
    let ask: AskToken = Arc::new(move |sources, asked| tokens.answer(sources, asked));
    let mut attachment = Attachment::new(introduction.with_tokens(ask), Patience::Each(Duration::MAX));
    let mut watch = SessionWatch::new(environment);
    loop {
        let sources = session_proxies(environment).await;
        if !sources.is_empty() {
            // What is not taken now is offered when the daemon is there.
            drop(attachment.offer(sources).await);
        }
        loop {
            tokio::select! {
                () = watch.changed() => break,
                news = attachment.next() => if news.is_err() {
                    sleep(FAILED_PAUSE).await;
                },
            }
        }
    }
}
