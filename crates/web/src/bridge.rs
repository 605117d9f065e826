//! One WebSocket and one connection to the daemon: a message is a line, and nothing is added.

use std::time::Duration;

use convene_local_api::LineDecoder;
use convene_local_client::{ConnectError, DaemonStream, Introduction};
use convene_model::limits::LOCAL_LINE_BYTES_MAX;
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Bytes that are read at once, on either side.
const READ_BYTES: usize = 16 * 1024;
/// Bytes that may wait for a page: a line of the greatest length, and what stands around it.
const WRITE_BYTES_MAX: usize = 2 * LOCAL_LINE_BYTES_MAX;
/// How long a side may take nothing of what the other one says: as long as the daemon waits for a
/// frontend.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a farewell may take.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// The code of every close that the bridge begins: the first of those that are an application's
/// own (RFC 6455, section 7.4.2). Its reason is a word.
const CLOSE_CODE: u16 = 4000;

/// A connection that has become a WebSocket.
pub(crate) struct Upgraded {
    pub(crate) stream: TcpStream,
    /// What came behind the request.
    pub(crate) early: Vec<u8>,
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The page went.
    PageLeft,
    /// The page took nothing for too long.
    PageTooSlow,
    /// The page said what is no line.
    PageMalformed,
    /// No daemon answers.
    DaemonNotRunning,
    /// Somebody else has the daemon's socket.
    DaemonImpostor,
    /// The daemon stopped, was restarted, or cut this frontend.
    DaemonEnded,
}

impl End {
    /// The word that a page is told.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::PageLeft => None,
            Self::PageTooSlow => Some("page_too_slow"),
            Self::PageMalformed => Some("page_malformed"),
            Self::DaemonNotRunning => Some("daemon_not_running"),
            Self::DaemonImpostor => Some("daemon_impostor"),
            Self::DaemonEnded => Some("daemon_ended"),
        }
    }
}

/// Passes messages on until one side ends. Then the other one is told.
pub(crate) async fn run(upgraded: Upgraded, introduction: &Introduction) {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(READ_BYTES)
        .max_write_buffer_size(WRITE_BYTES_MAX)
        .max_message_size(Some(LOCAL_LINE_BYTES_MAX))
        .max_frame_size(Some(LOCAL_LINE_BYTES_MAX));
    let Upgraded { stream, early } = upgraded;
    let mut page = WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await;
    let end = match introduction.open().await {
        Ok(daemon) => carry(&mut page, daemon).await,
        Err(ConnectError::NotRunning { .. }) => End::DaemonNotRunning,
        Err(ConnectError::Impostor { .. } | ConnectError::Foreign { .. }) => End::DaemonImpostor,
    };
    if let Some(word) = end.word() {
        let frame = CloseFrame { code: CloseCode::from(CLOSE_CODE), reason: word.into() };
        let farewell = async {
            page.close(Some(frame)).await?;
            // The page's own farewell, and whatever it said before.
            while page.next().await.is_some_and(|said| said.is_ok()) {}
            Ok::<_, Error>(())
        };
        // A page that is gone finds out by itself.
        drop(timeout(FAREWELL_MAX, farewell).await);
    }
}

async fn carry(page: &mut WebSocketStream<TcpStream>, daemon: DaemonStream) -> End {
    let (from_daemon, to_daemon) = tokio::io::split(daemon);
    let (to_page, from_page) = page.split::<Message>();
    tokio::select! {
        end = up(from_page, to_daemon) => end,
        end = down(from_daemon, to_page) => end,
    }
}

/// From the page to the daemon.
async fn up(
    mut page: impl Stream<Item = Result<Message, Error>> + Unpin,
    mut daemon: impl AsyncWrite + Unpin,
) -> End {
    while let Some(said) = page.next().await {
        let text = match said {
            Ok(Message::Text(text)) => text,
            // The library answers them.
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => continue,
            Ok(Message::Binary(_) | Message::Frame(_)) | Err(Error::Capacity(_)) => {
                return End::PageMalformed;
            }
            Err(_) => return End::PageLeft,
        };
        if text.contains('\n') {
            return End::PageMalformed;
        }
        let line = format!("{text}\n");
        let written = timeout(PATIENCE, daemon.write_all(line.as_bytes())).await;
        if !matches!(written, Ok(Ok(()))) {
            return End::DaemonEnded;
        }
    }
    End::PageLeft
}

/// From the daemon to the page.
async fn down(mut daemon: impl AsyncRead + Unpin, mut page: impl Sink<Message> + Unpin) -> End {
    let (mut decoder, mut chunk) = (LineDecoder::default(), vec![0; READ_BYTES]);
    loop {
        while let Some(line) = decoder.next_line() {
            // A line that no frontend could read.
            let Ok(line) = line else { return End::DaemonEnded };
            match timeout(PATIENCE, page.send(Message::text(line))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return End::PageLeft,
                Err(_) => return End::PageTooSlow,
            }
        }
        match daemon.read(&mut chunk).await {
            Ok(0) | Err(_) => return End::DaemonEnded,
            Ok(count) => decoder.push(chunk.get(..count).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{sink, stream};
    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    async fn went_up(said: Vec<Message>) -> (End, String) {
        let (mut daemon, end_of_page) = tokio::io::duplex(64 * 1024);
        let end = up(stream::iter(said.into_iter().map(Ok)), end_of_page).await;
        let mut lines = String::new();
        daemon.read_to_string(&mut lines).await.unwrap();
        (end, lines)
    }

    #[tokio::test]
    async fn a_message_of_the_page_is_a_line_of_the_daemon() {
        let said = vec![Message::text("{\"a\":1}"), Message::Ping(bytes::Bytes::new()), Message::text("{}")];
        assert_eq!(went_up(said).await, (End::PageLeft, "{\"a\":1}\n{}\n".to_owned()));
    }

    #[tokio::test]
    async fn what_is_no_line_goes_nowhere() {
        for bad in [Message::text("{}\n{}"), Message::binary(b"{}".to_vec())] {
            assert_eq!(went_up(vec![bad, Message::text("{}")]).await, (End::PageMalformed, String::new()));
        }
    }

    #[tokio::test]
    async fn a_line_of_the_daemon_is_a_message_of_the_page() {
        let mut told = Vec::new();
        let page = sink::unfold(&mut told, |told, message: Message| async move {
            told.push(message);
            Ok::<_, Error>(told)
        });
        let end = down(b"{\"a\":1}\n\n{}\r\nrest".as_slice(), Box::pin(page)).await;
        assert_eq!(end, End::DaemonEnded);
        assert_eq!(told, [Message::text("{\"a\":1}"), Message::text("{}")]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_side_that_takes_nothing_ends_it() {
        let never = sink::unfold((), |(), _: Message| std::future::pending::<Result<(), Error>>());
        assert_eq!(down(b"{}\n".as_slice(), Box::pin(never)).await, End::PageTooSlow);
        let (daemon, full) = tokio::io::duplex(1);
        let end = up(stream::iter([Ok(Message::text("{\"a\":1}"))]), full).await;
        assert_eq!(end, End::DaemonEnded);
        let mut line = String::new();
        BufReader::new(daemon).read_line(&mut line).await.unwrap();
        assert!(line.starts_with('{'), "{line}");
    }
}
