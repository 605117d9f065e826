//! Opening the carrier WebSocket (RFC 6455) inside TLS.

use convene_model::bracketed;
use convene_model::limits::FRAME_BYTES_MAX;
use convene_model::{Code, Stage};
use convene_reach::Target;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderMap, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::failure::{Detail, DialError, HttpAnswer, code_of_broken, shown};
use crate::tls::Secured;

/// Bytes that are read at once: one TLS record mostly holds less, and the buffer stays for the
/// pipe's life.
const READ_BYTES: usize = 8 * 1024;
/// Bytes of small frames that are gathered before they are written.
const WRITE_BYTES: usize = 8 * 1024;
/// Bytes that may wait for a peer that does not read: a frame and what is gathered fit in well.
const WRITE_BYTES_MAX: usize = 1024 * 1024;

/// Asks for `GET /v1/link` and an upgrade. The answer's head is bounded by the WebSocket library
/// (64 KiB).
pub(crate) async fn open(stream: Secured, target: &Target) -> Result<WebSocketStream<Secured>, DialError> {
    let uri = match target.port {
        443 => format!("wss://{}/v1/link", bracketed(&target.host)),
        _ => format!("wss://{target}/v1/link"),
    };
    let request = uri.into_client_request().map_err(|error| refusal(&error))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(WRITE_BYTES)
        .max_write_buffer_size(WRITE_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let opened = client_async_with_config(request, stream, Some(config)).await;
    opened.map(|(stream, _)| stream).map_err(|error| refusal(&error))
}

fn refusal(error: &Error) -> DialError {
    let code = match error {
        Error::Http(response) => {
            let code = if is_page(response) { Code::BlockPage } else { Code::HttpRefused };
            return DialError::new(Stage::Http, code).with(Some(Detail::Answer(seen(response))));
        }
        Error::Io(error) => code_of_broken(error.kind()),
        Error::ConnectionClosed | Error::AlreadyClosed => Code::Closed,
        Error::Protocol(ProtocolError::HandshakeIncomplete) => Code::Closed,
        // A 101 that is no answer to this request, or an answer in HTTP/1.0: somebody speaks in the
        // server's place.
        Error::Protocol(
            ProtocolError::WrongHttpVersion
            | ProtocolError::SecWebSocketAcceptKeyMismatch
            | ProtocolError::MissingUpgradeWebSocketHeader
            | ProtocolError::MissingConnectionUpgradeHeader,
        ) => Code::HttpRefused,
        Error::Tls(_)
        | Error::Capacity(_)
        | Error::Protocol(_)
        | Error::WriteBufferFull(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::HttpFormat(_) => Code::NotHttp,
    };
    DialError::new(Stage::Http, code)
}

fn is_page(response: &Response<Option<Vec<u8>>>) -> bool {
    header(response.headers(), "content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

fn seen(response: &Response<Option<Vec<u8>>>) -> HttpAnswer {
    let headers = response.headers();
    HttpAnswer {
        status: response.status().as_u16(),
        server: header(headers, "server"),
        via: header(headers, "via"),
        agent: None,
        schemes: Vec::new(),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| shown(&String::from_utf8_lossy(value.as_bytes())))
}
