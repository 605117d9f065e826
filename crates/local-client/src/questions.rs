//! What the daemon asks a frontend, and who answers.

use std::sync::{Arc, Mutex, PoisonError};

use convene_local_api::{
    ErrorCode, ErrorObject, Id, ProxyPassword, ProxyPasswordAnswer, ProxyPasswordParams, ProxySource,
    ProxyToken, ProxyTokenAnswer, ProxyTokenParams, Question, error_line, result_line,
};
use serde_json::value::RawValue;

/// Asks the person for a login at a proxy; `None` declines. It may block, and runs on a thread of
/// its own; the person is asked one thing at a time.
pub type AskLogin = Box<dyn FnMut(&ProxyPasswordParams) -> Option<ProxyPasswordAnswer> + Send>;

/// Makes the next token of a logon at a proxy that one of these settings names; `None` declines. It
/// may block, and runs on a thread of its own.
pub type AskToken = Arc<dyn Fn(&[ProxySource], &ProxyTokenParams) -> Option<ProxyTokenAnswer> + Send + Sync>;

/// Those who answer questions, on every connection of a frontend.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    pub(crate) login: Option<Arc<Mutex<AskLogin>>>,
    pub(crate) token: Option<AskToken>,
    /// The settings that were offered: tokens are made for their proxies and no others.
    pub(crate) sources: Arc<Mutex<Vec<ProxySource>>>,
}

impl Answers {
    /// The questions that are answered, as a hello names them.
    pub(crate) fn names(&self) -> Vec<String> {
        let login = self.login.iter().map(|_| ProxyPassword::NAME);
        let token = self.token.iter().map(|_| ProxyToken::NAME);
        login.chain(token).map(str::to_owned).collect()
    }

    pub(crate) fn offer(&self, sources: &[ProxySource]) {
        *self.sources.lock().unwrap_or_else(PoisonError::into_inner) = sources.to_vec();
    }

    /// The settings that were offered last.
    pub(crate) fn offered(&self) -> Vec<ProxySource> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The line that answers a question, which may take as long as a person takes.
    pub(crate) async fn answer(self, id: Id, method: String, params: Box<RawValue>) -> String {
        let sources = self.offered();
        match (method.as_str(), self.login, self.token) {
            (ProxyToken::NAME, _, Some(ask)) => {
                ask_apart::<ProxyToken>(&id, &params, move |asked| ask(&sources, asked)).await
            }
            (ProxyPassword::NAME, Some(ask), _) => {
                let ask = move |asked: &ProxyPasswordParams| {
                    let mut ask = ask.lock().unwrap_or_else(PoisonError::into_inner);
                    (*ask)(asked)
                };
                ask_apart::<ProxyPassword>(&id, &params, ask).await
            }
            _ => error_line(Some(&id), &ErrorObject::new(ErrorCode::MethodNotFound)),
        }
    }
}

/// Asks on a thread of its own.
async fn ask_apart<Q: Question>(
    id: &Id,
    params: &RawValue,
    ask: impl FnOnce(&Q::Params) -> Option<Q::Answer> + Send + 'static,
) -> String
where
    Q::Params: Send + 'static,
    Q::Answer: Send + 'static,
{
    let Ok(asked) = serde_json::from_str::<Q::Params>(params.get()) else {
        return error_line(Some(id), &ErrorObject::new(ErrorCode::InvalidParams));
    };
    // One who fails to answer declines.
    match tokio::task::spawn_blocking(move || ask(&asked)).await.ok().flatten() {
        Some(answer) => result_line(id, &answer),
        None => error_line(Some(id), &ErrorObject::new(ErrorCode::Declined)),
    }
}
