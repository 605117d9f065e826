//! The memory of a program while it is abused, and afterwards.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use super::figures::Figure;
use crate::process::Running;

const KIB_PER_MIB: f64 = 1_024.0;
/// How often it is looked at while the abuse lasts, and afterwards.
const LOOK_PAUSE: Duration = Duration::from_millis(50);
const SETTLING_PAUSE: Duration = Duration::from_secs(1);
/// How long it may take to come back.
const BACK_MAX: Duration = Duration::from_secs(60);
/// What may stay: a part of what there was before, or so many MiB where that is more.
const STAYS_PART: f64 = 0.2;
const STAYS_MIB: f64 = 8.0;

/// Resident memory in MiB.
pub(super) fn resident_mib(program: &Running) -> Result<f64> {
    Ok(program.resident_kib()? / KIB_PER_MIB)
}

/// Looks at a program's memory again and again.
pub(super) struct Watch {
    stop: SyncSender<()>,
    thread: JoinHandle<f64>,
}

impl Watch {
    pub(super) fn begin(program: &Arc<Running>) -> Self {
        let (stop, stopped) = sync_channel::<()>(1);
        let program = Arc::clone(program);
        let thread = thread::spawn(move || {
            let mut most = 0.0_f64;
            // The other end goes when it is enough.
            while stopped.recv_timeout(LOOK_PAUSE) == Err(RecvTimeoutError::Timeout) {
                most = most.max(resident_mib(&program).unwrap_or_default());
            }
            most
        });
        Self { stop, thread }
    }

    /// The most that was seen, in MiB.
    pub(super) fn end(self) -> Result<f64> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow!("the memory could not be watched"))
    }
}

/// The figures of memory: what there was `before`, at `most` and stays, once that is little or a
/// minute is over.
pub(super) async fn figures(program: &Running, before: f64, most: f64, limit: f64) -> Result<[Figure; 4]> {
    let may_stay = (STAYS_PART * before).max(STAYS_MIB);
    let began = Instant::now();
    let mut after = resident_mib(program)?;
    while after - before > may_stay && began.elapsed() < BACK_MAX {
        tokio::time::sleep(SETTLING_PAUSE).await;
        after = resident_mib(program)?;
    }
    Ok([
        Figure::told("before_mib", before),
        Figure::limited("most_mib", most, limit),
        Figure::told("after_mib", after),
        Figure::limited("stays_mib", after - before, may_stay),
    ])
}
