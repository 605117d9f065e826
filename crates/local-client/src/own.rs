//! A socket between programs of one user: each question is a line, and so is its answer.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
    BufReader,
};
use tokio::time::{sleep, timeout};

use crate::os;

/// Bytes of a line: a join link several times, and its envelope.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// How long a question with its answer may take: both programs have nothing else to do.
const EXCHANGE_MAX: Duration = Duration::from_secs(5);
/// Between two tries where the system gives no connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The end that answers. The name is its own until it is dropped.
#[derive(Debug)]
pub struct OwnSocket(os::OwnListener);

impl OwnSocket {
    /// Listens at this path, or pipe's name, where no other user can connect. Must be called inside
    /// a runtime.
    ///
    /// # Errors
    /// `AddrInUse` where another program listens there. `PermissionDenied` where others could reach
    /// the folder. Whatever else the system says.
    pub fn bind(path: &Path) -> io::Result<Self> {
        os::OwnListener::bind(path).map(Self)
    }

    /// Answers until dropped, one question at a time. An answer is one line, without its end.
    pub async fn serve(&self, mut answer: impl FnMut(&str) -> String) {
        loop {
            match self.0.accept().await {
                // One that goes away, or is slow, asks again.
                Ok(stream) => drop(timeout(EXCHANGE_MAX, attend(stream, &mut answer)).await),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

/// Asks a program of this user's; the question is one line, without its end. Takes at most 5 s.
///
/// # Errors
/// Where nobody listens there, or answers. `PermissionDenied` where it is not this user who does.
pub async fn ask_own(path: &Path, question: &str) -> io::Result<String> {
    let exchange = async {
        let stream = os::open(path).await?;
        if !os::is_own(&stream)? {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        let mut stream = BufReader::new(stream);
        stream.write_all(format!("{question}\n").as_bytes()).await?;
        line(&mut stream).await
    };
    timeout(EXCHANGE_MAX, exchange).await?
}

async fn attend<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    answer: &mut impl FnMut(&str) -> String,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let question = line(&mut stream).await?;
    let answered = format!("{}\n", answer(&question));
    stream.write_all(answered.as_bytes()).await
}

async fn line<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut line = String::new();
    let mut bounded = stream.take(LINE_BYTES_MAX);
    bounded.read_line(&mut line).await?;
    match line.pop() {
        Some('\n') => Ok(line),
        Some(_) | None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("it was made").permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_question_gets_its_answer_and_nobody_else_can_ask() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("own/web.sock");
        let socket = OwnSocket::bind(&path).unwrap();
        assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
        let asked = async {
            let first = ask_own(&path, "one").await.unwrap();
            (first, ask_own(&path, "two").await.unwrap())
        };
        tokio::select! {
            () = socket.serve(|question| format!("{question}?")) => unreachable!(),
            answers = asked => assert_eq!(answers, ("one?".to_owned(), "two?".to_owned())),
        }
    }

    #[tokio::test]
    async fn one_program_has_the_name_and_a_dead_ones_socket_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("own/web.sock");
        let first = OwnSocket::bind(&path).unwrap();
        assert_eq!(OwnSocket::bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(first);
        assert!(ask_own(&path, "anyone?").await.is_err());
        // What a killed program leaves.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        OwnSocket::bind(&path).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_others_can_reach_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("open");
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = OwnSocket::bind(&folder.join("web.sock")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
