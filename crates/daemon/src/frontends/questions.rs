//! What the daemon asks people, through a frontend that said in its hello that it answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_local_api::Question;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Questions that one frontend has not shown yet.
const WAITING_MAX: usize = 4;
/// How long a person may take.
const ANSWER_MAX: Duration = Duration::from_secs(5 * 60);

/// The frontends that answer, of all users.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<Willing>);

#[derive(Debug, Default)]
struct Willing {
    registered: u64,
    /// By user; who came last stands last.
    frontends: BTreeMap<String, Vec<Frontend>>,
}

#[derive(Debug, Clone)]
struct Frontend {
    number: u64,
    /// The questions that it answers.
    answers: Arc<[String]>,
    asked: mpsc::Sender<Asked>,
}

impl Frontend {
    fn answers(&self, name: &str) -> bool {
        self.answers.iter().any(|known| known == name)
    }
}

/// A question on its way to a frontend.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) params: Value,
    /// Dropped where the frontend has gone.
    pub(crate) answer: oneshot::Sender<Option<Box<RawValue>>>,
}

/// A frontend that answers, until it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    questions: Arc<Questions>,
    user: String,
    number: u64,
    asked: mpsc::Receiver<Asked>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    /// This.
    Given(T),
    /// Nothing, or nothing that can be understood, or not in time.
    Declined,
    /// There is nobody to ask.
    Nobody,
}

impl Questions {
    /// Takes up a frontend that answers these.
    pub(crate) fn register(self: &Arc<Self>, user: &str, answers: &[String]) -> Registration {
        let (sender, asked) = mpsc::channel(WAITING_MAX);
        let mut willing = self.willing();
        willing.registered += 1;
        let number = willing.registered;
        let frontend = Frontend { number, answers: answers.into(), asked: sender };
        willing.frontends.entry(user.to_owned()).or_default().push(frontend);
        Registration { questions: Arc::clone(self), user: user.to_owned(), number, asked }
    }

    /// Whether somebody of this user's answers this question.
    pub(crate) fn reaches<Q: Question>(&self, user: &str) -> bool {
        let willing = self.willing();
        willing.frontends.get(user).is_some_and(|all| all.iter().any(|one| one.answers(Q::NAME)))
    }

    /// Asks through the frontend that came last; where it goes without an answer, through the one before. Takes at most 5 minutes.
    pub(crate) async fn ask<Q: Question>(&self, user: &str, params: &Q::Params) -> Answer<Q::Answer> {
        let params = serde_json::to_value(params).unwrap_or_default();
        let ask = async {
            let mut before = u64::MAX;
            while let Some(frontend) = self.last(user, Q::NAME, before) {
                before = frontend.number;
                let (answer, answered) = oneshot::channel();
                let asked = Asked { method: Q::NAME, params: params.clone(), answer };
                if frontend.asked.send(asked).await.is_err() {
                    continue;
                }
                if let Ok(answer) = answered.await {
                    let answer = answer.and_then(|answer| serde_json::from_str(answer.get()).ok());
                    return answer.map_or(Answer::Declined, Answer::Given);
                }
            }
            Answer::Nobody
        };
        timeout(ANSWER_MAX, ask).await.unwrap_or(Answer::Declined)
    }

    fn last(&self, user: &str, name: &str, before: u64) -> Option<Frontend> {
        let willing = self.willing();
        willing.frontends.get(user)?.iter().rfind(|one| one.number < before && one.answers(name)).cloned()
    }

    fn willing(&self) -> MutexGuard<'_, Willing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registration {
    /// The next question. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Asked> {
        self.asked.recv().await
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut willing = self.questions.willing();
        if let Some(frontends) = willing.frontends.get_mut(&self.user) {
            frontends.retain(|one| one.number != self.number);
            if frontends.is_empty() {
                willing.frontends.remove(&self.user);
            }
        }
    }
}
