//! The server's plain page by which a network's login page is told from the server.

/// The port of the page. It speaks plain HTTP, because a login page can only take the place of a
/// page that is not encrypted.
pub const CHECK_PORT: u16 = 80;
/// The page's path.
pub const CHECK_PATH: &str = "/v1/check";
/// The text of the page. No login page holds it.
pub const CHECK_BODY: &str = "convene check page 1\n";
