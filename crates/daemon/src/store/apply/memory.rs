//! The things that are kept beside the seats, each under a key.
//!
//! A key that is a user's ends with a space and that user. What only helps is kept for each user up
//! to a limit, and only that user's own oldest row makes room; what is needed is never let go.

use rusqlite::{Connection, Result, params};

use super::run;

/// The beginnings of keys under which something stands that helps and is not needed.
const HELPS: [&str; 2] = ["routes ", "addresses of "];
/// Rows of each of these that one user has: one for each server, and nobody has so many.
const HELPS_PER_USER_MAX: i64 = 256;
/// The beginning of keys under which it stands that a login was rejected. These keys name nobody,
/// as an account is locked whoever shows its password; their value ends with the user.
const REJECTION: &str = "rejected login ";
/// Rejections of one user: a person has one or two.
const REJECTIONS_PER_USER_MAX: i64 = 256;

/// The user whose a key is, or another last word.
pub(crate) fn owner(key: &str) -> &str {
    key.rsplit(' ').next().unwrap_or_default()
}

/// Lets go what was kept under this key.
pub(crate) fn unremember(connection: &Connection, key: &str) -> Result<()> {
    run(connection, "DELETE FROM memory WHERE key = ?1", params![key])
}

/// Keeps a value under its key. Where that is one more help of a user's, the one that was kept
/// longest ago goes.
pub(crate) fn remember(connection: &Connection, key: &str, value: &[u8]) -> Result<()> {
    // A replaced row gets a new number: the highest numbers are the latest.
    run(connection, "INSERT OR REPLACE INTO memory (key, value) VALUES (?1, ?2)", params![key, value])?;
    if let Some(kind) = HELPS.into_iter().find(|kind| key.starts_with(*kind)) {
        let whose = format!(" {}", owner(key));
        return run(
            connection,
            "DELETE FROM memory WHERE rowid IN (SELECT rowid FROM memory
                 WHERE substr(key, 1, length(?1)) = ?1 AND substr(key, -length(?2)) = ?2
                 ORDER BY rowid DESC LIMIT -1 OFFSET ?3)",
            params![kind, whose, HELPS_PER_USER_MAX],
        );
    }
    let noted = std::str::from_utf8(value).ok().filter(|_| key.starts_with(REJECTION));
    let Some((_, user)) = noted.and_then(|noted| noted.rsplit_once(' ')) else { return Ok(()) };
    run(
        connection,
        "DELETE FROM memory WHERE rowid IN (SELECT rowid FROM memory
             WHERE substr(key, 1, length(?1)) = ?1 AND substr(CAST(value AS TEXT), -length(?2)) = ?2
             ORDER BY rowid DESC LIMIT -1 OFFSET ?3)",
        params![REJECTION, format!(" {user}"), REJECTIONS_PER_USER_MAX],
    )
}
