//! The differences between operating systems: the local socket with its rights and its peers'
//! identities, the places where things are kept, and the life of a service. Everything above this
//! room is the same on Linux and on Windows.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use convene_local_api::ProxySource;
use convene_model::Code;

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

pub(crate) use self::system::{
    EVALUATE_SCRIPT, FolderWatch, LocalListener, LocalStream, PrivilegedGroup, as_administrator,
    machine_proxies, paths, raise_descriptor_limit, registry_values, replace_private, return_memory, service,
};
#[cfg(windows)]
pub(crate) use self::system::{prepare_machine, watch_registry};

/// Fetches and evaluates the script at this address, or the one that the network itself names
/// (WPAD), for a target's URL, and says which proxies it names; `None` where the network names no
/// script. Blocks.
pub(crate) type EvaluateScript = fn(Option<&str>, &str) -> Result<Option<ProxySource>, Code>;

/// Reads one variable of the environment, which is handed in so that only the configuration ever
/// looks at the real one.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The content of one value in the registry of Windows.
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "elsewhere there is no registry"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegistryValue {
    /// A text.
    Text(String),
    /// A number.
    Number(u32),
    /// Something that no setting is.
    Other,
}

impl RegistryValue {
    /// Whether it is a text that says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// The address at which the daemon listens: the path of a Unix socket, or the full name of a pipe
/// (`\\.\pipe\…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SocketPath(PathBuf);

impl SocketPath {
    /// Takes the path as it is; whether it can be bound is found out by [`LocalListener::bind`].
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path.
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for SocketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// The places where a daemon keeps and finds things when the command line does not say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    /// The configuration file; its drop-ins are in the folder `convened.d` beside it.
    pub(crate) config: PathBuf,
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The local socket.
    pub(crate) socket: SocketPath,
}

/// The environment does not say where this user's things are kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not set to an absolute path; set it, or name --config, --state-dir and --socket")]
pub(crate) struct NoHome {
    /// The variable that would have said it.
    pub(crate) variable: &'static str,
}

/// The users who may connect, and those of them who may change settings and policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    /// Every local user may connect. Root, Administrators and the members of the group are
    /// privileged; without a group, root, Administrators and the daemon's own user are.
    System {
        /// The group, where it exists.
        group: Option<PrivilegedGroup>,
    },
    /// Only the user who runs the daemon (and root, who cannot be kept out); they are privileged.
    ThisUser,
}

/// An operating system's name of a user, stable over restarts: `uid:1000`, `sid:S-1-5-21-…`. Fit to
/// be kept and compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UserId(String);

impl UserId {
    /// Somebody, in a test.
    #[cfg(test)]
    pub(crate) fn named(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text that is kept.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The peer at the other end of a local connection, as the kernel identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The user.
    pub(crate) user: UserId,
    /// The process that connected. For messages only: the number may belong to another process by
    /// now.
    pub(crate) pid: Option<u32>,
    /// Whether this peer may change settings and policy. It is found out once, when the peer
    /// connects.
    pub(crate) privileged: bool,
}

/// Why the daemon does not listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// Another daemon (or someone else who has taken the name) listens there.
    #[error("{path} is in use{}; stop that process, or choose another --socket", by(*.pid))]
    AlreadyRunning {
        /// The socket.
        path: SocketPath,
        /// The process, where it can be found out.
        pid: Option<u32>,
    },
    /// Others could tamper with the socket.
    #[error(transparent)]
    Rights(#[from] RightsError),
    #[cfg(unix)]
    /// The name is taken by something that is not a socket and is left alone.
    #[error("{path} is not a socket; move it away, or choose another --socket")]
    NotASocket {
        /// The path at which the socket was to be.
        path: SocketPath,
    },
    /// The operating system refuses.
    #[error("{path} cannot be opened: {source}")]
    Io {
        /// The socket.
        path: SocketPath,
        /// Why.
        source: io::Error,
    },
}

fn by(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}

/// A file or directory is not guarded as it must be, so nothing is done with it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", .path.display())]
pub(crate) struct RightsError {
    /// The file or directory.
    pub(crate) path: PathBuf,
    /// The fault that was found.
    pub(crate) reason: RightsReason,
}

/// The faults that the rights of a file or directory can have.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RightsReason {
    /// It belongs to somebody who is neither this user nor the system.
    #[error(
        "it belongs to {owner}, who may have put it there; look at it, and delete it or give it to whom it should belong ({remedy})"
    )]
    Owner {
        /// The owner.
        owner: UserId,
        /// The command that gives it to somebody who is trusted.
        remedy: String,
    },
    /// Others have rights to it that they must not have.
    #[error("{who} may {right} it; take that right away ({remedy})")]
    Open {
        /// The users who have the right.
        who: String,
        /// The right that they have.
        right: &'static str,
        /// The command that takes it away.
        remedy: String,
    },
    /// It is something else than it must be.
    #[error("it is not {expected}")]
    Kind {
        /// The kind of thing that it must be.
        expected: &'static str,
    },
    /// The rights cannot be read or set.
    #[error("its rights cannot be read or set: {0}")]
    Io(#[from] io::Error),
}

impl RightsReason {
    /// The error that names the path.
    fn of(self, path: &Path) -> RightsError {
        RightsError { path: path.to_owned(), reason: self }
    }
}

/// Why a connection was not accepted. The listener is still good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcceptError {
    /// The operating system gave no connection: out of descriptors or memory. Wait a little before
    /// the next try.
    #[error("no connection could be accepted: {0}")]
    Exhausted(#[source] io::Error),
    /// Somebody connected whose identity could not be established, and was let go.
    #[error("a connection was closed because its user could not be established: {0}")]
    Unidentified(#[source] io::Error),
}
