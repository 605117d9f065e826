//! Drafts: what frontends keep with a seat, and hear of one another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_local_api::{
    DRAFT_KEY_MAX, DRAFT_MAX, DraftChanged, DraftGet, DraftGetParams, DraftGetResult, DraftSet,
    DraftSetParams, DraftSetResult, ErrorCode, ErrorObject, Method as _, Request, notification_line,
};
use convene_model::SeatName;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::answers::{Answering, local, not_stored, storage_failed, unsure, with};
use super::attendant::Asker;
use super::seats::{seat, unknown};
use crate::store::{DraftChange, DraftRefusal, SeatId};

/// Seats whose drafts one frontend follows: more than a user has. Beyond it the earliest is
/// followed no more.
const FOLLOWED_MAX: usize = 1_024;

/// The drafts that one frontend follows.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The frontend, by a number of its own.
    frontend: u64,
    /// By seat, under the name by which the frontend asked last.
    names: Mutex<BTreeMap<SeatId, SeatName>>,
}

impl Followed {
    /// A frontend follows nothing at first.
    pub(super) fn new(frontend: u64) -> Self {
        Self { frontend, names: Mutex::default() }
    }

    fn follow(&self, seat: SeatId, name: SeatName) {
        let mut names = self.names();
        names.insert(seat, name);
        if names.len() > FOLLOWED_MAX {
            names.pop_first();
        }
    }

    /// What the frontend is told of a change, if it is told of it.
    fn told(&self, change: &DraftChange) -> Option<DraftChanged> {
        let conference = self.names().get(&change.seat).filter(|_| change.by != self.frontend)?.clone();
        Some(DraftChanged { conference, draft: change.draft.clone() })
    }

    fn is_idle(&self) -> bool {
        self.names().is_empty()
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<SeatId, SeatName>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The changes of drafts, as one frontend hears of them.
#[derive(Debug)]
pub(super) struct Changes {
    followed: Arc<Followed>,
    coming: broadcast::Receiver<Arc<DraftChange>>,
}

impl Changes {
    pub(super) fn new(asker: &Asker) -> Self {
        Self { followed: Arc::clone(&asker.followed), coming: asker.means.store.draft_changes() }
    }

    /// The next change that the frontend is told, as a line; `None` where it did not keep up.
    /// Cancel safe.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            match self.coming.recv().await {
                Ok(change) => {
                    if let Some(told) = self.followed.told(&change) {
                        return Some(notification_line(&told));
                    }
                }
                // One that follows nothing has missed nothing.
                Err(RecvError::Lagged(_)) if self.followed.is_idle() => {}
                Err(RecvError::Lagged(_)) => return None,
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }
}

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            DraftGet::NAME => with::<DraftGet, _>(request, |params| get(asker, params)).await,
            DraftSet::NAME => with::<DraftSet, _>(request, |params| set(asker, params)).await,
            _ => None,
        }
    })
}

async fn get(asker: &Asker, wanted: DraftGetParams) -> Result<DraftGetResult, ErrorObject> {
    let DraftGetParams { conference, key } = wanted;
    let seat = seat(asker, &conference)?.id;
    // Before they are read: no change is missed in between.
    asker.followed.follow(seat, conference);
    let read = async { asker.means.store.drafts(seat).await.map_err(|_| storage_failed()) };
    let mut drafts = local(read, storage_failed).await?;
    drafts.retain(|draft| key.as_ref().is_none_or(|key| draft.key == *key));
    Ok(DraftGetResult { drafts })
}

async fn set(asker: &Asker, wanted: DraftSetParams) -> Result<DraftSetResult, ErrorObject> {
    check(&wanted)?;
    let conference = wanted.conference.clone();
    let seat = seat(asker, &conference)?.id;
    let kept = asker.means.store.set_draft(seat, asker.followed.frontend, wanted);
    let kept = local(async { kept.await.map_err(|error| not_stored(&error)) }, unsure).await?;
    kept.map(|draft| DraftSetResult { draft }).map_err(|refusal| match refusal {
        DraftRefusal::NoSeat => unknown(&conference),
        DraftRefusal::TooMany => too_large("drafts"),
        DraftRefusal::TooLarge => too_large("all"),
    })
}

fn check(DraftSetParams { key, text, .. }: &DraftSetParams) -> Result<(), ErrorObject> {
    if key.len() > DRAFT_KEY_MAX {
        return Err(too_large("key"));
    }
    if text.len() > DRAFT_MAX {
        return Err(too_large("text"));
    }
    if key.is_empty() || !key.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let error = ErrorObject::new(ErrorCode::InvalidParams).with("field", "key");
        return Err(error.with("reason", "a key is printable ASCII"));
    }
    Ok(())
}

fn too_large(what: &str) -> ErrorObject {
    ErrorObject::new(ErrorCode::DraftTooLarge).with("reason", what)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use convene_local_api::Draft;
    use tokio::time::timeout;

    use super::*;

    fn wanted(key: &str, text: &str) -> DraftSetParams {
        let (key, text) = (key.to_owned(), text.to_owned());
        DraftSetParams { conference: SeatName::Number(1), key, revision: 0, text }
    }

    #[track_caller]
    fn refused(key: &str, text: &str) -> (Option<ErrorCode>, Option<String>) {
        let error = check(&wanted(key, text)).unwrap_err();
        (error.known(), error.field("reason").map(str::to_owned))
    }

    #[test]
    fn keys_and_texts_have_limits() {
        let (long_key, long_text) = ("k".repeat(DRAFT_KEY_MAX), "\u{e4}".repeat(DRAFT_MAX / 2));
        for (key, text) in
            [("room:plenary", ""), ("page: ~", "\0\n"), (long_key.as_str(), long_text.as_str())]
        {
            assert_eq!(check(&wanted(key, text)), Ok(()), "{key}");
        }
        let too_large = |reason: &str| (Some(ErrorCode::DraftTooLarge), Some(reason.to_owned()));
        assert_eq!(refused(&format!("{long_key}k"), "x"), too_large("key"));
        assert_eq!(refused("k", &format!("{long_text}x")), too_large("text"));
        for key in ["", "r\u{e4}um", "a\nb", "\u{7f}"] {
            assert_eq!(refused(key, "x").0, Some(ErrorCode::InvalidParams), "{key:?}");
        }
    }

    fn change(seat: i64, by: u64) -> DraftChange {
        let draft = Draft { key: "k".to_owned(), revision: 1, text: "x".to_owned(), other: None };
        DraftChange { seat: SeatId(seat), by, draft }
    }

    #[tokio::test]
    async fn one_that_follows_and_does_not_keep_up_is_cut() {
        let (sender, followed) = (broadcast::Sender::new(2), Arc::new(Followed::new(7)));
        let mut changes = Changes { followed: Arc::clone(&followed), coming: sender.subscribe() };
        let tell = |count: u32| (0..count).for_each(|_| drop(sender.send(Arc::new(change(1, 8)))));
        tell(4);
        assert!(timeout(Duration::ZERO, changes.next()).await.is_err(), "it follows nothing");
        followed.follow(SeatId(1), SeatName::Number(1));
        tell(1);
        assert!(changes.next().await.is_some_and(|line| line.contains("draft.changed")));
        tell(4);
        assert_eq!(changes.next().await, None);
    }

    #[test]
    fn a_frontend_is_told_what_others_set_on_seats_that_it_follows() {
        let followed = Followed::new(7);
        assert_eq!(followed.told(&change(1, 8)), None);
        followed.follow(SeatId(1), SeatName::Number(1));
        let (conference, draft) = (SeatName::Number(1), change(1, 8).draft);
        assert_eq!(followed.told(&change(1, 8)), Some(DraftChanged { conference, draft }));
        assert_eq!((followed.told(&change(1, 7)), followed.told(&change(2, 8))), (None, None));
        for seat in 2..=1_100 {
            followed.follow(SeatId(seat), SeatName::Number(1));
        }
        assert_eq!(followed.names().len(), FOLLOWED_MAX);
        assert!(followed.told(&change(1_100, 8)).is_some());
    }
}
