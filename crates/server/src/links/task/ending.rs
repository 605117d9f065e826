//! How pipes of a link end, and the link itself.

use std::time::Instant;

use convene_event_log::EventLog;
use convene_link::{PipeDeath, PipeId};
use convene_protocol::{Bye, RefuseCode, ServerFrame};

use super::{Link, is_farewell};
use crate::conferences::{Door, Input};
use crate::web::{Pipe, Utf8Bytes};

impl<E: EventLog> Link<'_, E> {
    pub(super) fn tell_living(&mut self, living: bool) {
        let number = self.handle.number();
        let doors: Vec<Door> = self.desk.conferences().cloned().collect();
        for door in doors {
            self.tell(door, Input::LinkLiving(number, living));
        }
    }

    pub(super) fn lose_pipe(&mut self, now: Instant) {
        self.pipe = None;
        self.acceptor.handle_pipe_closed(PipeId(self.pipes), now);
        self.tell_living(false);
    }

    pub(super) fn drop_pipe(&mut self, why: PipeDeath, now: Instant) {
        let code = match why {
            PipeDeath::Malformed => RefuseCode::Malformed,
            PipeDeath::Closed
            | PipeDeath::Silent
            | PipeDeath::NotAttached
            | PipeDeath::Superseded
            | PipeDeath::Bye(_) => RefuseCode::Silent,
        };
        if let Some(pipe) = self.pipe.take() {
            let bye = self.bye(code);
            self.farewell(pipe, bye);
        }
        self.lose_pipe(now);
    }

    pub(super) fn end(&mut self, code: RefuseCode) -> Option<()> {
        if let Some(pipe) = self.pipe.take() {
            let bye = self.bye(code);
            self.farewell(pipe, bye);
        }
        None
    }

    /// Says the last words on a pipe and closes it. Nothing waits for that: on a pipe whose other
    /// end does not read it takes a second, in which the next one is attached already.
    pub(super) fn farewell(&mut self, pipe: Pipe, last: Utf8Bytes) {
        while self.farewells.try_join_next().is_some() {}
        self.farewells.spawn(pipe.close([last]));
    }

    pub(super) fn bye(&self, code: RefuseCode) -> Utf8Bytes {
        let retry_after = self.links.retry_after(code).map(|after| after.as_millis());
        let retry_after_ms = retry_after.and_then(|after| after.try_into().ok());
        ServerFrame::Bye(Bye { code, retry_after_ms }).to_string().into()
    }

    /// The link begins anew: tells conferences that the former link is gone. A conference that is
    /// full hears of it when it has room, and the attach does not wait for that.
    pub(super) fn forsake_conferences(&mut self) {
        self.waiting.retain(is_farewell);
        // Behind a farewell nothing was sent, so there is nothing more to be taken back.
        if self.waiting.is_empty() {
            let number = self.handle.number();
            for door in self.desk.conferences().cloned().collect::<Vec<_>>() {
                self.tell(door, Input::LinkGone(number));
            }
        }
    }

    pub(super) async fn leave_conferences(&mut self) {
        self.waiting.retain(is_farewell);
        let number = self.handle.number();
        let now = self.desk.conferences().map(|door| (door.clone(), Input::LinkGone(number)));
        for (door, gone) in self.waiting.drain(..).chain(now) {
            // A conference that has ended needs no farewell.
            if door.inputs().send(gone).await.is_err() {
                tracing::debug!(link = %self.acceptor.link(), "its conference is no longer run");
            }
        }
    }
}
