//! Join links, made for those who are to be invited.

use convene_conference::{Own, Role};
use convene_local_api::{Connection, ListedSeat};
use convene_model::{JoinCode, JoinLink};

/// The links that an organizer knows, for participants first; none, while the server's ports are
/// not known.
pub(crate) fn invitations(
    own: &Own,
    seat: &ListedSeat,
    connection: Option<&Connection>,
) -> Vec<(Role, JoinLink)> {
    let (Some(codes), Some(connection)) = (own.codes(), connection) else { return Vec::new() };
    let link = |(code, role): (&JoinCode, &Role)| (*role, seat.join_link(connection, *code));
    let mut links: Vec<(Role, JoinLink)> = codes.by_code.iter().map(link).collect();
    links.sort_by_key(|(role, _)| *role);
    links
}
