//! A user of the daemon's machine: what such a one says at its socket.

use convene_model::limits::REQUEST_PARAMS_BYTES_MAX;
use convene_model::{Fingerprint, JoinCode, JoinLink, PortRange};
use serde_json::{Value, json};

/// Bytes of a line's largest part: a line may have a little more.
const FAT_BYTES: usize = 1_000_000;
/// The same of parameters that are just read.
const READ_BYTES: usize = REQUEST_PARAMS_BYTES_MAX - 128;
/// Bytes of an offer, and words of a hello, that fill a line.
const OFFER_BYTES: usize = 900_000;
const HELLO_WORDS: usize = 55_000;
/// A word of a hello, and the bytes that it takes.
const WORD: &str = "proxy.password";
const WORD_BYTES: usize = WORD.len() + r#""","#.len();
/// The code in every link: nobody has the conference.
const CODE: JoinCode = JoinCode([7; 16]);

/// A script that names no proxy, and does not end by itself.
pub const ENDLESS_SCRIPT: &str = "function FindProxyForURL(url, host) { while (true) {} }";

/// A call as a line says it.
pub fn line(method: &str, params: &Value) -> String {
    format!("{}\n", json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
}

/// Lines of a megabyte each, and at last one with parameters as long as they may be. A watch goes
/// on for as long as its frontend, an unknown method might be repeated, and an id is.
pub fn fat_lines() -> [String; 4] {
    let ignored = "x".repeat(FAT_BYTES);
    let watch = |bytes: usize| line("connection.watch", &json!({ "a": "x".repeat(bytes) }));
    [
        watch(FAT_BYTES),
        line(&ignored, &json!({})),
        format!("{}\n", json!({ "jsonrpc": "2.0", "id": ignored, "method": "hello" })),
        watch(READ_BYTES),
    ]
}

/// Calls that are cheap to make and might be dear to answer: two in lines as long as one may be,
/// and again with parameters as long as they may be.
pub fn dear_lines() -> [String; 5] {
    let offer = |bytes: usize| {
        let offered = json!([{ "name": "gnome", "exceptions": ["x".repeat(bytes)] }]);
        line("proxy.offer", &json!({ "sources": offered }))
    };
    let hello = |words: usize| line("hello", &json!({ "answers": vec![WORD; words] }));
    [
        line("rpc.discover", &json!({})),
        offer(OFFER_BYTES),
        hello(HELLO_WORDS),
        offer(READ_BYTES),
        hello(READ_BYTES / WORD_BYTES),
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
    fn lines_and_their_parameters_are_as_long_as_they_may_be() {
        let ([fat @ .., watch], [_, offer, hello, read @ ..]) = (fat_lines(), dear_lines());
        for line in fat.iter().chain([&offer, &hello]) {
            let bytes = line.len();
            assert!((890_000..=LOCAL_LINE_BYTES_MAX).contains(&bytes), "{bytes} bytes");
            serde_json::from_str::<Value>(line).unwrap();
        }
        for line in read.iter().chain([&watch]) {
            let bytes = serde_json::from_str::<Value>(line).unwrap()["params"].to_string().len();
            assert!(
                (REQUEST_PARAMS_BYTES_MAX * 9 / 10..=REQUEST_PARAMS_BYTES_MAX).contains(&bytes),
                "{bytes}"
            );
        }
    }

    #[test]
    fn links_lead_to_as_many_servers_as_there_are_pairs() {
        let links = [(1, 0), (1, 1), (2, 0)].map(|(port, key)| link(port, 9, key).unwrap().to_string());
        assert!(links[0] != links[1] && links[0] != links[2], "{links:?}");
        assert!(links.iter().all(|text| text.parse::<JoinLink>().is_ok()), "{links:?}");
    }
}
