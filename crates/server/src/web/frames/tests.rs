use super::*;

const FINAL: u8 = 0x80;

/// A frame as a client writes it.
fn frame(first: u8, content: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut frame = vec![first];
    match content.len() {
        length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length => {
            frame.push(0x80 | 127);
            frame.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(content.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// The messages in these bytes, which come one at a time.
fn said(bytes: &[u8]) -> Result<Vec<Said>, PipeError> {
    let mut inbox = Inbox::default();
    let mut said = Vec::new();
    for byte in bytes {
        inbox.extend(&[*byte]);
        while let Some(next) = inbox.next()? {
            said.push(next);
        }
    }
    Ok(said)
}

fn text(text: &str) -> Said {
    Said::Text(text.into())
}

#[test]
fn parts_make_one_text_and_a_ping_may_come_between_them() {
    let bytes = [frame(1, "gr\u{fc}".as_bytes()), frame(FINAL | 9, b"?"), frame(0, b""), frame(FINAL, b"n")];
    assert_eq!(said(&bytes.concat()), Ok(vec![Said::Ping(Bytes::from_static(b"?")), text("gr\u{fc}n")]));
}

#[test]
fn a_letter_may_be_cut_in_two() {
    assert_eq!(said(&[frame(1, &[0xc3]), frame(FINAL, &[0xbc])].concat()), Ok(vec![text("\u{fc}")]));
}

#[test]
fn what_breaks_the_protocol_is_an_error() {
    for (bytes, error) in [
        (vec![FINAL | 1, 1, b'x'], PipeError::Protocol),
        (frame(FINAL | 0x40 | 1, b"x"), PipeError::Protocol),
        (frame(FINAL | 3, b""), PipeError::Protocol),
        (frame(FINAL, b"x"), PipeError::Protocol),
        ([frame(1, b"x"), frame(FINAL | 1, b"y")].concat(), PipeError::Protocol),
        (frame(9, b"x"), PipeError::Protocol),
        (frame(FINAL | 9, &[0; 126]), PipeError::Protocol),
        (frame(FINAL | 2, b"x"), PipeError::NotText),
        (frame(FINAL | 1, &[0xff]), PipeError::NotText),
        (frame(FINAL | 1, &vec![b'x'; FRAME_BYTES_MAX + 1]), PipeError::TooLong),
        ([frame(1, b"x"), frame(FINAL, &vec![b'x'; FRAME_BYTES_MAX])].concat(), PipeError::TooLong),
    ] {
        assert_eq!(said(&bytes), Err(error), "{:?}", bytes.get(..4));
    }
}

#[test]
fn a_length_that_is_claimed_takes_no_memory() {
    let mut inbox = Inbox::default();
    inbox.extend(&frame(FINAL | 1, &vec![b'x'; FRAME_BYTES_MAX])[..20]);
    assert_eq!(inbox.next(), Ok(None));
    assert!(inbox.raw.capacity() < 100);
}

#[test]
fn nothing_is_held_when_nothing_is_under_way() {
    let mut inbox = Inbox::default();
    inbox.extend(&frame(FINAL | 1, &[b'x'; 10_000]));
    assert!(matches!(inbox.next(), Ok(Some(Said::Text(_)))));
    assert_eq!(inbox.raw.capacity(), 0);
}

#[test]
fn what_waits_is_written_together_and_goes_on_where_it_stopped() {
    let mut outbox = Outbox::default();
    let lengths = [0, 5, 125, 126, 300, 70_000];
    let mut wanted = Vec::new();
    for length in lengths {
        let content = "x".repeat(length);
        match length {
            0..=125 => wanted.extend([0x81, u8::try_from(length).unwrap()]),
            126..=65_535 => {
                wanted.extend([&[0x81, 126], &u16::try_from(length).unwrap().to_be_bytes()[..]].concat());
            }
            _ => wanted.extend([&[0x81, 127], &u64::try_from(length).unwrap().to_be_bytes()[..]].concat()),
        }
        wanted.extend(content.as_bytes());
        assert!(outbox.has_room());
        outbox.text(content.into()).unwrap();
    }
    assert!(!outbox.has_room());
    let mut written: Vec<u8> = Vec::new();
    let mut step = 1;
    while !outbox.is_empty() {
        let mut slices = [IoSlice::new(&[]); 2 * TOGETHER_MAX];
        let filled = outbox.slices(&mut slices);
        let all: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.iter().copied()).collect();
        assert_eq!(all, wanted[written.len()..]);
        let taken = step.min(all.len());
        written.extend(&all[..taken]);
        outbox.advance(taken);
        step = step * 2 + 1;
    }
    assert_eq!(written, wanted);
    assert_eq!((outbox.bytes, outbox.written), (0, 0));
}
