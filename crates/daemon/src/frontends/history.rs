//! Pages of the past. Events that snapshots passed over are fetched from the server when somebody
//! asks for them.

use std::time::Duration;

use convene_local_api::{ErrorObject, History, HistoryParams, HistoryResult, Method as _, Request};
use convene_seat::{HistoryWish, Span};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::answers::{Answering, local, send, storage_failed, wait, with};
use super::attendant::Asker;
use super::seats::seat;
use crate::registry::HeldSeat;
use crate::servers::Wish;
use crate::store::{Beyond, Page};

/// Events of one page.
const EVENTS_MAX: u64 = 1_000;
/// Bytes of one page: half a line.
const BYTES_MAX: usize = 512 * 1024;
/// How long a page that was fetched may take to be stored where the asker does not want to wait.
const STORING_MAX: Duration = Duration::from_millis(50);

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            History::NAME => with::<History, _>(request, |params| history(asker, params)).await,
            _ => None,
        }
    })
}

/// Gives a page. Where a snapshot passed over what comes next, it is fetched, and waited for as
/// long as the asker wants.
async fn history(asker: &Asker, wanted: HistoryParams) -> Result<HistoryResult, ErrorObject> {
    let seat = seat(asker, &wanted.conference)?;
    let deadline = Instant::now() + wait(wanted.wait_ms).max(STORING_MAX);
    let limit = usize::try_from(wanted.limit.clamp(1, EVENTS_MAX)).unwrap_or(1);
    let through = wanted.through.unwrap_or(u64::MAX).max(wanted.after);
    let wish = HistoryWish { span: Span { after: wanted.after, through }, newest: wanted.newest };
    loop {
        let page = asker.means.store.read_page(seat.id, wish, limit, BYTES_MAX);
        let page = local(async { page.await.map_err(|_| storage_failed()) }, storage_failed).await?;
        let Beyond::Hole(hole) = page.beyond else { return Ok(told(page)) };
        let leads_on = page.span.after < page.span.through;
        let fetched = fetch(&seat, HistoryWish { span: hole, ..wish });
        if leads_on || !timeout_at(deadline, fetched).await.unwrap_or(Ok(false))? {
            return Ok(told(page));
        }
    }
}

/// Fetches a part of this span, and says whether it is here now.
async fn fetch(seat: &HeldSeat, wish: HistoryWish) -> Result<bool, ErrorObject> {
    let (answer, came) = oneshot::channel();
    send(seat, Wish::Fetch { seat: seat.id, wish, answer }).await?;
    Ok(came.await.unwrap_or(false))
}

fn told(page: Page) -> HistoryResult {
    HistoryResult {
        events: page.items.into_iter().map(|item| item.text).collect(),
        after: page.span.after,
        through: page.span.through,
        complete: page.beyond == Beyond::Nothing,
    }
}
