//! The person behind one frontend, who may be asked something.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_local_api::{
    Hello, HelloParams, Id, Incoming, Method as _, ProxyPassword, ProxyToken, Question as _, Reply, Request,
    read_incoming, request_line,
};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::attendant::Asker;
use crate::questions::{Asked, Questions, Registration};

/// Questions that one frontend shows at the same time.
const OPEN_MAX: usize = 8;

/// The questions to one frontend, and those of them that it has not answered yet.
pub(super) struct Person {
    questions: Arc<Questions>,
    asker: Asker,
    /// The registration of the frontend, if it has said that it answers.
    registration: Option<Registration>,
    asked: u64,
    open: BTreeMap<Id, oneshot::Sender<Option<Box<RawValue>>>>,
}

impl Person {
    pub(super) fn new(questions: Arc<Questions>, asker: &Asker) -> Self {
        let asker = asker.clone();
        Self { questions, asker, registration: None, asked: 0, open: BTreeMap::new() }
    }

    /// Takes note of whether the frontend answers questions.
    pub(super) fn greet(&mut self, request: &Request) {
        let hello = (request.method == Hello::NAME).then(|| serde_json::from_str(request.params.get()).ok());
        let known = [ProxyPassword::NAME, ProxyToken::NAME];
        let answers = |hello: HelloParams| -> Vec<String> {
            known
                .into_iter()
                .filter(|name| hello.answers.iter().any(|said| said == name))
                .map(str::to_owned)
                .collect()
        };
        let answers = hello.flatten().map(answers).unwrap_or_default();
        if !answers.is_empty() && self.registration.is_none() {
            let user = self.asker.peer.user.as_str();
            self.registration = Some(self.questions.register(user, &answers));
            self.asker.means.logins.handle_willing(user);
        }
    }

    /// The next question, as a line. Cancel safe.
    pub(super) async fn asked(&mut self) -> String {
        let next = match &mut self.registration {
            Some(registration) if self.open.len() < OPEN_MAX => registration.next().await,
            Some(_) | None => None,
        };
        let Some(Asked { method, params, answer }) = next else { return std::future::pending().await };
        // Anyone who asked may have gone meanwhile.
        self.open.retain(|_, answer| !answer.is_closed());
        self.asked += 1;
        let id = Id::Text(format!("question-{}", self.asked));
        let line = request_line(&id, method, &params);
        self.open.insert(id, answer);
        line
    }

    /// Takes a line that answers a question; says whether it does.
    pub(super) fn takes(&mut self, line: &str) -> bool {
        let Some(Incoming::Reply(Reply { id: Some(id), result })) = read_incoming(line) else { return false };
        let Some(answer) = self.open.remove(&id) else { return false };
        if answer.send(result.ok()).is_err() {
            tracing::debug!("an answer came too late");
        }
        true
    }
}
