//! The server's plain page by which a network's login page is told from the server.

/// Where the page stands: plain HTTP, because a login page can only take the place of what is not
/// encrypted.
pub const CHECK_PORT: u16 = 80;
/// The page's path.
pub const CHECK_PATH: &str = "/v1/check";
/// What the page holds, and no login page does.
pub const CHECK_BODY: &str = "convene check page 1\n";
