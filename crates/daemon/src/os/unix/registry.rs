//! There is no registry: files say what policies do.

use std::io;

use crate::os::RegistryValue;

/// None.
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is a registry, which may refuse")]
pub(crate) fn registry_values(_: &str) -> io::Result<Vec<(String, RegistryValue)>> {
    Ok(Vec::new())
}
