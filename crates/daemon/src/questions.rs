//! The questions that the daemon asks people, through a frontend that said in its hello that it
//! answers.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use convene_local_api::Question;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Questions that one frontend has not shown yet.
const WAITING_MAX: usize = 4;
/// How long a person may take.
const ANSWER_MAX: Duration = Duration::from_secs(5 * 60);
/// How long a frontend may be silent about what no person has to type before another one is asked
/// too: its domain controller answers within a second, and three fit into the time that a ticket
/// has.
const SILENCE: Duration = Duration::from_secs(1);

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

/// The answer of a person.
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

    /// Asks through the frontend that came last; where it goes without an answer, through the one
    /// before. Takes at most 5 minutes.
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

    /// Asks for what no person has to type: the frontend that came last, and where it declines or
    /// is silent for a second, the one before too. The first answer counts. Takes at most 5
    /// minutes.
    pub(crate) async fn ask_any<Q: Question>(&self, user: &str, params: &Q::Params) -> Answer<Q::Answer> {
        let params = serde_json::to_value(params).unwrap_or_default();
        let ask = async {
            let mut asked = Vec::new();
            let (mut before, mut declined) = (u64::MAX, false);
            while let Some(frontend) = self.last(user, Q::NAME, before) {
                before = frontend.number;
                let (answer, answered) = oneshot::channel();
                // One whose questions wait already does not answer.
                if frontend.asked.try_send(Asked { method: Q::NAME, params: params.clone(), answer }).is_ok()
                {
                    asked.push(answered);
                }
                let answer = next_answer(&mut asked, &mut declined);
                if let Some(given) = timeout(SILENCE, answer).await.ok().flatten() {
                    return Answer::Given(given);
                }
            }
            while !asked.is_empty() {
                if let Some(given) = next_answer(&mut asked, &mut declined).await {
                    return Answer::Given(given);
                }
            }
            if declined { Answer::Declined } else { Answer::Nobody }
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

/// Waits for the next of these answers and gives its value, if there is one. Notes in `declined`
/// whether one declined.
async fn next_answer<T: DeserializeOwned>(
    asked: &mut Vec<oneshot::Receiver<Option<Box<RawValue>>>>,
    declined: &mut bool,
) -> Option<T> {
    let waited_for = asked.len();
    poll_fn(|cx| {
        let mut given = None;
        asked.retain_mut(|answered| match Pin::new(answered).poll(cx) {
            Poll::Pending => true,
            Poll::Ready(answer) => {
                *declined |= answer.is_ok();
                let answer = answer.ok().flatten();
                given = given.take().or_else(|| serde_json::from_str(answer?.get()).ok());
                false
            }
        });
        if asked.is_empty() || asked.len() < waited_for { Poll::Ready(given) } else { Poll::Pending }
    })
    .await
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

#[cfg(test)]
mod tests {
    use convene_local_api::{ProxyToken, ProxyTokenAnswer, ProxyTokenParams};
    use serde_json::json;
    use tokio::time::Instant;

    use super::*;

    const ANNA: &str = "uid:1000";

    fn register(questions: &Arc<Questions>) -> Registration {
        questions.register(ANNA, &[ProxyToken::NAME.to_owned()])
    }

    async fn ask(questions: &Questions) -> Answer<ProxyTokenAnswer> {
        let params = ProxyTokenParams {
            host: "proxy.test".to_owned(),
            context: "1".to_owned(),
            token: None,
            binding: None,
        };
        questions.ask_any::<ProxyToken>(ANNA, &params).await
    }

    async fn answer(frontend: &mut Registration, token: Option<&str>) {
        let answer = token.map(|token| serde_json::value::to_raw_value(&json!({ "token": token })).unwrap());
        frontend.next().await.unwrap().answer.send(answer).unwrap();
    }

    fn token(token: &str) -> Answer<ProxyTokenAnswer> {
        Answer::Given(ProxyTokenAnswer { token: token.to_owned() })
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_comes_from_whichever_frontend_has_one() {
        let questions = Arc::<Questions>::default();
        assert_eq!(ask(&questions).await, Answer::Nobody);
        let (mut having, mut declining) = (register(&questions), register(&questions));
        let began = Instant::now();
        let (given, (), ()) =
            tokio::join!(ask(&questions), answer(&mut declining, None), answer(&mut having, Some("a")));
        assert_eq!((given, began.elapsed()), (token("a"), Duration::ZERO));
        let _hanging = register(&questions);
        let (given, (), ()) =
            tokio::join!(ask(&questions), answer(&mut declining, None), answer(&mut having, Some("b")));
        assert_eq!((given, began.elapsed()), (token("b"), SILENCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_token_counts_though_another_frontend_was_asked_meanwhile() {
        let questions = Arc::<Questions>::default();
        let (mut declining, mut slow) = (register(&questions), register(&questions));
        let answering = async {
            let asked = slow.next().await.unwrap();
            answer(&mut declining, None).await;
            let answer = serde_json::value::to_raw_value(&json!({ "token": "late" })).unwrap();
            asked.answer.send(Some(answer)).unwrap();
        };
        let (given, ()) = tokio::join!(ask(&questions), answering);
        assert_eq!(given, token("late"));
        // All decline; a frontend that goes meanwhile does not.
        let declined = tokio::join!(ask(&questions), answer(&mut slow, None), answer(&mut declining, None));
        assert_eq!(declined.0, Answer::Declined);
        drop(slow);
        let gone = async { drop(declining.next().await) };
        assert_eq!(tokio::join!(ask(&questions), gone).0, Answer::Nobody);
    }
}
