//! Everything that reads bytes which a network, a box on the way or a stranger's program made, each
//! as one function.
//!
//! A function here fails by panicking: on its own account, or because a promise of the parser does
//! not hold. `tests/fuzz` feeds them with what a fuzzer invents, and what it found worth keeping
//! lies in `corpus/NAME` and is replayed by this package's test on every run.

mod challenges;
mod frames;
mod network;
mod pasted;
mod states;

/// One parser under test.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: of the fuzz target, and of the folder of its corpus.
    pub name: &'static str,
    /// Feeds it.
    pub feed: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "certificate", feed: network::certificate },
    Target { name: "challenge", feed: challenges::challenge },
    Target { name: "ntlm", feed: challenges::ntlm },
    Target { name: "http_head", feed: network::http_head },
    Target { name: "connect_answer", feed: network::connect_answer },
    Target { name: "socks_answer", feed: network::socks_answer },
    Target { name: "name_answer", feed: network::name_answer },
    Target { name: "resolv_conf", feed: network::resolv_conf },
    Target { name: "pac_answer", feed: network::pac_answer },
    Target { name: "event_lines", feed: frames::event_lines },
    Target { name: "poll_request", feed: frames::poll_request },
    Target { name: "portal_announcement", feed: network::portal_announcement },
    Target { name: "portal_api", feed: network::portal_api },
    Target { name: "proxy_login", feed: network::proxy_login },
    Target { name: "local_lines", feed: frames::local_lines },
    Target { name: "server_frame", feed: frames::server_frame },
    Target { name: "client_frame", feed: frames::client_frame },
    Target { name: "pasted_link", feed: pasted::pasted_link },
    Target { name: "desktop_settings", feed: pasted::desktop_settings },
    Target { name: "snapshot", feed: states::snapshot },
];

/// Feeds the target of that name.
///
/// # Panics
/// Where the parser's promise does not hold, and where there is no such target.
pub fn feed(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("the target is listed");
    (target.feed)(bytes);
}
