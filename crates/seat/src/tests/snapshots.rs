//! Snapshots in place of a long replay.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

/// A snapshot after an entry, with so many participants.
fn snapshot(number: u64, participants: u32) -> SnapshotText {
    let mut state = convene_conference::State::default();
    for n in 1..=participants {
        state.evolve(&serde_json::from_str(joined(1, n).text.get()).unwrap());
    }
    let public = serde_json::to_string(state.public()).unwrap();
    SnapshotText { number, level: 1, terms: vec![term(5, 2)], public }
}

/// Opens the seat with a snapshot, and gives it that.
pub(super) fn take(play: &mut Play, number: u64, participants: u32) {
    play.reopen(None, open(Resumption::Snapshot { number }));
    play.seat.handle_snapshot(&snapshot(number, participants), "{}", play.now);
    play.store();
}

#[test]
fn a_snapshot_tells_what_it_passed_over_and_events_go_on_behind_it() {
    let mut play = Play::open();
    play.events(0, 1, vec![joined(1, 1)]);
    play.settle();
    take(&mut play, 9, 3);
    let span = Span { after: 1, through: 9 };
    assert_eq!(play.settle(), [Delta::PassedOver(span)]);
    play.events(9, 10, vec![said(10)]);
    play.settle();
    assert_eq!(play.replica().missing.spans(), [span]);
    assert_eq!((play.replica().cursor, play.replica().base, play.seqs()), (10, 9, vec![1, 10]));
    assert_eq!(play.replica().terms.starts(), [term(5, 2)]);
    assert_eq!(play.replica().state.as_ref().unwrap().public().participants().iter().count(), 3);
}

#[test]
fn a_snapshot_that_nobody_announced_is_not_taken() {
    let mut play = Play::open();
    play.seat.handle_snapshot(&snapshot(9, 1), "{}", play.now);
    play.reopen(None, open(Resumption::Snapshot { number: 8 }));
    play.seat.handle_snapshot(&snapshot(9, 1), "{}", play.now);
    assert!(play.seat.is_open());
    assert_eq!((play.settle(), play.replica().cursor), (vec![], 0));
}

#[test]
fn a_snapshot_that_cannot_be_read_is_asked_for_again_after_a_pause() {
    let mut play = Play::open();
    for (round, pause) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
        play.reopen(None, open(Resumption::Snapshot { number: 9 }));
        match round % 3 {
            0 => play.seat.handle_no_snapshot(play.now),
            1 => play.seat.handle_snapshot(&snapshot(9, 1), "[]]", play.now),
            _ => {
                let public = r#"{"participants":7}"#.to_owned();
                let wrong = SnapshotText { public, ..snapshot(9, 1) };
                play.seat.handle_snapshot(&wrong, "{}", play.now);
            }
        }
        assert!(!play.seat.is_open() && !play.seat.wants_open());
        assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(pause)));
        play.wait(Duration::from_secs(pause));
    }
    take(&mut play, 9, 1);
    play.settle();
    play.reopen(None, open(Resumption::Snapshot { number: 12 }));
    play.seat.handle_no_snapshot(play.now);
    assert_eq!(play.seat.poll_timeout(), Some(play.now + Duration::from_secs(1)), "from the start");
}

#[test]
fn a_snapshot_below_the_cursor_says_nothing_new() {
    let mut play = Play::open();
    play.events(0, 10, vec![joined(1, 1)]);
    play.settle();
    take(&mut play, 10, 3);
    play.events(9, 11, vec![said(11)]);
    assert_eq!(play.settle().len(), 1);
    assert_eq!((play.replica().cursor, play.replica().base), (11, 0));
}

#[test]
fn an_asked_for_snapshot_at_the_cursor_replaces_the_state() {
    let mut play = Play::open();
    play.events(0, 10, vec![joined(1, 1)]);
    play.settle();
    play.reopen(None, open(Resumption::Other));
    play.wait(Duration::from_secs(1));
    assert!(play.seat.asked().snapshot);
    take(&mut play, 10, 3);
    assert_eq!(play.settle(), [Delta::Reset { number: 10 }]);
    assert_eq!((play.replica().base, play.replica().missing.spans()), (10, &[][..]));
    assert_eq!(play.replica().state.as_ref().unwrap().public().participants().iter().count(), 3);
    assert!(!play.seat.asked().snapshot);
}

#[test]
fn parts_make_a_snapshot() {
    let text = snapshot(9, 40);
    let data = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.public.as_bytes(), 6));
    let (front, back) = data.split_at(data.len() / 2 + 1);
    let mut parts = SnapshotParts::new(9, 1, vec![term(5, 2)], 2);
    parts.push(0, front).unwrap();
    assert_eq!((parts.is_whole(), parts.clone().text()), (false, Err(NoSnapshot)));
    assert_eq!(parts.push(0, front), Err(NoSnapshot), "out of turn");
    parts.push(1, back).unwrap();
    assert_eq!(parts.push(2, back), Err(NoSnapshot), "one too many");
    assert!(parts.is_whole());
    assert_eq!(parts.text(), Ok(text));
}

#[test]
fn parts_that_are_not_compressed_text_make_none() {
    for data in ["", "!", "AAAA", "_____w"] {
        let mut parts = SnapshotParts::new(9, 1, vec![], 1);
        parts.push(0, data).unwrap();
        assert_eq!(parts.text(), Err(NoSnapshot), "{data}");
    }
    assert_eq!(SnapshotParts::new(9, 1, vec![], 0).text(), Err(NoSnapshot));
    let bytes = miniz_oxide::deflate::compress_to_vec(&[0xff; 8], 6);
    let mut parts = SnapshotParts::new(9, 1, vec![], 1);
    parts.push(0, &URL_SAFE_NO_PAD.encode(bytes)).unwrap();
    assert_eq!(parts.text(), Err(NoSnapshot), "not UTF-8");
}

#[test]
fn a_snapshot_that_would_fill_the_memory_is_none() {
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 16 * 1024 * 1024 + 1], 6);
    let mut parts = SnapshotParts::new(9, 1, vec![], 1);
    parts.push(0, &URL_SAFE_NO_PAD.encode(bomb)).unwrap();
    assert_eq!(parts.text(), Err(NoSnapshot));
    let mut parts = SnapshotParts::new(9, 1, vec![], 9);
    let much = "A".repeat(3 * 1024 * 1024);
    assert_eq!((parts.push(0, &much), parts.push(1, &much)), (Ok(()), Err(NoSnapshot)));
}
