//! A conference that cannot be run now: seats are told to come again later.

use std::time::Duration;

use convene_conference::Refusal;
use convene_hosting::{Note, Told, Wish};
use convene_protocol::{Opened, OpenedOutcome, ServerFrame};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::reply;
use crate::conferences::Input;
use crate::conferences::register::Door;
use crate::delivery::{Delivery, Message};

/// Before which it is no use for a seat to ask again.
const RETRY_AFTER_MS: u64 = 5_000;

/// Refuses all that comes for a while.
pub(super) async fn refuse_for(
    span: Duration,
    code: Refusal,
    door: &Door,
    inputs: &mut mpsc::Receiver<Input>,
) {
    let end = Instant::now() + span;
    while let Ok(Some(input)) = tokio::time::timeout_at(end, inputs.recv()).await {
        refuse(input, code, door);
    }
}

fn refuse(input: Input, code: Refusal, door: &Door) {
    match input {
        Input::Wish { link, wish: Wish::Open(resume) } => {
            let outcome = if code.is_final(resume.was_participant) {
                OpenedOutcome::Refused { code }
            } else {
                OpenedOutcome::Later { code, retry_after_ms: RETRY_AFTER_MS, log: None }
            };
            let (index, count) = (resume.index, resume.count);
            let opened = Opened { index, count, void_after: None, outcome };
            let text = ServerFrame::Opened(vec![opened]).to_string().into();
            let told = Told { text, note: Note::NotOpened { index, count } };
            link.deliver(Delivery::Told(Box::new(Message { at: door.task(), told })));
        }
        Input::End(answer) => reply(answer, Err(code)),
        Input::Codes(answer) => reply(answer, Err(code)),
        Input::Wish { .. }
        | Input::Commands(_)
        | Input::LinkGone(_)
        | Input::LinkLiving(..)
        | Input::Deleted => {}
        #[cfg(test)]
        Input::Panic => {}
    }
}
