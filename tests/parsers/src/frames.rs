//! The frames of servers, daemons and frontends.

use convene_local_api::LineDecoder;
use convene_model::PollRequest;
use convene_protocol::{ClientFrame, ServerFrame};

/// A frame from a server: what is read, printed and read again stays what it is.
pub(crate) fn server_frame(bytes: &[u8]) {
    let Some(frame) = std::str::from_utf8(bytes).ok().and_then(|text| ServerFrame::parse(text).ok()) else {
        return;
    };
    let printed = frame.to_string();
    let again = ServerFrame::parse(&printed).expect("what was printed can be read");
    assert_eq!(again.to_string(), printed);
}

/// A frame from a daemon: likewise.
pub(crate) fn client_frame(bytes: &[u8]) {
    let Some(frame) = std::str::from_utf8(bytes).ok().and_then(|text| ClientFrame::parse(text).ok()) else {
        return;
    };
    let printed = frame.to_string();
    let again = ClientFrame::parse(&printed).expect("what was printed can be read");
    assert_eq!(again.to_string(), printed);
}

/// The path of a request of the carrier without WebSocket: what is printed again is read as the
/// same.
pub(crate) fn poll_request(bytes: &[u8]) {
    let Some(request) = std::str::from_utf8(bytes).ok().and_then(|path| path.parse::<PollRequest>().ok())
    else {
        return;
    };
    assert_eq!(request.to_string().parse(), Ok(request));
}

/// Lines on the local socket: however they are cut into pieces, the same lines come out.
pub(crate) fn local_lines(bytes: &[u8]) {
    let whole = lines(bytes.chunks(bytes.len().max(1)));
    let cut = bytes.first().map_or(1, |byte| usize::from(*byte % 7) + 1);
    assert_eq!(lines(bytes.chunks(cut)), whole, "cut every {cut} bytes");
}

fn lines(pieces: std::slice::Chunks<'_, u8>) -> Vec<Result<String, String>> {
    let mut decoder = LineDecoder::default();
    let mut lines = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(line) = decoder.next_line() {
            lines.push(line.map_err(|error| format!("{error:?}")));
        }
    }
    lines
}

/// A streamed answer: however it is cut, it holds the same frames, and none is too long.
pub(crate) fn event_lines(bytes: &[u8]) {
    let whole = convene_dial::parsers::events(&[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(7).collect();
    assert_eq!(convene_dial::parsers::events(&pieces), whole);
    assert!(whole.iter().all(|frame| frame.len() <= convene_model::limits::FRAME_BYTES_MAX));
}
