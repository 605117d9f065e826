//! The desk of one link: which seat is open where, what waits, which seats have room for more.
//!
//! After every input the shell drains [`Desk::poll_output`].

mod feeding;
mod opening;
mod outputs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use convene_model::limits::COMMANDS_IN_FLIGHT_MAX;
use convene_model::{CommandId, ConferenceId, SeatKey, TermId};
use convene_protocol::proof::Context;
use convene_protocol::{
    ClientFrame, Commands, HistoryRequest, OpenSeats, RefuseCode, Reopen, Resume, ServerFrame,
};

pub use self::outputs::DeskOutput;
use crate::messages::{CommandsWish, LinkNumber, Note, Place, Told, Wish};

/// Commands of one seat without a receipt above which its daemon is not believed. A daemon that was
/// told a receipt sends the next command. Where the receipt was told before the command came, which
/// happens to commands that were decided under an earlier opening, the desk counts both until the
/// receipt is told again: at most one credit of them.
const UNDECIDED_MAX: usize = 2 * COMMANDS_IN_FLIGHT_MAX;

/// Seats that may ask in vain on one link before it is cut. A proof costs more to check than to
/// forge; the seats of a daemon whose server was restored with older data ask for minutes.
const FAILED_MAX: u32 = 128;

/// The desk of one link. `C` is how the shell reaches a conference that runs: two of them are equal
/// only while the same task runs it, so a conference that was started again is another one.
///
/// Wishes and commands for a conference whose door is full wait in the shell, in order, and the
/// shell reads nothing more from the link until they are through: so the commands of a seat keep
/// their order, and no queue is without a limit.
#[derive(Debug)]
pub struct Desk<C> {
    link: LinkNumber,
    /// In which seats sign.
    context: Context,
    /// Boxed, because most links have one, and a node of the map has room for eleven.
    seats: BTreeMap<u32, Box<Seat<C>>>,
    /// The number of seats that are open at each conference, or asked for there. Made of `seats`.
    at: BTreeMap<C, usize>,
    /// The number of seats that are not closed. Made of `seats`.
    unclosed: usize,
    /// Seats that want more once the link has room, in the order in which they asked.
    hungry: VecDeque<u32>,
    /// Seats that were called for, and have not been fed yet.
    called: BTreeSet<u32>,
    /// Seats that asked in vain: their proof did not hold, or their code opens nothing.
    failed: u32,
    outputs: VecDeque<DeskOutput<C>>,
}

/// A seat that was named on the link. It is kept when it is closed, so that its index is never
/// another's.
#[derive(Debug)]
struct Seat<C> {
    key: SeatKey,
    /// As its daemon named it.
    conference: Option<ConferenceId>,
    /// The count of its last resume.
    count: u32,
    opening: Opening<C>,
}

/// The state of a seat's opening.
#[derive(Debug)]
enum Opening<C> {
    /// It was asked for; the shell looks for its conference.
    AwaitsConference(Arc<Resume>),
    /// Its conference was asked to open it.
    AwaitsAnswer(C, Arc<Resume>),
    /// It is open.
    Open {
        /// Where.
        at: C,
        /// In which term.
        term: TermId,
        /// Its commands without a receipt.
        undecided: BTreeSet<CommandId>,
    },
    /// Its daemon was told to ask again, or later, or that it is refused, or wants it no more.
    Closed,
}

impl<C> Opening<C> {
    /// The conference that was asked to open the seat, or where it is open.
    fn at(&self) -> Option<&C> {
        match self {
            Self::AwaitsAnswer(at, _) | Self::Open { at, .. } => Some(at),
            Self::AwaitsConference(_) | Self::Closed => None,
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    fn is_open_at(&self, conference: &C) -> bool
    where
        C: Eq,
    {
        matches!(self, Self::Open { at, .. } if at == conference)
    }
}

impl<C: Clone + Ord> Desk<C> {
    /// The desk of a link that begins. `context` is that of the attach with which it does.
    pub fn new(link: LinkNumber, context: Context) -> Self {
        Self {
            link,
            context,
            seats: BTreeMap::new(),
            at: BTreeMap::new(),
            unclosed: 0,
            hungry: VecDeque::new(),
            called: BTreeSet::new(),
            failed: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Which link.
    pub fn link(&self) -> LinkNumber {
        self.link
    }

    /// Whether a seat is open. A link without one is nothing that its daemon could lose.
    pub fn has_open_seat(&self) -> bool {
        self.seats.values().any(|seat| matches!(seat.opening, Opening::Open { .. }))
    }

    /// The seats of the attach with which the link began.
    pub fn handle_attach(&mut self, seats: Vec<Resume>) {
        for resume in seats {
            if self.failed >= FAILED_MAX {
                return;
            }
            self.handle_resume(resume);
        }
    }

    /// A counted frame came. Frames that are not counted are not for the desk.
    pub fn handle_frame(&mut self, frame: ClientFrame) {
        match frame {
            ClientFrame::Open(OpenSeats { seats }) => self.handle_attach(seats),
            ClientFrame::Close(close) => self.close(close.index),
            ClientFrame::Commands(commands) => self.handle_commands(commands),
            ClientFrame::History(request) => self.handle_history(request),
            ClientFrame::Hello(_)
            | ClientFrame::Attach(_)
            | ClientFrame::Ack(_)
            | ClientFrame::Ping(_)
            | ClientFrame::Pong(_)
            | ClientFrame::Unknown(_) => {}
        }
    }

    /// A publisher told the link something. It is dropped where it is meant for an earlier opening,
    /// or where the publisher was started again since.
    pub fn handle_told(&mut self, at: &C, told: Told) {
        let holds = match &told.note {
            Note::None => self.at.contains_key(at),
            Note::Opened { index, count, term, more } => self.opened(at, (*index, *count), *term, *more),
            Note::NotOpened { index, count } => self.not_opened(at, *index, *count),
            Note::Reopen { seats } => self.reopened(at, seats),
            Note::More { index } => self.fed(at, *index, true),
            Note::Enough { index } => self.fed(at, *index, false),
            Note::Receipts { index, ids } => self.decided(at, *index, ids),
        };
        if holds {
            self.outputs.push_back(DeskOutput::Frame(told.text));
        }
    }

    /// The task of a conference has died: its seats are asked for again.
    pub fn handle_conference_gone(&mut self, gone: &C) {
        if planted!(LostWithDecider) {
            return;
        }
        let mut reopen = Vec::new();
        let there = self.seats.iter().filter(|(_, seat)| seat.opening.at() == Some(gone));
        for index in there.map(|(index, _)| *index).collect::<Vec<_>>() {
            match self.set_opening(index, Opening::Closed) {
                Some(Opening::AwaitsAnswer(_, resume)) => self.find(resume),
                Some(Opening::Open { .. }) => reopen.push(index),
                Some(Opening::AwaitsConference(_) | Opening::Closed) | None => {}
            }
        }
        if !reopen.is_empty() {
            self.say(&ServerFrame::Reopen(Reopen { seats: reopen }));
        }
    }

    /// The conferences that know of seats of this link: they must be told when it is gone.
    pub fn conferences(&self) -> impl Iterator<Item = &C> {
        self.at.keys()
    }

    /// The next task for the shell.
    pub fn poll_output(&mut self) -> Option<DeskOutput<C>> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            // Most links are idle nearly always.
            self.outputs.shrink_to_fit();
        }
        output
    }

    fn handle_commands(&mut self, Commands { index, count, list }: Commands) {
        let Some(seat) =
            self.seats.get_mut(&index).filter(|seat| seat.count == count || planted!(EarlierOpeningTaken))
        else {
            return;
        };
        let (place, key) = (Place { link: self.link, index }, seat.key);
        let Opening::Open { at, term, undecided } = &mut seat.opening else { return };
        undecided.extend(list.iter().map(|command| command.id));
        // The same command many times over is no more than one in the credit, and still as much
        // work.
        if undecided.len() > UNDECIDED_MAX || list.len() > COMMANDS_IN_FLIGHT_MAX {
            return self.outputs.push_back(DeskOutput::Cut(RefuseCode::Malformed));
        }
        let (conference, term) = (at.clone(), *term);
        let wish = CommandsWish { place, key, term, list };
        self.outputs.push_back(DeskOutput::Commands { conference, wish });
    }

    /// Asked for a seat that is not open, it is dropped: its daemon asks again when it is.
    fn handle_history(&mut self, request: HistoryRequest) {
        let seat = self.seats.get(&request.index);
        if let Some(Opening::Open { at, .. }) = seat.map(|seat| &seat.opening) {
            let (conference, wish) = (at.clone(), Wish::History(request));
            self.outputs.push_back(DeskOutput::Wish { conference, wish });
        }
    }

    fn reopened(&mut self, at: &C, seats: &[u32]) -> bool {
        let mut any = false;
        for index in seats {
            if self.seats.get(index).is_some_and(|seat| seat.opening.is_open_at(at)) {
                if !planted!(EarlierOpeningTaken) {
                    self.set_opening(*index, Opening::Closed);
                }
                any = true;
            }
        }
        any
    }

    fn decided(&mut self, at: &C, index: u32, ids: &[CommandId]) -> bool {
        let opening = self.seats.get_mut(&index).map(|seat| &mut seat.opening);
        match opening {
            Some(Opening::Open { at: open, undecided, .. }) if open == at => {
                for id in ids {
                    undecided.remove(id);
                }
                true
            }
            _ => false,
        }
    }

    /// The seat stands otherwise from here on. Gives how it stood; whether it is hungry is
    /// forgotten.
    fn set_opening(&mut self, index: u32, opening: Opening<C>) -> Option<Opening<C>> {
        self.forget_hunger(index);
        let seat = self.seats.get_mut(&index)?;
        if let Some(at) = opening.at() {
            *self.at.entry(at.clone()).or_insert(0) += 1;
        }
        self.unclosed += usize::from(!opening.is_closed());
        let before = std::mem::replace(&mut seat.opening, opening);
        self.unclosed -= usize::from(!before.is_closed());
        if let Some(at) = before.at()
            && let Some(seats) = self.at.get_mut(at)
        {
            *seats -= 1;
            if *seats == 0 {
                self.at.remove(at);
            }
        }
        Some(before)
    }

    fn say(&mut self, frame: &ServerFrame) {
        self.outputs.push_back(DeskOutput::Frame(frame.to_string().into()));
    }
}
