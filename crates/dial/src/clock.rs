//! Whether it is the certificate that is out of its time, or this machine's clock.

use convene_model::Timestamp;

use crate::failure::CertificateSeen;

/// When this was written, 2026-11-01 in milliseconds since 1970: a clock that is behind that lies,
/// whoever else is heard.
const WRITTEN_MS: i64 = 1_793_491_200_000;
/// How far a clock may be off before it is called wrong: no time zone and no leap explains more.
const TOLERANCE_MS: u64 = 24 * 60 * 60 * 1000;

/// Judges this machine's clock over a certificate that is out of its time. `heard` is the time that
/// another clock told; nobody vouches for it, so it only counts where it explains everything: by
/// that clock the certificate is in its time.
pub(crate) fn is_wrong(now: Timestamp, certificate: &CertificateSeen, heard: Option<Timestamp>) -> bool {
    let explains = |heard: Timestamp| {
        let in_time = certificate.not_before <= heard && heard <= certificate.not_after;
        in_time && heard.as_millis().abs_diff(now.as_millis()) > TOLERANCE_MS
    };
    let behind = now.as_millis() < WRITTEN_MS && certificate.not_after.as_millis() > WRITTEN_MS;
    behind || heard.is_some_and(explains)
}

#[cfg(test)]
mod tests {
    use convene_model::Fingerprint;

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_millis(WRITTEN_MS + number * DAY)
    }

    fn certificate(from: i64, to: i64) -> CertificateSeen {
        CertificateSeen {
            is_authority: false,
            issuer: String::new(),
            subject: String::new(),
            not_before: day(from),
            not_after: day(to),
            fingerprint: Fingerprint([0; 32]),
        }
    }

    #[test]
    fn another_clock_counts_where_it_explains_everything() {
        let certificate = certificate(100, 190);
        assert!(is_wrong(day(300), &certificate, Some(day(150))), "ahead");
        assert!(is_wrong(day(50), &certificate, Some(day(150))), "behind");
        assert!(!is_wrong(day(300), &certificate, Some(day(299))), "the certificate has expired");
        assert!(!is_wrong(day(300), &certificate, Some(day(200))), "both clocks say that it has expired");
        assert!(!is_wrong(day(300), &certificate, None));
        let short = Timestamp::from_millis(day(190).as_millis() + DAY / 4);
        assert!(!is_wrong(short, &certificate, Some(day(190))), "less than a day is no wrong clock");
    }

    #[test]
    fn a_clock_from_before_this_program_is_wrong_by_itself() {
        assert!(is_wrong(Timestamp::from_millis(0), &certificate(-10, 80), None));
        assert!(is_wrong(day(-11), &certificate(-10, 80), None));
        assert!(
            !is_wrong(day(-11), &certificate(-100, -50), None),
            "a certificate that ended before says nothing"
        );
    }
}
