//! Join links, made for those who are to come in.

use convene_model::{JoinCode, JoinLink};

use super::{Connection, ListedSeat};

impl ListedSeat {
    /// The join link with this code to the conference of this seat, whose server is reached by
    /// `connection`.
    pub fn join_link(&self, connection: &Connection, code: JoinCode) -> JoinLink {
        JoinLink {
            host: self.server.clone(),
            https_port: connection.https_port,
            code,
            fingerprint: self.fingerprint,
            ports: connection.ports,
        }
    }
}
