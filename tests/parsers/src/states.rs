//! What a server says of a conference as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_conference::{Own, Public, State};
use convene_model::ParticipantId;
use convene_seat::SnapshotParts;

/// A snapshot, as the text that travels, as what DEFLATE made of a state, and as the state: however
/// the text is cut into parts, they make the same or nothing, and a state that is read means the
/// same when it is printed and read again.
pub(crate) fn snapshot(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for data in [&text[..], &URL_SAFE_NO_PAD.encode(bytes)[..]] {
        let whole = made(&[data]);
        let (front, back) = data.split_at(data.floor_char_boundary(data.len() / 3));
        assert_eq!(made(&[front, back]), whole, "cut at {}", front.len());
        whole.iter().for_each(|state| assert_read_again(state));
    }
    assert_read_again(&text);
}

/// The state that these parts make, if they do.
fn made(parts: &[&str]) -> Option<String> {
    let count = u32::try_from(parts.len()).ok()?;
    let mut made = SnapshotParts::new(1, 1, Vec::new(), count);
    for (part, data) in (0..).zip(parts) {
        made.push(part, data).ok()?;
    }
    made.text().ok().map(|text| text.public)
}

fn assert_read_again(text: &str) {
    let Ok(public) = serde_json::from_str::<Public>(text) else { return };
    let printed = serde_json::to_string(&public).expect("a state can be printed");
    let again = serde_json::from_str::<Public>(&printed).expect("what was printed can be read");
    assert!(again == public, "{printed}");
    let state = State::of_seat(ParticipantId(1), public, Own::default());
    assert!(state.public() == &again, "{printed}");
}
