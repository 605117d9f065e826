//! Texts that say when they were sent, and how long they took.

use std::time::Instant;

use anyhow::{Context as _, Result};

/// Bytes of one message's text, beside what it says of its time.
pub(crate) const TEXT_BYTES: usize = 250;

/// A message that says when it was sent: `at=MICROSECONDS;`, from `base` on.
pub(crate) fn stamped(base: Instant) -> String {
    format!("at={};{}", base.elapsed().as_micros(), "x".repeat(TEXT_BYTES))
}

/// The microseconds that each stamped message in this text took, if it came `now`.
pub(crate) fn delays(text: &str, now: u128) -> impl Iterator<Item = u64> {
    let stamps = text.split("at=").skip(1).filter_map(|rest| rest.split_once(';'));
    let sent = stamps.filter_map(|(sent, _)| sent.parse::<u128>().ok());
    sent.map(move |sent| u64::try_from(now.saturating_sub(sent)).unwrap_or(u64::MAX))
}

/// The 99th percentile, in milliseconds, of delays in microseconds.
pub(crate) fn p99_ms(mut delays: Vec<u64>) -> Result<f64> {
    delays.sort_unstable();
    let p99 = delays.get(delays.len() * 99 / 100).copied().context("no message was timed")?;
    Ok(p99 as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stamp_in_a_text_is_read_and_nothing_else() {
        let came: Vec<u64> = delays(r#"{"text":"at=100;xx"}{"text":"at=250;xx"}at=x;"#, 300).collect();
        assert_eq!(came, [200, 50]);
        assert_eq!(delays(&stamped(Instant::now()), 0).count(), 1);
    }

    #[test]
    fn one_in_a_hundred_may_be_late() {
        let mut all = vec![1_000; 99];
        all.push(9_000_000);
        assert_eq!(p99_ms(all.clone()).unwrap(), 9_000.0);
        all.extend([1_000; 100]);
        assert_eq!(p99_ms(all).unwrap(), 1.0);
        p99_ms(Vec::new()).unwrap_err();
    }
}
