//! Conferences that run in the server.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use convene_conference::Refusal;
use convene_hosting::{
    CodeHash, CommandsWish, DeskOutput, Host, LinkNumber, Note, Now, Output, Told, Wish, Work,
};
use convene_model::{ConferenceId, JoinCode, TermId, Timestamp};

use super::calls::Stand;
use super::{Call, Done, HostRef, Server, wake_at};

/// After which a log is followed again that could not be read.
const FOLLOW_RETRY: Duration = Duration::from_secs(1);

/// The mail between a link and a conference. Each direction keeps its order.
#[derive(Debug)]
pub(crate) enum Mail {
    Wish(Wish),
    Commands(CommandsWish),
    Living(bool),
    Gone,
    /// From the conference to the desk of the link.
    Told(Told),
}

/// A conference that was started.
#[derive(Debug)]
pub(super) struct Running {
    number: u64,
    /// Absent while it is not known how its log stands.
    host: Option<Host<LinkNumber>>,
    /// Openings that wait for that.
    waiting: Vec<(LinkNumber, u32, u32)>,
    /// Whether the log is being followed.
    follows: bool,
    /// The last entry that the log held when it was opened, until it is read.
    opened_at: Option<u64>,
    /// When it is followed again.
    retry_at: Option<Instant>,
}

impl Running {
    pub(super) fn poll_timeout(&self, read: Now) -> Option<Instant> {
        let host = self.host.as_ref().and_then(Host::poll_timeout);
        let planned = self.next_due().map(|planned| wake_at(read, planned));
        [host, planned, self.retry_at].into_iter().flatten().min()
    }

    /// When the conference has something to do by itself.
    fn next_due(&self) -> Option<Timestamp> {
        self.host.as_ref().and_then(Host::next_due)
    }

    pub(super) fn handle_timeout(&mut self, now: Now) {
        self.retry_at.take_if(|due| *due <= now.instant);
        if let Some(host) = &mut self.host {
            host.handle_timeout(now);
        }
    }

    /// Says so once all is read that the log held when it was opened.
    fn catch_up(&mut self, now: Now) {
        if let Some(host) = &mut self.host
            && self.opened_at.take_if(|last| *last <= host.publisher().last()).is_some()
        {
            host.handle_caught_up(now);
        }
    }
}

impl Server {
    /// The log has answered a conference.
    pub(crate) fn handle_done(&mut self, to: HostRef, done: Done, now: Now) {
        let Some(running) = self.hosts.get_mut(&to.conference).filter(|running| running.number == to.number)
        else {
            return;
        };
        match (done, &mut running.host) {
            (Done::Loaded(stand), None) => self.loaded(to, stand, now),
            (Done::Claimed(term, outcome), Some(host)) => host.handle_claimed(term, outcome, now),
            (Done::Appended(term, outcome), Some(host)) => host.handle_append(term, outcome, now),
            (Done::Found(term, Some(entries)), Some(host)) => {
                let found = host.handle_found(term, &entries, now);
                self.broken = found.err().map(|error| error.to_string()).or_else(|| self.broken.take());
            }
            (Done::Found(term, None), Some(host)) => host.handle_lookup_failed(term, now),
            (Done::Page(read, Some(page)), Some(host)) => host.handle_page(read, &page, now),
            (Done::Page(read, None), Some(host)) => host.handle_read_failed(&read, now),
            (Done::Followed(entries), Some(host)) => {
                running.follows = false;
                host.handle_followed(&entries, now);
                running.catch_up(now);
            }
            (Done::Lost, Some(_)) => self.calls.push_back((to, Call::Reload)),
            (Done::Reloaded(Some(stand)), Some(host)) => {
                running.follows = false;
                running.opened_at = Some(stand.last);
                host.handle_log_lost(stand.stored, now);
                running.catch_up(now);
            }
            (Done::FollowFailed | Done::Reloaded(None), Some(_)) => {
                running.follows = false;
                running.retry_at = Some(now.instant + FOLLOW_RETRY);
            }
            _ => {}
        }
        self.carry(now);
    }

    /// The host of a conference has died.
    pub(crate) fn kill_host(&mut self, conference: ConferenceId, now: Now) {
        let Some(running) = self.hosts.remove(&conference) else { return };
        self.note_due(conference, running.next_due());
        // The writes that it has under way may still arrive, so nothing of its term may be decided
        // again.
        self.terms.remove(&conference);
        let gone = HostRef { conference, number: running.number };
        for link in self.links.values_mut() {
            link.desk.handle_conference_gone(&gone);
        }
        for (link, index, count) in running.waiting {
            self.answer_found(link, index, count, Err(Refusal::NotHereNow));
        }
        self.carry(now);
    }

    /// Lets a conference go in which nothing is under way; it is loaded again for its seats, and
    /// goes on in its term. Says whether it did.
    pub(crate) fn let_go(&mut self, conference: ConferenceId, now: Now) -> bool {
        let is_idle = |running: &Running| {
            running.host.as_ref().is_some_and(Host::is_idle) && running.waiting.is_empty()
        };
        if !self.hosts.get(&conference).is_some_and(is_idle) {
            return false;
        }
        let Some(running) = self.hosts.remove(&conference) else { return false };
        self.note_due(conference, running.next_due());
        let gone = HostRef { conference, number: running.number };
        for link in self.links.values_mut() {
            link.desk.handle_conference_gone(&gone);
        }
        self.carry(now);
        true
    }

    /// The conference, if it runs.
    pub(crate) fn host(&self, conference: ConferenceId) -> Option<&Host<LinkNumber>> {
        self.hosts.get(&conference)?.host.as_ref()
    }

    /// Carries what desks and hosts want, until nothing is left.
    pub(super) fn carry(&mut self, now: Now) {
        loop {
            let mut moved = false;
            for number in self.links.keys().copied().collect::<Vec<_>>() {
                moved |= self.carry_desk(number);
            }
            for conference in self.hosts.keys().copied().collect::<Vec<_>>() {
                moved |= self.carry_host(conference);
            }
            if !moved {
                break;
            }
        }
        self.transmit(now.instant);
    }

    fn carry_desk(&mut self, number: LinkNumber) -> bool {
        let mut moved = false;
        while let Some(link) = self.links.get_mut(&number) {
            link.desk.handle_room(link.acceptor.bytes_waiting());
            let Some(output) = link.held.take().or_else(|| link.desk.poll_output()) else { break };
            if let DeskOutput::Commands { conference, .. } = &output
                && self.host(conference.conference).is_some_and(Host::is_full)
            {
                if let Some(link) = self.links.get_mut(&number) {
                    link.held = Some(output);
                }
                break;
            }
            self.serve_desk(number, output);
            moved = true;
        }
        moved
    }

    fn serve_desk(&mut self, number: LinkNumber, output: DeskOutput<HostRef>) {
        match output {
            DeskOutput::Frame(text) => self.send(number, &text),
            DeskOutput::Find { index, count, conference, code } => {
                self.find(number, (index, count), conference, code);
            }
            DeskOutput::Wish { conference, wish } => {
                self.mail.push_back((conference, number, Mail::Wish(wish)));
            }
            DeskOutput::Commands { conference, wish } => {
                self.mail.push_back((conference, number, Mail::Commands(wish)));
            }
            DeskOutput::Cut(code) => self.cut(number, code),
        }
    }

    /// A link or a conference gets what the other one said.
    pub(crate) fn handle_mail(&mut self, (at, number, mail): (HostRef, LinkNumber, Mail), now: Now) {
        match (mail, self.host_mut(at)) {
            (Mail::Told(told), _) => {
                if let Some(link) = self.links.get_mut(&number) {
                    link.desk.handle_told(&at, told);
                }
            }
            (Mail::Wish(wish), Some(host)) => host.handle_wish(number, number, wish, now),
            (Mail::Commands(wish), Some(host)) => host.handle_commands(wish, now),
            (Mail::Living(living), Some(host)) => host.handle_link_living(number, living, now),
            (Mail::Gone, Some(host)) => host.handle_link_gone(number, now),
            (_, None) => {}
        }
        self.carry(now);
    }

    /// The link is gone: who knows of its seats is told.
    pub(super) fn leave_conferences(&mut self, link: LinkNumber, at: BTreeSet<HostRef>) {
        for running in self.hosts.values_mut() {
            running.waiting.retain(|(waiting, _, _)| *waiting != link);
        }
        self.mail.extend(at.into_iter().map(|at| (at, link, Mail::Gone)));
    }

    pub(super) fn host_mut(&mut self, at: HostRef) -> Option<&mut Host<LinkNumber>> {
        self.hosts.get_mut(&at.conference).filter(|running| running.number == at.number)?.host.as_mut()
    }

    fn find(
        &mut self,
        link: LinkNumber,
        (index, count): (u32, u32),
        conference: Option<ConferenceId>,
        code: JoinCode,
    ) {
        let hash = CodeHash::of(&code);
        let by_code = || self.known.iter().find(|(_, codes)| codes.contains(&hash)).map(|(id, _)| *id);
        let found = match conference {
            Some(id) if !self.known.contains_key(&id) => Err(Refusal::ConferenceUnknown),
            Some(id) => Ok(id),
            None => by_code().ok_or(Refusal::CodeUnknown),
        };
        match found {
            Err(code) => self.answer_found(link, index, count, Err(code)),
            Ok(conference) => {
                let number = self.run(conference);
                let Some(running) = self.hosts.get_mut(&conference) else { return };
                if running.host.is_some() {
                    self.answer_found(link, index, count, Ok(HostRef { conference, number }));
                } else {
                    running.waiting.push((link, index, count));
                }
            }
        }
    }

    fn answer_found(&mut self, link: LinkNumber, index: u32, count: u32, found: Result<HostRef, Refusal>) {
        if let Some(link) = self.links.get_mut(&link) {
            link.desk.handle_found(index, count, found);
        }
    }

    /// Starts a conference that does not run. Gives its number.
    pub(super) fn run(&mut self, conference: ConferenceId) -> u64 {
        if let Some(running) = self.hosts.get(&conference) {
            return running.number;
        }
        self.due.remove(&conference);
        let number = self.next_number();
        let (waiting, follows) = (Vec::new(), false);
        let running = Running { number, host: None, waiting, follows, opened_at: None, retry_at: None };
        self.hosts.insert(conference, running);
        self.calls.push_back((HostRef { conference, number }, Call::Load));
        number
    }

    fn loaded(&mut self, at: HostRef, stand: Option<Stand>, now: Now) {
        let fresh = TermId(self.random());
        let seed = self.random();
        let Some(running) = self.hosts.get_mut(&at.conference) else { return };
        let waiting = std::mem::take(&mut running.waiting);
        let found = match stand {
            Some(Stand { log, last, stored }) => {
                let term = *self.terms.entry(at.conference).or_insert(fresh);
                running.host = Some(Host::new(at.conference, log, stored, term, seed));
                running.opened_at = Some(last);
                running.catch_up(now);
                Ok(at)
            }
            None => {
                self.hosts.remove(&at.conference);
                Err(Refusal::NotHereNow)
            }
        };
        for (link, index, count) in waiting {
            self.answer_found(link, index, count, found);
        }
        self.carry(now);
    }

    fn carry_host(&mut self, conference: ConferenceId) -> bool {
        let Some(running) = self.hosts.get_mut(&conference) else { return false };
        let at = HostRef { conference, number: running.number };
        let Some(host) = &mut running.host else { return false };
        if !running.follows && running.retry_at.is_none() && host.stopped().is_none() {
            running.follows = true;
            let (after, term) = host.follows_from();
            self.calls.push_back((at, Call::Follow { after, term }));
        }
        let mut moved = false;
        while let Some(work) = self.host_mut(at).and_then(Host::poll_work) {
            moved = true;
            match work {
                Work::Publish(output) => self.publish(at, output),
                Work::Claim(claim) => self.calls.push_back((at, Call::Claim(claim))),
                Work::Append(append) => self.calls.push_back((at, Call::Append(append))),
                Work::Look(lookup) => self.calls.push_back((at, Call::Look(lookup))),
                Work::Store(snapshot) => self.calls.push_back((at, Call::Store(snapshot))),
            }
        }
        moved
    }

    fn publish(&mut self, at: HostRef, output: Output<LinkNumber>) {
        match output {
            Output::Tell { link, told } => self.tell(link, at, told),
            Output::Share { links, text } => {
                for link in links.iter() {
                    self.tell(*link, at, Told { text: text.clone(), note: Note::None });
                }
            }
            Output::Presence { links, text } => {
                for link in links.iter() {
                    if let Some(link) = self.links.get_mut(link) {
                        link.acceptor.send_presence(at.conference, text.clone());
                    }
                }
            }
            Output::Read(read) => self.calls.push_back((at, Call::Read(read))),
            Output::Join(_) => {}
        }
    }

    fn tell(&mut self, link: LinkNumber, at: HostRef, told: Told) {
        self.mail.push_back((at, link, Mail::Told(told)));
    }
}
