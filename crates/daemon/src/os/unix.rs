//! Linux (and other Unixes): Unix sockets with peer credentials, XDG and FHS places, systemd.

mod activation;
mod directory;
mod folders;
mod listener;
mod lock;
mod memory;
mod occupant;
pub(crate) mod paths;
mod peer;
mod proxies;
mod registry;
pub(crate) mod service;
#[cfg(test)]
mod tests;
mod wake;

pub(crate) use self::folders::FolderWatch;
pub(crate) use self::listener::{LocalListener, LocalStream};
pub(crate) use self::memory::return_memory;
pub(crate) use self::peer::PrivilegedGroup;
pub(crate) use self::proxies::{EVALUATE_SCRIPT, machine_proxies};
pub(crate) use self::registry::registry_values;

use super::UserId;

/// The command with which an administrator asks for the status of the daemon.
pub(crate) const AS_ADMINISTRATOR: &str = "sudo convene status --system";

impl UserId {
    /// The user with this number.
    fn of_uid(uid: u32) -> Self {
        Self(format!("uid:{uid}"))
    }
}
