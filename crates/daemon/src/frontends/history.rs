//! Pages of the past, and waiting for what is still being fetched of it.

use convene_local_api::{ErrorObject, History, HistoryParams, HistoryResult, Method as _, Request};
use tokio::time::{Instant, timeout_at};

use super::answers::{Answering, local, raw, storage_failed, wait, with};
use super::attendant::Asker;
use super::seats::seat;
use crate::store::{Behind, Page};

/// Events of one page.
const EVENTS_MAX: u64 = 1_000;
/// Bytes of one page: half a line.
const BYTES_MAX: usize = 512 * 1024;

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            History::NAME => with::<History, _>(request, |params| history(asker, params)).await,
            _ => None,
        }
    })
}

/// Gives a page. Where a snapshot passed over what comes next, waits until some of that is here, as
/// long as the asker wants.
async fn history(asker: &Asker, wanted: HistoryParams) -> Result<HistoryResult, ErrorObject> {
    let mut seat = seat(asker, wanted.conference)?;
    let deadline = Instant::now() + wait(wanted.wait_ms);
    let limit = usize::try_from(wanted.limit.clamp(1, EVENTS_MAX)).unwrap_or(1);
    loop {
        let fetched = seat.view.borrow_and_update().fetched;
        let page = asker.means.store.read_page(seat.id, wanted.after, limit, BYTES_MAX);
        let page = local(async { page.await.map_err(|_| storage_failed()) }, storage_failed).await?;
        let leads_on = page.through > wanted.after || page.behind == Behind::Nothing;
        let more = seat.view.wait_for(|view| view.fetched != fetched);
        if leads_on || !matches!(timeout_at(deadline, more).await, Ok(Ok(_))) {
            return Ok(told(&page));
        }
    }
}

fn told(page: &Page) -> HistoryResult {
    HistoryResult {
        events: page.items.iter().filter_map(|item| raw(&item.text)).collect(),
        through: page.through,
        complete: page.behind == Behind::Nothing,
    }
}
