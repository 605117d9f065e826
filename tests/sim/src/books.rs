//! The logs of the world, and what is true by them.
//!
//! Everything here is read from the log itself, and nothing from what a machine folded of it.

mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use convene_conference::{Event, LEVEL, Outcome};
use convene_event_log::{Backup, EventLog as _, MemoryLog, NewEntry, Snapshots};
use convene_hosting::{Entry, Summary};
use convene_model::{CommandId, ConferenceId, Json, LogId, SeatKey, TermId, Timestamp};

pub(crate) use self::truth::Truth;

/// An entry with its events, read once.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) number: u64,
    pub(crate) term: TermId,
    pub(crate) entry: Entry,
    pub(crate) events: Vec<Event>,
}

/// The contents of the log of one conference, and those from before a backup was restored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Copied {
    pub(crate) log: Option<LogId>,
    pub(crate) truth: Truth,
    /// As the log was each time that a backup was restored.
    pub(crate) before: Vec<Truth>,
    /// Commands that were accepted, and that a restore removed.
    pub(crate) voided: BTreeSet<CommandId>,
    /// Commands that were refused, which a restore removed: they are decided anew when somebody
    /// repeats them.
    pub(crate) forgotten: BTreeSet<CommandId>,
}

/// All logs of one server's files.
#[derive(Debug, Default)]
struct Shelf {
    log: MemoryLog,
    backup: Option<Backup>,
    copied: BTreeMap<ConferenceId, Copied>,
}

/// The server's own files, and others that it may be started with.
#[derive(Debug)]
pub(crate) struct Books {
    shelves: [Shelf; 2],
    shows_other: bool,
}

impl Books {
    /// With these conferences; each has a log in either files.
    pub(crate) fn new(conferences: &[(ConferenceId, Entry, Summary)]) -> Self {
        let shelf = |first: u8| {
            let shelf = Shelf::default();
            for (nth, (conference, creation, summary)) in (0..).zip(conferences) {
                let log = LogId([first + nth; 8]);
                let summary = serde_json::to_string(summary).unwrap_or_default().into();
                let made = shelf.log.create(*conference, log, creation.text(), summary);
                assert!(at_once(made).is_ok(), "an empty log takes everything");
            }
            shelf
        };
        let mut books = Self { shelves: [shelf(10), shelf(20)], shows_other: false };
        books.read();
        books.shows_other = true;
        books.read();
        books.shows_other = false;
        books
    }

    /// The log that the server is started with.
    pub(crate) fn log(&self) -> &MemoryLog {
        &self.shelf().log
    }

    /// The contents of the server's own log.
    pub(crate) fn own(&self, conference: ConferenceId) -> Option<&Copied> {
        let [own, _] = &self.shelves;
        own.copied.get(&conference)
    }

    /// The contents of the log with this id.
    pub(crate) fn of(&self, conference: ConferenceId, log: LogId) -> Option<&Copied> {
        let all = self.shelves.iter().filter_map(|shelf| shelf.copied.get(&conference));
        all.into_iter().find(|copied| copied.log == Some(log))
    }

    /// The contents of every log of a conference.
    pub(crate) fn all(&self, conference: ConferenceId) -> Vec<&Copied> {
        self.shelves.iter().filter_map(|shelf| shelf.copied.get(&conference)).collect()
    }

    /// The number of the last entry of the log that is shown.
    pub(crate) fn last(&self, conference: ConferenceId) -> u64 {
        self.shown(conference).map_or(0, |copied| copied.entries().len() as u64)
    }

    /// The contents of the log that is shown.
    pub(crate) fn shown(&self, conference: ConferenceId) -> Option<&Copied> {
        self.shelf().copied.get(&conference)
    }

    pub(crate) fn shows_other(&self) -> bool {
        self.shows_other
    }

    pub(crate) fn show_other(&mut self, other: bool) {
        self.shows_other = other;
    }

    /// Reads what is new in the log. Says whether something is.
    pub(crate) fn read(&mut self) -> bool {
        let mut is_news = false;
        let shelf = self.shelf_mut();
        for summary in at_once(shelf.log.summaries()).unwrap_or_default() {
            let copied = shelf.copied.entry(summary.conference).or_default();
            copied.log = Some(summary.log);
            let known = copied.entries().len() as u64;
            if summary.last <= known {
                continue;
            }
            is_news = true;
            let news = at_once(shelf.log.read(summary.conference, known, usize::MAX, usize::MAX));
            for entry in news.unwrap_or_default() {
                Kept::of(entry.number, entry.term, entry.text)
                    .into_iter()
                    .for_each(|kept| copied.truth.push(kept));
            }
        }
        is_news
    }

    /// Makes a backup, unless only the earlier one helps.
    pub(crate) fn back_up(&mut self) {
        let shelf = self.shelf_mut();
        if !shelf.copied.values().any(Copied::is_of_later_version) {
            shelf.backup = Some(shelf.log.backup());
        }
    }

    pub(crate) fn has_backup(&self) -> bool {
        self.shelf().backup.is_some()
    }

    /// Restores the backup. No process runs.
    pub(crate) fn restore(&mut self, snapshots: Snapshots) {
        let shelf = self.shelf_mut();
        let Some(backup) = &shelf.backup else { return };
        // No process is left that could still write: what was late arrives before, or never.
        while shelf.log.land(0, usize::MAX) {}
        shelf.log.restore(backup, snapshots);
        for summary in at_once(shelf.log.summaries()).unwrap_or_default() {
            let copied = shelf.copied.entry(summary.conference).or_default();
            let last = usize::try_from(summary.last).unwrap_or(usize::MAX);
            if copied.entries().len() > last {
                let left = copied.truth.up_to(last);
                let before = std::mem::replace(&mut copied.truth, left);
                let gone = before.entries().iter().skip(last).filter_map(|kept| kept.entry.receipt.as_ref());
                let (accepted, refused): (Vec<_>, Vec<_>) =
                    gone.partition(|receipt| receipt.outcome == Outcome::Accepted);
                copied.voided.extend(accepted.iter().map(|receipt| receipt.id));
                copied.forgotten.extend(refused.iter().map(|receipt| receipt.id));
                copied.before.push(before);
            }
        }
        self.read();
    }

    /// Another process than the server claims a conference and appends these entries.
    pub(crate) fn write_by_hand(
        &mut self,
        conference: ConferenceId,
        term: TermId,
        at: Timestamp,
        entries: &[Entry],
    ) {
        let log = self.log();
        let Ok(last) = at_once(log.claim(conference, term, Entry::term(term, at).text())) else { return };
        let entries = entries.iter().map(|entry| NewEntry { text: entry.text(), receipt: None }).collect();
        let appended = at_once(log.append(conference, term, last, entries, None));
        assert!(appended.is_ok(), "who has claimed a log may append");
        self.read();
    }

    fn shelf(&self) -> &Shelf {
        let [own, other] = &self.shelves;
        if self.shows_other { other } else { own }
    }

    fn shelf_mut(&mut self) -> &mut Shelf {
        let [own, other] = &mut self.shelves;
        if self.shows_other { other } else { own }
    }
}

impl Copied {
    /// Whether a seat may hold this event. What it read while its participant took part stays with
    /// it where a backup is restored that holds the event and not that they had come back.
    pub(crate) fn may_hold(&self, key: SeatKey, number: u64, text: &Json) -> bool {
        let read = |before: &Truth| before.allows(key, number, text) && before.shares(&self.truth, number);
        self.truth.allows(key, number, text) || self.before.iter().any(read)
    }

    /// Whether a seat may stand at this number.
    pub(crate) fn may_stand_at(&self, key: SeatKey, number: u64) -> bool {
        let stood = |before: &Truth| number <= before.end(key) && before.shares(&self.truth, number);
        number <= self.truth.end(key) || self.before.iter().any(stood)
    }

    pub(crate) fn entries(&self) -> &[Kept] {
        self.truth.entries()
    }

    /// Whether a newer program wrote last.
    pub(crate) fn is_of_later_version(&self) -> bool {
        self.entries().last().is_some_and(|kept| kept.entry.level > LEVEL)
    }
}

impl Kept {
    fn of(number: u64, term: TermId, text: Arc<str>) -> Option<Self> {
        let entry = Entry::parse(&text).ok()?;
        let events = entry.events.iter().filter_map(|event| serde_json::from_str(event.text.get()).ok());
        Some(Self { number, term, events: events.collect(), entry })
    }
}

/// The outcome of an operation that does not wait.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match poll_once(future) {
        Some(done) => done,
        None => unreachable!("only following waits"),
    }
}

/// The outcome of an operation, if it is there.
pub(crate) fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}
