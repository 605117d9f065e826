//! The named pipe that frontends connect to.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::sync::Arc;
use std::time::Duration;

use convene_local_api::PIPE_CLIENT_RIGHTS;
use interprocess::os::windows::named_pipe::PipeListenerOptions;
use interprocess::os::windows::named_pipe::pipe_mode::Bytes;
use interprocess::os::windows::named_pipe::tokio::{DuplexPipeStream, PipeListener};
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use tokio::io::AsyncReadExt;
use tokio::task::JoinSet;
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_CANNOT_IMPERSONATE, ERROR_PIPE_BUSY};
use windows_sys::Win32::Storage::FileSystem::{FILE_READ_ATTRIBUTES, SECURITY_ANONYMOUS};
use windows_sys::Win32::System::Pipes::GetNamedPipeServerProcessId;

use super::stream::LocalStream;
use super::token::Identity;
use super::{ADMINISTRATORS_SID, PrivilegedGroup, SYSTEM_SID, sid};
use crate::os::{AcceptError, Access, BindError, Peer, SocketPath, UserId};

/// The prefix of the name of every pipe on this machine.
const PREFIX: &str = r"\\.\pipe\";
/// Bytes that the kernel holds in each direction: one frame of the local API in most cases.
const BUFFER_BYTES: u32 = 64 * 1024;
/// Clients that connected and are not identified yet. Beyond it the others wait outside.
const ARRIVING_MAX: usize = 256;
/// How long a client may be silent before the byte that identifies it: a frontend speaks as soon as
/// it has connected.
const FIRST_BYTE_WAIT: Duration = Duration::from_secs(10);

/// The pipe that frontends connect to. Dropping it lets another daemon have the name as soon as its
/// connections are dropped too.
#[derive(Debug)]
pub(crate) struct LocalListener {
    pipe: PipeListener<Bytes, Bytes>,
    rules: Arc<Rules>,
    arriving: JoinSet<Result<(LocalStream, Peer), AcceptError>>,
}

/// By what a peer's rights are decided.
#[derive(Debug)]
struct Rules {
    access: Access,
    own_sid: String,
}

impl LocalListener {
    /// Creates the pipe with its access list; the system refuses if somebody has the name already,
    /// and it never lets other machines in. Must be called inside a runtime.
    ///
    /// # Errors
    /// When another process has the name, or when the system refuses.
    pub(crate) fn bind(path: &SocketPath, access: Access) -> Result<Self, BindError> {
        let failed = |source| BindError::Io { path: path.clone(), source };
        let name = path.as_path().as_os_str();
        let begins = name.as_encoded_bytes().get(..PREFIX.len());
        if !begins.is_some_and(|begins| begins.eq_ignore_ascii_case(PREFIX.as_bytes())) {
            let reason = format!("the name of a pipe begins with {PREFIX}");
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        let own = Identity::of_this_process().map_err(failed)?;
        let rights = sid::wide(rights(&access, &own)).map_err(failed)?;
        let mut options = PipeListenerOptions::new().path(sid::wide(name).map_err(failed)?);
        options.input_buffer_size_hint = BUFFER_BYTES;
        options.output_buffer_size_hint = BUFFER_BYTES;
        options.security_descriptor = Some(SecurityDescriptor::deserialize(&rights).map_err(failed)?);
        let pipe = options.create_tokio_duplex::<Bytes>().map_err(|error| {
            let taken = [ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY].map(|number| Some(number.cast_signed()));
            if taken.contains(&error.raw_os_error()) {
                return BindError::AlreadyRunning { path: path.clone(), pid: server(path).ok() };
            }
            failed(error)
        })?;
        Ok(Self { pipe, rules: Arc::new(Rules { access, own_sid: own.user }), arriving: JoinSet::new() })
    }

    /// Waits for the next frontend and says who it is. One that is slow to show who it is does not
    /// keep the others. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// See [`AcceptError`]; the listener goes on.
    pub(crate) async fn accept(&mut self) -> Result<(LocalStream, Peer), AcceptError> {
        loop {
            tokio::select! {
                Some(arrived) = self.arriving.join_next() => match arrived {
                    Ok(arrived) => return arrived,
                    Err(error) => return Err(AcceptError::Unidentified(error.into())),
                },
                pipe = self.pipe.accept(), if self.arriving.len() < ARRIVING_MAX => {
                    let pipe = pipe.map_err(AcceptError::Exhausted)?;
                    self.arriving.spawn(arrive(pipe, Arc::clone(&self.rules)));
                }
            }
        }
    }
}

async fn arrive(
    pipe: DuplexPipeStream<Bytes>,
    rules: Arc<Rules>,
) -> Result<(LocalStream, Peer), AcceptError> {
    let (identity, first) = identify(&pipe).await.map_err(AcceptError::Unidentified)?;
    let peer = Peer {
        user: UserId::of_sid(&identity.user),
        pid: pipe.client_process_id().ok(),
        privileged: rules.privileges(&identity),
    };
    Ok((LocalStream::new(pipe, first), peer))
}

/// The client's identity, and the byte that had to be read to learn it, if there was one.
async fn identify(mut pipe: &DuplexPipeStream<Bytes>) -> io::Result<(Identity, Option<u8>)> {
    match Identity::of_client(pipe.as_handle()) {
        // A client that let its identity follow its thread: it has none until it has said
        // something.
        Err(error) if error.raw_os_error() == Some(ERROR_CANNOT_IMPERSONATE.cast_signed()) => {
            let first = tokio::time::timeout(FIRST_BYTE_WAIT, pipe.read_u8()).await??;
            Ok((Identity::of_client(pipe.as_handle())?, Some(first)))
        }
        Ok(identity) => Ok((identity, None)),
        Err(error) => Err(error),
    }
}

impl Rules {
    fn privileges(&self, peer: &Identity) -> bool {
        let has = |sid: &str| peer.groups.iter().any(|group| group == sid);
        peer.user == SYSTEM_SID
            || has(ADMINISTRATORS_SID)
            || match &self.access {
                Access::ThisUser | Access::System { group: None } => peer.user == self.own_sid,
                Access::System { group: Some(PrivilegedGroup(group)) } => has(group),
            }
    }
}

/// The pipe's owner and access list (security descriptor definition language): all to the daemon's
/// user, the system and administrators; reading and writing to every authenticated user, if every
/// local user may connect.
///
/// By the owner a client knows that it speaks with a daemon. It is this user, or all administrators
/// where this user is one with the rights of one, so that others believe a daemon that an
/// administrator starts.
fn rights(access: &Access, own: &Identity) -> String {
    let owner = own.groups.iter().find(|group| *group == ADMINISTRATORS_SID).unwrap_or(&own.user);
    let users = match access {
        Access::System { .. } => format!("(A;;{PIPE_CLIENT_RIGHTS:#x};;;AU)"),
        Access::ThisUser => String::new(),
    };
    format!("O:{owner}D:P(A;;GA;;;{})(A;;GA;;;SY)(A;;GA;;;BA){users}", own.user)
}

/// The process that has the pipe. It learns nothing of who asks.
fn server(path: &SocketPath) -> io::Result<u32> {
    let mut options = OpenOptions::new();
    let asked = options.access_mode(FILE_READ_ATTRIBUTES).security_qos_flags(SECURITY_ANONYMOUS);
    let pipe = asked.open(path.as_path())?;
    let mut pid = 0;
    #[expect(unsafe_code, reason = "a call of the system's")]
    // SAFETY: the handle is open, and the system writes one number.
    if unsafe { GetNamedPipeServerProcessId(pipe.as_raw_handle(), &raw mut pid) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(pid)
}
