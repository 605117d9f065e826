//! What a fake daemon says to which line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use convene_local_api::{
    DiscoverMethod, ErrorCode, ErrorObject, Hello, Id, Incoming, Method as _, Reply, error_line,
    read_incoming, read_request, request_line, result_line,
};
use serde_json::Value;

/// What is said when a method is called.
#[derive(Debug)]
pub(super) struct Script {
    answer: Result<Value, ErrorObject>,
    /// Notifications in front of the answer, and behind it.
    pub(super) before: Vec<String>,
    pub(super) behind: Vec<String>,
    /// The question that is asked in front of the answer, with its parameters.
    pub(super) question: Option<(&'static str, Value)>,
    /// The method whose answer comes first.
    pub(super) waits_for: Option<&'static str>,
    /// How often the connection is still dropped behind all that, and in its place.
    pub(super) drops: usize,
    pub(super) unanswered: usize,
}

/// A call that is not answered yet.
#[derive(Debug)]
pub(super) struct Held {
    id: Id,
    method: String,
    /// The method or question whose answer comes first.
    behind: &'static str,
}

/// The words of a daemon's.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    pub(super) by_method: BTreeMap<&'static str, Script>,
    /// Calls that are still told that the daemon starts.
    pub(super) starting: usize,
    pub(super) heard: Arc<Mutex<Vec<(String, Value)>>>,
}

/// What is said next.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) lines: Vec<String>,
    /// Whether the connection is dropped then.
    pub(super) drops: bool,
}

impl Script {
    pub(super) fn new(answer: Result<Value, ErrorObject>) -> Self {
        Self {
            answer,
            before: Vec::new(),
            behind: Vec::new(),
            question: None,
            waits_for: None,
            drops: 0,
            unanswered: 0,
        }
    }
}

impl Scripts {
    /// Takes a line of a frontend's, whose calls that wait are `held`.
    pub(super) fn hear(&mut self, line: &str, held: &mut Vec<Held>) -> Said {
        let mut said = Said::default();
        match (read_request(line), read_incoming(line)) {
            (Ok(request), _) => {
                let params = serde_json::from_str(request.params.get()).unwrap_or_default();
                self.note(request.method.clone(), params);
                if let Some(id) = request.id {
                    self.begin(id, request.method, held, &mut said);
                }
            }
            (Err(_), Some(Incoming::Reply(Reply { id: Some(Id::Text(question)), result }))) => {
                let answer = result.map(|raw| serde_json::from_str(raw.get()).unwrap_or_default());
                self.note(question.clone(), answer.unwrap_or_default());
                self.release(&question, held, &mut said);
            }
            (Err((id, error)), _) => said.lines.push(error_line(id.as_ref(), &error)),
        }
        said
    }

    fn note(&self, what: String, with: Value) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push((what, with));
    }

    fn begin(&mut self, id: Id, method: String, held: &mut Vec<Held>, said: &mut Said) {
        if self.starting > 0 && ![Hello::NAME, DiscoverMethod::NAME].contains(&method.as_str()) {
            self.starting -= 1;
            return said.lines.push(error_line(Some(&id), &ErrorObject::new(ErrorCode::Starting)));
        }
        let Some(script) = self.by_method.get_mut(method.as_str()) else {
            return said.lines.push(error_line(Some(&id), &ErrorObject::new(ErrorCode::MethodNotFound)));
        };
        if script.unanswered > 0 {
            script.unanswered -= 1;
            said.drops = true;
            return;
        }
        said.lines.extend(script.before.iter().cloned());
        if let Some((question, params)) = &script.question {
            // The answer bears the question's name.
            said.lines.push(request_line(&Id::Text((*question).to_owned()), question, params));
        }
        match script.question.as_ref().map(|(question, _)| *question).or(script.waits_for) {
            Some(behind) => held.push(Held { id, method, behind }),
            None => self.answer(&id, &method, held, said),
        }
    }

    fn answer(&mut self, id: &Id, method: &str, held: &mut Vec<Held>, said: &mut Said) {
        let Some(script) = self.by_method.get_mut(method) else { return };
        said.lines.push(match &script.answer {
            Ok(result) => result_line(id, result),
            Err(error) => error_line(Some(id), error),
        });
        said.lines.extend(script.behind.iter().cloned());
        if script.drops > 0 {
            script.drops -= 1;
            said.drops = true;
        }
        self.release(method, held, said);
    }

    /// Answers the calls that waited for this.
    fn release(&mut self, answered: &str, held: &mut Vec<Held>, said: &mut Said) {
        let waited: Vec<Held> = held.extract_if(.., |held| held.behind == answered).collect();
        for Held { id, method, .. } in waited {
            self.answer(&id, &method, held, said);
        }
    }
}
