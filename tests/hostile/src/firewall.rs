//! The router's treatment of the packets that pass it.

use std::net::TcpListener;

use crate::network::{Network, Place};
use crate::process::must;

/// Where the router terminates what it swallows.
const SWALLOWED: u16 = 9_999;

/// Like every firewall this one tracks connections; the kernel does so only where a rule asks.
const TRACK: &str = "ct state new";

impl Network {
    /// Rules: what a client says first on a connection must be a record of TLS or a request of
    /// HTTP; otherwise nothing of what it says passes.
    pub const TLS_OR_HTTP_ALONE: &str = "meta l4proto tcp ct mark 1 accept
meta l4proto tcp ct direction original tcp flags & psh == psh @ih,0,16 0x1603 ct mark set 1 accept
meta l4proto tcp ct direction original tcp flags & psh == psh @ih,0,32 0x47455420 ct mark set 1 accept
meta l4proto tcp ct direction original tcp flags & psh == psh drop";
    /// Rules: a record of TLS's handshake that the client cannot have put into one packet of an
    /// ordinary network is dropped.
    pub const CLIENT_HELLO_OF_ONE_PACKET: &str =
        "meta l4proto tcp ct direction original tcp flags & psh == psh @ih,0,16 0x1603 @ih,24,16 > 1200 drop";

    /// Replaces the router's rules at one stroke, for what is under way as well: nftables
    /// statements for what it forwards, one per line, such as `tcp dport 443 drop`. A packet that
    /// no rule names passes. The router's own traffic (name server, proxies) is not concerned.
    pub fn filter(&self, rules: &str) {
        self.replace(
            "lab_filter",
            &format!(
                "chain forward {{ type filter hook forward priority 0; policy accept;\n{TRACK}\n{rules}\n}}"
            ),
        );
    }

    /// Lets the server itself drop what the rule matches: to the router it is then something that
    /// passed.
    pub fn deafen_server(&self, rule: &str) {
        let table = format!(
            "table inet deaf {{ chain input {{ type filter hook input priority 0; policy accept;\n{rule} drop\n}}\n}}\n"
        );
        must(self.command(Place::Server, "/usr/sbin/nft").args(["-f", "-"]), &table);
    }

    /// Lets the server itself refuse connections to the port.
    pub fn close_server(&self, port: u16) {
        let table = format!(
            "table inet closed {{ chain input {{ type filter hook input priority 0; policy accept;\ntcp dport {port} reject with tcp reset\n}}\n}}\n"
        );
        must(self.command(Place::Server, "/usr/sbin/nft").args(["-f", "-"]), &table);
    }

    /// From now on the router accepts the connections that the rule matches (such as
    /// `tcp dport 443`) in the server's place, takes what comes and says nothing, for as long as
    /// the listener is kept: the kernel accepts for it, and nobody reads.
    #[must_use]
    pub fn swallow(&self, rule: &str) -> TcpListener {
        let listener = self.listen(Place::Router, SWALLOWED);
        self.redirect(rule, SWALLOWED);
        listener
    }

    /// From now on what the rule matches comes to this port of the router.
    pub(crate) fn redirect(&self, rule: &str, port: u16) {
        let redirect = format!("{rule} redirect to :{port}");
        self.replace(
            "lab_redirect",
            &format!("chain prerouting {{ type nat hook prerouting priority -100;\n{redirect}\n}}"),
        );
    }

    pub(crate) fn replace(&self, table: &str, chains: &str) {
        let rules = format!(
            "table inet {table} {{}}\ndelete table inet {table}\ntable inet {table} {{\n{chains}\n}}\n"
        );
        must(self.command(Place::Router, "/usr/sbin/nft").args(["-f", "-"]), &rules);
    }
}
