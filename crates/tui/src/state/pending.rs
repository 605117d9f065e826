//! Commands that are not in the conference yet, or whose text came back.

use std::collections::VecDeque;

use convene_conference::Command;
use convene_local_api::{ActResult, CommandState};
use convene_model::{CommandId, Json, RoomId, Timestamp};

/// Commands whose events came before their receipts.
const SEEN_MAX: usize = 256;

/// How a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// On this computer, on its way to the server.
    Waiting,
    /// The server has it; its event is about to come.
    Sent,
    /// The server does not take it.
    Refused,
    /// The server had it, and was set back to a backup that does not.
    Lost,
    /// The disk failed: whether this computer keeps it is not known.
    Unsure,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) id: CommandId,
    pub(crate) body: Json,
    /// As this version reads it.
    pub(crate) command: Option<Command>,
    pub(crate) standing: Standing,
    /// Why it was refused.
    pub(crate) code: Option<String>,
    /// When the conference opens, where that is why.
    pub(crate) opens: Option<Timestamp>,
    /// The number of its entry, once it has one.
    seq: Option<u64>,
}

impl Pending {
    fn new(id: CommandId, body: Json, standing: Standing) -> Self {
        let command = Command::read(body.get()).ok();
        Self { id, body, command, standing, code: None, opens: None, seq: None }
    }

    /// The message, where it is one, and the room for which it is.
    pub(crate) fn message(&self) -> Option<(&RoomId, &str)> {
        let Some(Command::Say(say)) = &self.command else { return None };
        Some((say.room.as_ref()?, say.text.as_str()))
    }

    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.standing, Standing::Waiting | Standing::Sent)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Pendings {
    /// Those that the daemon keeps, as the watch told them.
    kept: Vec<Pending>,
    /// Those that this frontend asked for, until the watch tells of them.
    begun: Vec<Pending>,
    /// Commands whose events were told: their receipts come behind them.
    seen: VecDeque<CommandId>,
}

impl Pendings {
    /// This frontend wants something.
    pub(crate) fn begin(&mut self, id: CommandId, body: Json) {
        self.begun.retain(|begun| begun.id != id);
        self.begun.push(Pending::new(id, body, Standing::Waiting));
    }

    /// The daemon answered. What it keeps or refuses is told by the watch.
    pub(crate) fn answered(&mut self, answer: &ActResult) {
        match answer.state {
            CommandState::Accepted => {
                self.stand(answer.command, Standing::Sent, answer.seq);
            }
            CommandState::Unsure => self.stand(answer.command, Standing::Unsure, None),
            CommandState::Queued | CommandState::Refused | CommandState::Lost => {
                self.forget(answer.command);
            }
        }
    }

    fn stand(&mut self, id: CommandId, standing: Standing, seq: Option<u64>) {
        if let Some(begun) = self.begun.iter_mut().find(|begun| begun.id == id) {
            (begun.standing, begun.seq) = (standing, seq);
        }
    }

    /// This frontend knows nothing of it any more; gives what it was.
    pub(crate) fn forget(&mut self, id: CommandId) -> Option<Pending> {
        let at = self.begun.iter().position(|begun| begun.id == id)?;
        Some(self.begun.remove(at))
    }

    /// Those that the daemon has not answered: they are sent again once it is back.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &Pending> {
        self.begun.iter().filter(|begun| begun.standing == Standing::Waiting)
    }

    /// The daemon begins to tell of what it keeps.
    pub(crate) fn tell_anew(&mut self) {
        self.kept.clear();
    }

    /// The daemon keeps a command that has no receipt yet.
    pub(crate) fn queued(&mut self, id: CommandId, body: Json) {
        self.keep(Pending::new(id, body, Standing::Waiting));
    }

    /// A command has its receipt. One that was refused comes back.
    pub(crate) fn receipt(&mut self, result: &ActResult, body: Option<Json>) {
        let kept = self.take(result.command);
        let body = body.or_else(|| kept.map(|kept| kept.body));
        match (result.state, body) {
            (CommandState::Refused, Some(body)) => {
                let (code, opens) = (result.code.clone(), result.opens);
                self.keep(Pending { code, opens, ..Pending::new(result.command, body, Standing::Refused) });
            }
            (CommandState::Refused, None) => {}
            (
                CommandState::Accepted | CommandState::Queued | CommandState::Lost | CommandState::Unsure,
                _,
            ) => {
                self.answered(result);
            }
        }
    }

    /// A command that was accepted is in the conference no more.
    pub(crate) fn lost(&mut self, id: CommandId, body: Json) {
        self.seen.retain(|seen| *seen != id);
        self.keep(Pending::new(id, body, Standing::Lost));
    }

    /// The text of a command was let go.
    pub(crate) fn dismissed(&mut self, id: CommandId) {
        self.take(id);
    }

    fn keep(&mut self, pending: Pending) {
        self.forget(pending.id);
        match self.kept.iter_mut().find(|kept| kept.id == pending.id) {
            Some(kept) => *kept = pending,
            None => self.kept.push(pending),
        }
    }

    fn take(&mut self, id: CommandId) -> Option<Pending> {
        let at = self.kept.iter().position(|kept| kept.id == id)?;
        Some(self.kept.remove(at))
    }

    /// These commands have their events, and everything up to `cursor` is told.
    pub(crate) fn told(&mut self, commands: impl Iterator<Item = CommandId>, cursor: u64) {
        self.seen.extend(commands);
        while self.seen.len() > SEEN_MAX {
            self.seen.pop_front();
        }
        let is_told = |begun: &Pending| begun.seq.is_some_and(|seq| seq <= cursor);
        self.begun.retain(|begun| !(begun.standing == Standing::Sent && is_told(begun)));
    }

    /// Everything that is to be shown as not done yet: what the daemon keeps, then what it has not
    /// answered.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pending> {
        let is_told = move |id: CommandId| self.seen.contains(&id);
        let is_kept = move |id: CommandId| self.kept.iter().any(|kept| kept.id == id);
        let kept = self.kept.iter();
        let kept = kept.filter(move |kept| kept.standing != Standing::Waiting || !is_told(kept.id));
        kept.chain(self.begun.iter().filter(move |begun| !is_kept(begun.id) && !is_told(begun.id)))
    }

    pub(crate) fn get(&self, id: CommandId) -> Option<&Pending> {
        self.iter().find(|pending| pending.id == id)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: CommandId = CommandId(Uuid::from_u128(1));

    fn body() -> Json {
        Json::parse(r#"{"kind":"say","room":"plenary","text":"hello"}"#).unwrap()
    }

    fn result(state: CommandState) -> ActResult {
        let code = (state == CommandState::Refused).then(|| "room_closed".to_owned());
        ActResult { command: ONE, state, seq: Some(7), code, opens: None }
    }

    fn shown(pendings: &Pendings) -> Vec<Standing> {
        pendings.iter().map(|pending| pending.standing).collect()
    }

    #[test]
    fn a_message_waits_is_sent_and_is_in_the_talk() {
        let mut pendings = Pendings::default();
        pendings.begin(ONE, body());
        assert_eq!(shown(&pendings), [Standing::Waiting]);
        pendings.queued(ONE, body());
        pendings.answered(&result(CommandState::Queued));
        assert_eq!(shown(&pendings), [Standing::Waiting], "once");
        assert_eq!(pendings.unanswered().count(), 0, "it is safe");
        pendings.told([ONE].into_iter(), 7);
        assert!(shown(&pendings).is_empty(), "it is in the talk before its receipt has come");
        pendings.receipt(&result(CommandState::Accepted), None);
        assert!(shown(&pendings).is_empty());
    }

    #[test]
    fn one_that_is_accepted_at_once_is_shown_as_sent_until_its_event_comes() {
        let mut pendings = Pendings::default();
        pendings.begin(ONE, body());
        pendings.answered(&result(CommandState::Accepted));
        assert_eq!(shown(&pendings), [Standing::Sent]);
        pendings.told([].into_iter(), 6);
        assert_eq!(shown(&pendings), [Standing::Sent]);
        pendings.told([].into_iter(), 7);
        assert!(shown(&pendings).is_empty());
    }

    #[test]
    fn a_text_that_comes_back_is_kept_with_why() {
        let mut pendings = Pendings::default();
        pendings.queued(ONE, body());
        pendings.receipt(&result(CommandState::Refused), Some(body()));
        let refused = pendings.get(ONE).unwrap();
        assert_eq!((refused.standing, refused.code.as_deref()), (Standing::Refused, Some("room_closed")));
        assert_eq!(refused.message(), Some((&RoomId::PLENARY, "hello")));
        pendings.dismissed(ONE);
        assert!(shown(&pendings).is_empty());
    }

    #[test]
    fn one_that_a_backup_lost_is_shown_although_it_was_told() {
        let mut pendings = Pendings::default();
        pendings.told([ONE].into_iter(), 7);
        pendings.lost(ONE, body());
        assert_eq!(shown(&pendings), [Standing::Lost]);
        pendings.begin(ONE, body());
        assert_eq!(shown(&pendings), [Standing::Lost], "until the daemon tells that it waits again");
        pendings.queued(ONE, body());
        assert_eq!(shown(&pendings), [Standing::Waiting]);
    }

    #[test]
    fn what_the_daemon_has_not_answered_is_sent_again() {
        let mut pendings = Pendings::default();
        pendings.begin(ONE, body());
        pendings.tell_anew();
        assert_eq!(pendings.unanswered().map(|begun| begun.id).collect::<Vec<_>>(), [ONE]);
        assert_eq!(pendings.forget(ONE).map(|begun| begun.body), Some(body()));
        assert!(shown(&pendings).is_empty());
    }
}
