//! Windows: named pipes with their client's token, ProgramData and AppData, the service control
//! manager.

mod descriptors;
mod folders;
mod listener;
mod memory;
pub(crate) mod paths;
mod preparation;
mod private_file;
mod proxies;
mod registry;
mod rights;
mod scripts;
pub(crate) mod service;
mod sid;
mod stream;
#[cfg(test)]
mod tests;
mod token;

use std::io;

pub(crate) use self::descriptors::raise_descriptor_limit;
pub(crate) use self::folders::FolderWatch;
pub(crate) use self::listener::LocalListener;
pub(crate) use self::memory::return_memory;
pub(crate) use self::preparation::prepare_machine;
pub(crate) use self::private_file::replace_private;
pub(crate) use self::proxies::machine_proxies;
pub(crate) use self::registry::{registry_values, watch_registry};
pub(crate) use self::scripts::EVALUATE_SCRIPT;
pub(crate) use self::stream::LocalStream;

use super::UserId;

/// How an administrator gives this command.
pub(crate) fn as_administrator(command: &str) -> String {
    format!("{command}, in a console that was opened as administrator")
}

/// The local system itself.
const SYSTEM_SID: &str = "S-1-5-18";
/// The group of the administrators.
const ADMINISTRATORS_SID: &str = "S-1-5-32-544";

impl UserId {
    /// The user with this security identifier.
    fn of_sid(sid: &str) -> Self {
        Self(format!("sid:{sid}"))
    }
}

/// The group whose members may change settings and policy, besides the administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrivilegedGroup(String);

impl PrivilegedGroup {
    /// Finds the group by its name; `None` where neither this machine nor its domain has such a
    /// group. May ask a domain controller and block: for the start of the daemon only.
    pub(crate) fn named(name: &str) -> io::Result<Option<Self>> {
        Ok(sid::group_named(name)?.map(Self))
    }
}
