//! A line at the terminal that tells how long something takes, while it takes longer than a person
//! waits without wondering.

use std::io::{self, IsTerminal as _, Write as _};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_wording::Wording;
use tokio::time::{Instant, interval_at};

/// What takes no longer is not spoken of.
const SILENT_FOR: Duration = Duration::from_secs(1);
/// The line counts seconds.
const TOLD_EACH: Duration = Duration::from_secs(1);

/// The last line of the terminal, which the progress and the daemon's questions share.
static LAST_LINE: Mutex<LastLine> = Mutex::new(LastLine { columns: 0, is_question: false });

#[derive(Debug)]
struct LastLine {
    /// Those of the progress that is shown.
    columns: usize,
    is_question: bool,
}

/// Awaits something, and shows at a terminal meanwhile how long it takes.
pub(crate) async fn shown<T>(work: impl Future<Output = T>, wording: &Wording) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let done = ticking(work, |seconds| {
        show(&wording.about("progress", &[("seconds", &seconds.to_string())]));
    })
    .await;
    clear(&mut last_line());
    done
}

/// Awaits something, and tells meanwhile for how many seconds already.
async fn ticking<T>(work: impl Future<Output = T>, mut tell: impl FnMut(u64)) -> T {
    let mut work = pin!(work);
    let began = Instant::now();
    let mut ticks = interval_at(began + SILENT_FOR, TOLD_EACH);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            now = ticks.tick() => tell(now.duration_since(began).as_secs()),
        }
    }
}

/// A question stands at the terminal until this is dropped, and no progress.
#[derive(Debug)]
pub(crate) struct Question(());

/// Makes room for a question.
#[must_use]
pub(crate) fn question() -> Question {
    let mut line = last_line();
    clear(&mut line);
    line.is_question = true;
    Question(())
}

impl Drop for Question {
    fn drop(&mut self) {
        last_line().is_question = false;
    }
}

fn show(text: &str) {
    let mut line = last_line();
    if line.is_question {
        return;
    }
    clear(&mut line);
    line.columns = text.chars().count();
    let mut out = io::stderr().lock();
    // Where nobody reads it, nobody wonders.
    drop(write!(out, "{text}").and_then(|()| out.flush()));
}

/// Takes the progress away. By spaces: not every console knows another way.
fn clear(line: &mut LastLine) {
    if line.columns > 0 {
        let mut out = io::stderr().lock();
        drop(write!(out, "\r{}\r", " ".repeat(line.columns)).and_then(|()| out.flush()));
        line.columns = 0;
    }
}

fn last_line() -> MutexGuard<'static, LastLine> {
    LAST_LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told_while(span: Duration) -> Vec<u64> {
        let mut told = Vec::new();
        ticking(tokio::time::sleep(span), |seconds| told.push(seconds)).await;
        told
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_is_not_spoken_of_and_each_further_one_is() {
        assert_eq!(told_while(Duration::from_millis(900)).await, [] as [u64; 0]);
        assert_eq!(told_while(Duration::from_millis(3_500)).await, [1, 2, 3]);
    }
}
