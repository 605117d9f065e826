//! Linux (and other Unixes): Unix sockets with peer credentials, XDG and FHS places, systemd.

mod activation;
mod descriptors;
mod directory;
mod folders;
mod listener;
mod lock;
mod memory;
mod occupant;
pub(crate) mod paths;
mod peer;
mod private_file;
mod proxies;
mod registry;
pub(crate) mod service;
#[cfg(test)]
mod tests;
mod wake;

pub(crate) use self::descriptors::raise_descriptor_limit;
pub(crate) use self::folders::FolderWatch;
pub(crate) use self::listener::{LocalListener, LocalStream};
pub(crate) use self::memory::return_memory;
pub(crate) use self::peer::PrivilegedGroup;
pub(crate) use self::private_file::replace_private;
pub(crate) use self::proxies::{EVALUATE_SCRIPT, machine_proxies};
pub(crate) use self::registry::registry_values;

use super::UserId;

/// How an administrator gives this command.
pub(crate) fn as_administrator(command: &str) -> String {
    format!("sudo {command}")
}

impl UserId {
    /// The user with this number.
    fn of_uid(uid: u32) -> Self {
        Self(format!("uid:{uid}"))
    }
}
