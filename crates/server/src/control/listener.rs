//! The server's end of the control socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use convene_conference::Role;
use convene_event_log::EventLog;
use convene_hosting::Summary;
use convene_model::{ConferenceId, Fingerprint, JoinCode, JoinLink, PortRange};
use convene_service_log::number;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName as _};
use interprocess::os::unix::local_socket::ListenerOptionsExt as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, WriteHalf};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{
    Answer, Created, Failure, Listed, PathTooLong, Progress, REQUEST_BYTES_MAX, Request, Shown, socket_path,
};
use crate::backup::{Copies, Copy};
use crate::conferences::{Conferences, Invitation, OperationError, Summarized};

/// Commands at the same time: an administrator and a few scripts.
const CLIENTS_MAX: usize = 16;
/// How long a client may take to send a line or to take its answer: programs do both at once, and
/// idle ones must not keep others out.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);
/// How often a client that waits for a copy hears of it: more often than it gives the server up.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
/// Bytes of a backup that are read and handed over at once.
const PIECE_BYTES: usize = 256 * 1024;
/// Between two tries where the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The socket's rights.
const OWNER_ONLY: u32 = 0o600;

/// The facts about this server that stand in a join link.
#[derive(Debug, Clone)]
pub(crate) struct LinkFacts {
    pub(crate) host: String,
    pub(crate) https_port: u16,
    pub(crate) ports: PortRange,
    /// Of the server's own certificate.
    pub(crate) fingerprint: Option<Fingerprint>,
}

impl LinkFacts {
    fn link(&self, code: JoinCode) -> String {
        JoinLink {
            host: self.host.clone(),
            https_port: self.https_port,
            code,
            fingerprint: self.fingerprint,
            ports: self.ports,
        }
        .to_string()
    }
}

/// Why the control socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// Its path is too long.
    #[error(transparent)]
    Path(#[from] PathTooLong),
    /// The operating system refuses.
    #[error("the control socket {} cannot be opened: {source}", .path.display())]
    Open {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Opens the socket, which has its rights before it has its name: nobody else can ever connect. The
/// caller holds the state directory's lock, so a socket that is there is a dead one.
///
/// # Errors
/// See [`ControlError`].
pub(crate) fn bind(state_dir: &Path) -> Result<Listener, ControlError> {
    let path = socket_path(state_dir)?;
    let name = path.as_path().to_fs_name::<GenericFilePath>();
    let bound = name.and_then(|name| {
        ListenerOptions::new().name(name).mode(OWNER_ONLY).try_overwrite(true).create_tokio()
    });
    bound.map_err(|source| ControlError::Open { path, source })
}

/// The parts of the server that clients of the socket ask about.
#[derive(Debug)]
pub(crate) struct Served<E> {
    pub(crate) conferences: Arc<Conferences<E>>,
    pub(crate) facts: watch::Receiver<LinkFacts>,
    pub(crate) copies: Copies,
}

/// Answers until dropped.
pub(crate) async fn serve<E: EventLog>(listener: Listener, served: Served<E>) {
    let served = Arc::new(served);
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < CLIENTS_MAX => match accepted {
                Ok(stream) => {
                    clients.spawn(attend(stream, Arc::clone(&served)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(ended) = clients.join_next() => match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a command went away"),
                Err(error) => tracing::error!(%error, "a command's task has failed"),
            },
        }
    }
}

async fn attend<E: EventLog>(stream: Stream, served: Arc<Served<E>>) -> io::Result<()> {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut reader).take(REQUEST_BYTES_MAX);
        if timeout(CLIENT_PATIENCE, bounded.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        // Cut short or over the limit: where the next line begins is not known.
        let is_whole = line.last() == Some(&b'\n');
        let answer = match serde_json::from_slice::<Request>(&line) {
            _ if !is_whole => {
                failed("line_incomplete", "a request is one line, ended by a line feed, of at most 64 KiB")
            }
            Ok(Request::Backup {}) => {
                let has_own_key = served.facts.borrow().fingerprint.is_some();
                return give_backup(&mut writer, &served.copies, has_own_key).await;
            }
            Ok(request) => {
                let facts = served.facts.borrow().clone();
                carry_out(request, &served.conferences, &facts).await
            }
            Err(error) => failed("malformed", &error.to_string()),
        };
        say(&mut writer, &answer).await?;
        if !is_whole {
            return Ok(());
        }
    }
}

async fn say(writer: &mut WriteHalf<Stream>, answer: &Answer) -> io::Result<()> {
    let mut text = serde_json::to_vec(answer)?;
    text.push(b'\n');
    give(writer, &text).await
}

async fn give(writer: &mut WriteHalf<Stream>, bytes: &[u8]) -> io::Result<()> {
    timeout(CLIENT_PATIENCE, writer.write_all(bytes)).await?
}

/// Tells how far the copy is, and gives it out when it is there.
async fn give_backup(writer: &mut WriteHalf<Stream>, copies: &Copies, has_own_key: bool) -> io::Result<()> {
    let copied = match copies.begin(has_own_key) {
        Ok(mut copying) => loop {
            match timeout(PROGRESS_EVERY, copying.done()).await {
                Ok(copied) => break copied,
                Err(_) => {
                    let (done, of) = copying.progress();
                    say(writer, &Answer::Copying(Progress { done, of })).await?;
                }
            }
        },
        Err(error) => Err(error),
    };
    let Copy { head, log, rest, bytes } = match copied {
        Ok(copy) => copy,
        Err(error) => {
            tracing::error!(%error, "no backup was made");
            return say(writer, &failed("backup_failed", &error.to_string())).await;
        }
    };
    say(writer, &Answer::Backup { bytes }).await?;
    give(writer, head.as_bytes()).await?;
    let mut log = tokio::fs::File::from_std(log);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = log.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        give(writer, piece.get(..read).unwrap_or_default()).await?;
    }
    for part in rest {
        give(writer, &part).await?;
    }
    tracing::info!(number = number::BACKED_UP, bytes, "a backup was given out");
    Ok(())
}

fn failed(code: &str, message: &str) -> Answer {
    Answer::Failed(Failure { code: code.to_owned(), message: message.to_owned() })
}

async fn carry_out<E: EventLog>(request: Request, conferences: &Conferences<E>, facts: &LinkFacts) -> Answer {
    let done = match request {
        Request::Create(description) => conferences
            .create(&description)
            .await
            .map(|invitation| Answer::Created(links(&invitation, facts))),
        Request::List {} => {
            conferences.list().await.map(|list| Answer::List(list.into_iter().map(listed).collect()))
        }
        Request::Show { conference, after } => show(conferences, conference, after).await,
        Request::Invite { conference } => {
            conferences.invite(conference).await.map(|invitation| Answer::Created(links(&invitation, facts)))
        }
        Request::End { conference } => conferences.end(conference).await.map(|()| Answer::Ended {}),
        Request::Delete { conference } => conferences.delete(conference).await.map(|()| Answer::Deleted {}),
        Request::Backup {} => return failed("malformed", "a backup is given, not answered"),
    };
    done.unwrap_or_else(|error| {
        let code = match &error {
            OperationError::Unknown(_) => "conference_unknown",
            OperationError::Refused(refusal) => refusal.as_str(),
            OperationError::Log(_) => "storage_failed",
            OperationError::Stopping => "stopping",
        };
        failed(code, &error.to_string())
    })
}

async fn show<E: EventLog>(
    conferences: &Conferences<E>,
    conference: ConferenceId,
    after: u64,
) -> Result<Answer, OperationError> {
    let about = listed(conferences.describe(conference).await?);
    let (events, through) = conferences.events(conference, after).await?;
    Ok(Answer::Shown(Shown { about, events, through }))
}

fn links(invitation: &Invitation, facts: &LinkFacts) -> Created {
    let link = |wanted| {
        invitation.codes.iter().find(|(_, right)| **right == wanted).map(|(code, _)| facts.link(*code))
    };
    Created {
        conference: invitation.conference,
        organizer_link: link(Role::Organizer).unwrap_or_default(),
        participant_link: link(Role::Participant).unwrap_or_default(),
    }
}

fn listed(about: Summarized) -> Listed {
    let Summarized { conference, last, summary } = about;
    let Summary { title, participants, taking_part, ended, .. } = summary;
    Listed { conference, title, participants, taking_part, last, ended }
}
