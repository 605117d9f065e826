//! Links of the server, over whatever pipe is current.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use convene_hosting::{Desk, DeskOutput, LinkNumber, Now};
use convene_link::{Acceptor, AttachOutcome, Greeted, Greeting, GreetingStep, Outbound, PipeId};
use convene_model::Nonce;
use convene_protocol::{Attach, Bye, RefuseCode, Refused, ServerFrame};

use super::{HostRef, Mail, Server};

/// The use of a pipe to the server: a greeting, or a link.
#[derive(Debug)]
pub(super) enum Held {
    Greeting(Greeting),
    Link(LinkNumber),
}

/// A link that has begun.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) acceptor: Acceptor<Arc<str>>,
    pub(super) desk: Desk<HostRef>,
    /// Waits for a conference that takes no commands now.
    pub(super) held: Option<DeskOutput<HostRef>>,
    /// Of the attach by which it came or came back last.
    epoch: u64,
    /// The number of counted frames that were taken since it began, as the sender numbered them.
    taken: u64,
}

impl Server {
    pub(crate) fn handle_pipe(&mut self, pipe: PipeId, now: Instant) {
        let nonce = Nonce(self.random());
        self.pipes.insert(pipe, Held::Greeting(Greeting::new(nonce, now)));
    }

    pub(crate) fn handle_closed(&mut self, pipe: PipeId, now: Now) {
        if let Some(Held::Link(number)) = self.pipes.remove(&pipe)
            && let Some(link) = self.links.get_mut(&number)
            && link.acceptor.pipe() == Some(pipe)
        {
            link.acceptor.handle_pipe_closed(pipe, now.instant);
            self.set_living(number, false);
        }
        self.carry(now);
    }

    /// A frame came. `written` is the number that the carrier wrote on it, `sent` the one that its
    /// sender gave it.
    pub(crate) fn handle_frame(
        &mut self,
        pipe: PipeId,
        written: Option<u64>,
        sent: Option<u64>,
        text: &str,
        now: Now,
    ) {
        match self.pipes.get_mut(&pipe) {
            None => {}
            Some(Held::Greeting(greeting)) => {
                match greeting.handle_frame(text, "sim", &[], now.at, now.instant) {
                    GreetingStep::Say(frame) => self.say(pipe, &frame),
                    GreetingStep::Refuse(frame) => {
                        self.say(pipe, &frame);
                        self.close(pipe);
                    }
                    GreetingStep::Attach(attach) => {
                        let greeted = *greeting.greeted();
                        self.attach(pipe, *attach, &greeted, now);
                    }
                }
            }
            Some(Held::Link(number)) => {
                let number = *number;
                self.handle_link_frame(number, pipe, (written, sent), text, now);
            }
        }
        self.carry(now);
    }

    /// Carries what the links have to send to the pipes.
    pub(super) fn transmit(&mut self, now: Instant) {
        for link in self.links.values_mut() {
            while let (Some(pipe), Some(outbound)) = (link.acceptor.pipe(), link.acceptor.poll_transmit(now))
            {
                self.out.push(match outbound {
                    Outbound::Data(number, text) => (pipe, Some(number), text),
                    Outbound::Uncounted(text) => (pipe, None, text),
                    Outbound::Control(frame) => (pipe, None, frame.to_string().into()),
                });
            }
        }
    }

    pub(super) fn send(&mut self, number: LinkNumber, text: &Arc<str>) {
        if let Some(link) = self.links.get_mut(&number)
            && link.acceptor.send(Arc::clone(text), text.len()).is_err()
        {
            self.cut(number, RefuseCode::TooSlow);
        }
    }

    /// Ends a link, with a reason.
    pub(super) fn cut(&mut self, number: LinkNumber, code: RefuseCode) {
        self.cuts += usize::from(code == RefuseCode::TooSlow);
        if code == RefuseCode::Malformed {
            self.broken = Some("a daemon said what no daemon says".to_owned());
        }
        if let Some(pipe) = self.links.get(&number).and_then(|link| link.acceptor.pipe()) {
            self.say(pipe, &ServerFrame::Bye(Bye { code, retry_after_ms: None }));
            self.close(pipe);
        }
        self.forget(number);
    }

    pub(super) fn handle_links_due(&mut self, now: Now) {
        let is_due = |link: &Link| link.acceptor.poll_timeout().0 <= now.instant;
        let due = self.links.iter().filter(|(_, link)| is_due(link));
        for number in due.map(|(number, _)| *number).collect::<Vec<_>>() {
            let Some(link) = self.links.get_mut(&number) else { continue };
            if link.acceptor.is_forgotten(now.instant) {
                self.forget(number);
            } else if link.acceptor.handle_timeout(now.instant).is_err()
                && let Some(pipe) = link.acceptor.pipe()
            {
                link.acceptor.handle_pipe_closed(pipe, now.instant);
                self.close(pipe);
                self.set_living(number, false);
            }
        }
        let silent = self.pipes.iter().filter_map(|(pipe, held)| match held {
            Held::Greeting(greeting) => greeting.handle_timeout(now.instant).map(|frame| (*pipe, frame)),
            Held::Link(_) => None,
        });
        for (pipe, frame) in silent.collect::<Vec<_>>() {
            self.say(pipe, &frame);
            self.close(pipe);
        }
    }

    pub(super) fn links_due(&self) -> impl Iterator<Item = Instant> {
        let links = self.links.values().map(|link| link.acceptor.poll_timeout().0);
        links.chain(self.pipes.values().filter_map(|held| match held {
            Held::Greeting(greeting) => Some(greeting.poll_timeout().0),
            Held::Link(_) => None,
        }))
    }

    fn attach(&mut self, pipe: PipeId, attach: Attach, greeted: &Greeted, now: Now) {
        let known = self.by_id.get(&attach.link.id()).copied();
        let link = known.and_then(|number| self.links.get_mut(&number));
        let outcome = link.map(|link| link.acceptor.handle_attach(&attach, greeted, pipe, None, now.instant));
        match (outcome, known) {
            (Some(AttachOutcome::Refused(code)), _) => {
                self.say(pipe, &ServerFrame::Refused(Refused::of(code)));
                self.close(pipe);
            }
            (Some(AttachOutcome::Resumed { superseded }), Some(number)) => {
                self.note_epoch(number, attach.epoch);
                self.pipes.insert(pipe, Held::Link(number));
                self.set_living(number, true);
                superseded.into_iter().for_each(|old| self.close(old));
            }
            (Some(AttachOutcome::Begun { superseded }), Some(number)) => {
                self.note_epoch(number, attach.epoch);
                // The acceptor has begun anew; what was said of its seats before is not for the new
                // link.
                let acceptor = self.links.remove(&number).map(|link| (link.acceptor, link.desk));
                if let Some((acceptor, desk)) = acceptor {
                    let at: BTreeSet<HostRef> = desk.conferences().copied().collect();
                    self.leave_conferences(number, at);
                    self.begin(pipe, attach, acceptor);
                }
                superseded.into_iter().for_each(|old| self.close(old));
            }
            _ => {
                let acceptor = Acceptor::new(&attach, greeted, pipe, None, now.instant);
                self.begin(pipe, attach, acceptor);
            }
        }
    }

    /// Each attach of a link bears a higher epoch: one that comes late takes nothing over.
    fn note_epoch(&mut self, number: LinkNumber, epoch: u64) {
        let Some(link) = self.links.get_mut(&number) else { return };
        if epoch <= link.epoch {
            self.broken =
                Some(format!("an attach of epoch {epoch} takes the link over that has {}", link.epoch));
        }
        link.epoch = epoch;
    }

    fn begin(&mut self, pipe: PipeId, attach: Attach, acceptor: Acceptor<Arc<str>>) {
        let number = LinkNumber(self.next_number());
        self.by_id.insert(attach.link.id(), number);
        self.pipes.insert(pipe, Held::Link(number));
        let (epoch, mut desk) = (attach.epoch, Desk::new(number, *acceptor.context()));
        desk.handle_attach(attach.seats);
        self.links.insert(number, Link { acceptor, desk, held: None, epoch, taken: 0 });
    }

    fn handle_link_frame(
        &mut self,
        number: LinkNumber,
        pipe: PipeId,
        (written, sent): (Option<u64>, Option<u64>),
        text: &str,
        now: Now,
    ) {
        let Some(link) = self.links.get_mut(&number) else { return };
        match link.acceptor.handle_frame(pipe, written, text, now.instant) {
            Ok(None) => {}
            Ok(Some(frame)) => {
                link.taken += 1;
                if sent != Some(link.taken) {
                    let next = link.taken;
                    self.broken = Some(format!("the link took counted frame {sent:?} where {next} is next"));
                }
                link.desk.handle_frame(frame);
            }
            Err(_) => {
                link.acceptor.handle_pipe_closed(pipe, now.instant);
                self.close(pipe);
                self.set_living(number, false);
            }
        }
    }

    fn set_living(&mut self, number: LinkNumber, living: bool) {
        let Some(link) = self.links.get(&number) else { return };
        let told = link.desk.conferences().map(|at| (*at, number, Mail::Living(living)));
        self.mail.extend(told);
    }

    fn forget(&mut self, number: LinkNumber) {
        let Some(link) = self.links.remove(&number) else { return };
        self.by_id.retain(|_, known| *known != number);
        let at = link.desk.conferences().copied().collect();
        self.leave_conferences(number, at);
    }

    fn say(&mut self, pipe: PipeId, frame: &ServerFrame) {
        self.out.push((pipe, None, frame.to_string().into()));
    }

    fn close(&mut self, pipe: PipeId) {
        self.pipes.remove(&pipe);
        self.closing.insert(pipe);
    }
}
