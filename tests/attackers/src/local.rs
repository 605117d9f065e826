//! A user of the daemon's machine: what such a one says at its socket.

use convene_model::{Fingerprint, JoinCode, JoinLink, PortRange};
use serde_json::{Value, json};

/// Bytes of a line's largest part: a line may have a little more.
const FAT_BYTES: usize = 1_000_000;
/// Bytes of an offer, and words of a hello, that fill a line.
const OFFER_BYTES: usize = 900_000;
const HELLO_WORDS: usize = 55_000;
/// The code in every link: nobody has the conference.
const CODE: JoinCode = JoinCode([7; 16]);

/// A script that names no proxy, and does not end by itself.
pub const ENDLESS_SCRIPT: &str = "function FindProxyForURL(url, host) { while (true) {} }";

/// A call as a line says it.
pub fn line(method: &str, params: &Value) -> String {
    format!("{}\n", json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
}

/// Lines of a megabyte each. A watch goes on for as long as its frontend, an unknown method might
/// be repeated, and an id is.
pub fn fat_lines() -> [String; 3] {
    let ignored = "x".repeat(FAT_BYTES);
    [
        line("connection.watch", &json!({ "a": ignored })),
        line(&ignored, &json!({})),
        format!("{}\n", json!({ "jsonrpc": "2.0", "id": ignored, "method": "hello" })),
    ]
}

/// Calls that are cheap to make and might be dear to answer.
pub fn dear_lines() -> [String; 3] {
    let offered = json!([{ "name": "gnome", "exceptions": ["x".repeat(OFFER_BYTES)] }]);
    [
        line("rpc.discover", &json!({})),
        line("proxy.offer", &json!({ "sources": offered })),
        line("hello", &json!({ "answers": vec!["proxy.password"; HELLO_WORDS] })),
    ]
}

/// A link to this port of this machine. Each pair of a port by which it is known and a key is
/// another server, whoever is there. `None` for port 0.
pub fn link(known_by: u16, port: u16, key: u64) -> Option<JoinLink> {
    let mut fingerprint = [0; 32];
    for (byte, of_key) in fingerprint.iter_mut().zip(key.to_be_bytes()) {
        *byte = of_key;
    }
    Some(JoinLink {
        host: "localhost".to_owned(),
        https_port: known_by,
        code: CODE,
        fingerprint: Some(Fingerprint(fingerprint)),
        ports: PortRange::new(port, port)?,
    })
}

/// The parameters of a join that waits for so long.
pub fn join(link: &JoinLink, wait_ms: u64) -> Value {
    json!({ "link": link.to_string(), "name": "Mallory", "wait_ms": wait_ms })
}

#[cfg(test)]
mod tests {
    use convene_model::limits::LOCAL_LINE_BYTES_MAX;

    use super::*;

    #[test]
    fn every_line_is_as_long_as_one_may_be() {
        for line in fat_lines().iter().chain(&dear_lines()[1..]) {
            let bytes = line.len();
            assert!((890_000..=LOCAL_LINE_BYTES_MAX).contains(&bytes), "{bytes} bytes");
            serde_json::from_str::<Value>(line).unwrap();
        }
    }

    #[test]
    fn links_lead_to_as_many_servers_as_there_are_pairs() {
        let links = [(1, 0), (1, 1), (2, 0)].map(|(port, key)| link(port, 9, key).unwrap().to_string());
        assert!(links[0] != links[1] && links[0] != links[2], "{links:?}");
        assert!(links.iter().all(|text| text.parse::<JoinLink>().is_ok()), "{links:?}");
    }
}
