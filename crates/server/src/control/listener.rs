//! The server's end of the control socket.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use convene_conference::Right;
use convene_event_log::EventLog;
use convene_model::{Fingerprint, JoinCode, JoinLink, PortRange};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::{Answer, Created, Failure, LINE_BYTES_MAX, Listed, Request, SOCKET, Shown};
use crate::conferences::{Conferences, Description, OperationError};

/// Commands at the same time: an administrator and a few scripts.
const CLIENTS_MAX: usize = 16;

/// What a join link says of this server.
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

/// The control socket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the control socket {} cannot be opened: {source}", .path.display())]
pub(crate) struct ControlError {
    path: PathBuf,
    source: io::Error,
}

/// Opens the socket: closed to all others before anyone can connect. The caller holds the state directory's lock, so a socket
/// that is there is a dead one.
pub(crate) fn bind(state_dir: &Path) -> Result<UnixListener, ControlError> {
    let path = state_dir.join(SOCKET);
    let bound = (|| {
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // The directory is its owner's alone, so nobody else gets as far as the socket before its own rights are set.
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    })();
    bound.map_err(|source| ControlError { path, source })
}

/// Answers until dropped.
pub(crate) async fn serve<E: EventLog>(
    listener: UnixListener,
    conferences: Arc<Conferences<E>>,
    facts: LinkFacts,
) {
    let facts = Arc::new(facts);
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < CLIENTS_MAX => match accepted {
                Ok((stream, _)) => {
                    clients.spawn(attend(stream, Arc::clone(&conferences), Arc::clone(&facts)));
                }
                Err(error) => tracing::warn!(%error, "a command could not be accepted"),
            },
            Some(ended) = clients.join_next() => match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a command went away"),
                Err(error) => tracing::error!(%error, "a command's task has failed"),
            },
        }
    }
}

async fn attend<E: EventLog>(
    stream: UnixStream,
    conferences: Arc<Conferences<E>>,
    facts: Arc<LinkFacts>,
) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Ok(());
        }
        let answer = match serde_json::from_slice::<Request>(&line) {
            Ok(request) => carry_out(request, &conferences, &facts).await,
            Err(error) => {
                Answer::Failed(Failure { code: "malformed".to_owned(), message: error.to_string() })
            }
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        writer.write_all(&text).await?;
        if line.last() != Some(&b'\n') {
            // Cut short or over the limit: where the next line begins is not known.
            return Ok(());
        }
    }
}

async fn carry_out<E: EventLog>(request: Request, conferences: &Conferences<E>, facts: &LinkFacts) -> Answer {
    let done = match request {
        Request::Create(settings) => {
            conferences.create(settings).await.map(|about| Answer::Created(links(&about, facts)))
        }
        Request::List {} => Ok(Answer::List(conferences.list().await.iter().map(listed).collect())),
        Request::Show { conference, after } => show(conferences, conference, after).await,
        Request::Invite { conference } => {
            conferences.describe(conference).await.map(|about| Answer::Created(links(&about, facts)))
        }
        Request::End { conference } => conferences.end(conference).await.map(|()| Answer::Ended {}),
    };
    done.unwrap_or_else(|error| {
        let code = match &error {
            OperationError::Unknown(_) => "conference_unknown",
            OperationError::Refused(refusal) => refusal.as_str(),
            OperationError::Log(_) => "storage_failed",
            OperationError::Stopping => "stopping",
        };
        Answer::Failed(Failure { code: code.to_owned(), message: error.to_string() })
    })
}

async fn show<E: EventLog>(
    conferences: &Conferences<E>,
    conference: convene_model::ConferenceId,
    after: u64,
) -> Result<Answer, OperationError> {
    let about = listed(&conferences.describe(conference).await?);
    let (events, through) = conferences.events(conference, after).await?;
    Ok(Answer::Shown(Shown { about, events, through }))
}

fn links(about: &Description, facts: &LinkFacts) -> Created {
    let link =
        |wanted| about.codes.iter().find(|(_, right)| **right == wanted).map(|(code, _)| facts.link(*code));
    Created {
        conference: about.conference,
        organizer_link: link(Right::Organizer).unwrap_or_default(),
        participant_link: link(Right::Participant).unwrap_or_default(),
    }
}

fn listed(about: &Description) -> Listed {
    Listed {
        conference: about.conference,
        title: about.settings.title.clone(),
        participants: about.participants,
        present: about.present,
        last: about.last,
        ended: about.ended,
    }
}
