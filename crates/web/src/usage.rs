//! How many pages are open, and when the bridge is not needed any more.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long the bridge stays without a page: a person who closed it by mistake, or whose browser
/// restarts, finds the same one again.
const UNUSED_MAX: Duration = Duration::from_mins(10);

/// The use that is made of one bridge.
#[derive(Debug, Default)]
pub(crate) struct Usage(watch::Sender<Used>);

#[derive(Debug, Default, Clone, Copy)]
struct Used {
    pages: usize,
    links: u64,
}

/// A page that is open, until this is dropped.
#[derive(Debug)]
pub(crate) struct OpenPage<'a>(&'a Usage);

impl Usage {
    /// A page was opened.
    pub(crate) fn page(&self) -> OpenPage<'_> {
        self.0.send_modify(|used| used.pages += 1);
        OpenPage(self)
    }

    /// A page is about to be opened.
    pub(crate) fn link(&self) {
        self.0.send_modify(|used| used.links += 1);
    }

    /// Returns when no page has been open for so long.
    pub(crate) async fn is_over(&self) {
        let mut told = self.0.subscribe();
        loop {
            let is_used = told.borrow_and_update().pages > 0;
            let change = told.changed();
            let changed = if is_used { Ok(change.await) } else { timeout(UNUSED_MAX, change).await };
            if !matches!(changed, Ok(Ok(()))) {
                return;
            }
        }
    }
}

impl Drop for OpenPage<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|used| used.pages -= 1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// After how many minutes it was over, where this happens meanwhile.
    async fn over_after(usage: &Usage, meanwhile: impl Future<Output = ()>) -> u64 {
        let began = Instant::now();
        tokio::join!(usage.is_over(), meanwhile);
        began.elapsed().as_secs() / 60
    }

    async fn minutes(count: u64) {
        tokio::time::sleep(Duration::from_mins(count)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_ten_minutes_after_the_last_page() {
        let usage = Usage::default();
        assert_eq!(over_after(&usage, async {}).await, 10, "nobody came");
        let pages = async {
            let first = usage.page();
            minutes(60).await;
            let second = usage.page();
            drop(first);
            minutes(60).await;
            drop(second);
        };
        assert_eq!(over_after(&usage, pages).await, 130);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_about_to_open_or_comes_back_is_waited_for() {
        let usage = Usage::default();
        let comes_back = async {
            minutes(9).await;
            usage.link();
            minutes(9).await;
            drop(usage.page());
        };
        assert_eq!(over_after(&usage, comes_back).await, 28);
    }
}
