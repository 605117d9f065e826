//! The entries of a log of form 1, as those of today. That form kept neither summaries nor an index
//! of receipts, so both are made out of the entries, once.

use std::sync::Arc;

use convene_event_log::ReceiptKey;
use convene_event_log_sqlite::{CarriedEntry, FirstForm};
use convene_hosting::Summary;
use convene_hosting::format1::Rewriter;

/// The entries of one conference, as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct FirstFormEntries(Rewriter);

impl FirstForm for FirstFormEntries {
    fn handle_entry(&mut self, text: &str) -> Option<CarriedEntry> {
        let rewritten = self.0.next(text).ok()?;
        let receipt = rewritten.receipt.map(|(participant, command)| ReceiptKey { participant, command });
        Some(CarriedEntry { text: rewritten.text, receipt })
    }

    fn summary(&self) -> Arc<str> {
        Summary::of(self.0.state(), self.0.codes()).text()
    }
}
