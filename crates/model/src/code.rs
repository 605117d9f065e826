//! The codes by which a failed attempt is told. Sentences are made from them in `wording`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::join_link::Fingerprint;

/// Declares an enum of codes that print, parse and travel as the given words.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All codes, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code's word, as it stands in every output.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// The stage that an attempt had reached when it failed.
    Stage {
        /// Looking up a name.
        Dns = "dns",
        /// Opening the TCP connection, to the server or to the proxy.
        Tcp = "tcp",
        /// Talking to the proxy.
        Proxy = "proxy",
        /// The TLS handshake with the server.
        Tls = "tls",
        /// The HTTP exchange that opens the carrier.
        Http = "http",
        /// Waiting for the server's hello.
        Hello = "hello",
    }
}

codes! {
    /// The cause of a failure.
    Code {
        /// The name does not exist.
        NameNotFound = "name_not_found",
        /// No name server answered in time.
        DnsTimedOut = "dns_timed_out",
        /// The name lookup failed for another reason.
        DnsFailed = "dns_failed",
        /// The connection was refused (TCP reset, or ICMP port unreachable).
        Refused = "refused",
        /// No answer in time.
        TimedOut = "timed_out",
        /// This machine has no way there, or its router does not answer.
        Unreachable = "unreachable",
        /// A firewall says that the way is forbidden, or a router that it does not find the host
        /// (ICMP host or net unreachable): systems do not tell these apart.
        Forbidden = "forbidden",
        /// The connection was reset after it stood.
        Reset = "reset",
        /// The other side closed the connection without a word.
        Closed = "closed",
        /// The operating system refused: no network, no address, no free socket.
        LocalError = "local_error",
        /// The address is loopback or link-local and the configuration does not name it.
        AddressNotAllowed = "address_not_allowed",
        /// The proxy wants a login and none is known.
        ProxyLoginNeeded = "proxy_login_needed",
        /// The proxy refused the login that is known.
        ProxyLoginRejected = "proxy_login_rejected",
        /// The proxy offers only ways to log in that are not supported.
        ProxySchemeUnsupported = "proxy_scheme_unsupported",
        /// The proxy does not let this target through.
        ProxyForbidden = "proxy_forbidden",
        /// The proxy could not reach the server.
        ProxyTargetUnreachable = "proxy_target_unreachable",
        /// Something answers at the proxy's address, but it does not talk like a proxy.
        ProxyBroken = "proxy_broken",
        /// The SOCKS proxy failed and does not say why (RFC 1928, section 6: reply 01).
        SocksFailed = "socks_failed",
        /// The SOCKS proxy's rules forbid the target (02).
        SocksForbidden = "socks_forbidden",
        /// The SOCKS proxy has no way to the target's network (03).
        SocksNetworkUnreachable = "socks_network_unreachable",
        /// The SOCKS proxy has no way to the target's host (04).
        SocksHostUnreachable = "socks_host_unreachable",
        /// The target refused the SOCKS proxy's connection (05).
        SocksTargetRefused = "socks_target_refused",
        /// The SOCKS proxy's packets did not live long enough (06).
        SocksTtlExpired = "socks_ttl_expired",
        /// The SOCKS proxy opens no connections for others (07).
        SocksCommandUnsupported = "socks_command_unsupported",
        /// The SOCKS proxy does not know this kind of address (08).
        SocksAddressUnsupported = "socks_address_unsupported",
        /// The automatic proxy configuration (PAC) could not be fetched.
        PacUnreachable = "pac_unreachable",
        /// The automatic proxy configuration (PAC) failed: an error in it, or a limit of time or
        /// memory.
        PacFailed = "pac_failed",
        /// The automatic proxy configuration (PAC) is not run on this machine: the process for it
        /// cannot be started, or cannot give up its rights.
        PacNotRun = "pac_not_run",
        /// The automatic proxy configuration (PAC) names no proxy for the server, and the direct
        /// ways fail.
        PacSaysDirect = "pac_says_direct",
        /// Something answers, but it does not speak TLS.
        NotTls = "not_tls",
        /// The TLS handshake failed: no common cipher, or an alert.
        TlsFailed = "tls_failed",
        /// Something answers, but it speaks only versions of TLS that are too old.
        TlsVersion = "tls_version",
        /// A handshake with the server's name is cut off, one without it is answered: something
        /// filters by name.
        NameFiltered = "name_filtered",
        /// The certificate's issuer is not trusted here.
        CertificateUntrusted = "certificate_untrusted",
        /// The certificate has expired.
        CertificateExpired = "certificate_expired",
        /// The certificate is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// The certificate's key or signature is too weak for what is trusted today.
        CertificateWeak = "certificate_weak",
        /// The certificate is not for servers (RFC 5280, section 4.2.1.12).
        CertificateWrongPurpose = "certificate_wrong_purpose",
        /// The certificate of the authority that issued the server's, as this machine has it, has
        /// expired.
        AuthorityExpired = "authority_expired",
        /// The certificate counts, and this machine's clock does not: another clock was heard.
        ClockWrong = "clock_wrong",
        /// The certificate is for another name.
        CertificateWrongName = "certificate_wrong_name",
        /// The server's key is not the one that the join link names.
        FingerprintMismatch = "fingerprint_mismatch",
        /// TLS is inspected and the policy refuses that.
        InspectionRefused = "inspection_refused",
        /// The server's port answered with a web page instead of the carrier.
        BlockPage = "block_page",
        /// A network's login page stands between this machine and everything else.
        CaptivePortal = "captive_portal",
        /// A box on the way keeps answers back until they are whole, so nothing can be streamed.
        ResponseHeld = "response_held",
        /// The HTTP answer has a status that refuses the carrier.
        HttpRefused = "http_refused",
        /// Something answered, but the answer is not HTTP.
        NotHttp = "not_http",
        /// The pipe stands, but no hello came in time.
        NoHello = "no_hello",
        /// Something answered the hello, but it is not a Convene server.
        NotOurServer = "not_our_server",
        /// The server speaks no version that this program speaks.
        VersionUnsupported = "version_unsupported",
        /// The server asks to come back later.
        ServerBusy = "server_busy",
    }
}

codes! {
    /// The thing to do about a failure.
    Remedy {
        /// Nothing: the program goes on trying by itself.
        Wait = "wait",
        /// Check the network connection of this machine.
        CheckNetwork = "check_network",
        /// Check the server's name in the join link.
        CheckServerName = "check_server_name",
        /// Ask the administrator to allow the conference ports or 443 to the server.
        AllowServer = "allow_server",
        /// Ask the administrator to allow the server in the proxy.
        AllowServerInProxy = "allow_server_in_proxy",
        /// Give the proxy's user and password.
        SetProxyLogin = "set_proxy_login",
        /// Check the proxy's address.
        CheckProxy = "check_proxy",
        /// Check this machine's date and time.
        CheckClock = "check_clock",
        /// Ask the administrator about the certificate that inspects TLS, or add it.
        AddInspectionCertificate = "add_inspection_certificate",
        /// Ask the organizer for a new join link.
        AskForNewLink = "ask_for_new_link",
        /// Update this program.
        UpdateProgram = "update_program",
        /// The operator of the server has to update it.
        UpdateServer = "update_server",
        /// Open a browser and log in to the network.
        LogInToNetwork = "log_in_to_network",
        /// Name a proxy by hand.
        SetProxy = "set_proxy",
        /// Ask the administrator about the automatic proxy configuration.
        CheckPac = "check_pac",
        /// Those who run the server have to look after it: it does not answer, or shows a
        /// certificate that no machine may take.
        AskOperator = "ask_operator",
    }
}

codes! {
    /// Whose turn it is.
    Addressee {
        /// Nobody's: the program goes on by itself.
        Nobody = "nobody",
        /// Those who sit in front of this machine.
        User = "user",
        /// Those who sent the join link.
        Inviter = "inviter",
        /// Those who run the server.
        Operator = "operator",
        /// Those who look after this machine or its network.
        Administrator = "administrator",
    }
}

impl Remedy {
    /// Whose turn it is. A letter is of use to an administrator alone.
    pub const fn addressee(self) -> Addressee {
        match self {
            Self::Wait => Addressee::Nobody,
            Self::CheckNetwork | Self::SetProxyLogin | Self::CheckClock | Self::LogInToNetwork => {
                Addressee::User
            }
            Self::CheckServerName | Self::AskForNewLink => Addressee::Inviter,
            Self::UpdateServer | Self::AskOperator => Addressee::Operator,
            Self::AllowServer
            | Self::AllowServerInProxy
            | Self::CheckProxy
            | Self::AddInspectionCertificate
            | Self::UpdateProgram
            | Self::SetProxy
            | Self::CheckPac => Addressee::Administrator,
        }
    }

    /// How much a failure with this remedy says of why nothing works: the further a way came, the
    /// more. A closed port beside a server that shows another key is not the cause, nor is a name
    /// that only the proxy can look up.
    const fn weight(self) -> u8 {
        match self {
            Self::Wait => 0,
            Self::CheckNetwork => 1,
            Self::CheckServerName => 2,
            Self::SetProxy | Self::CheckProxy | Self::CheckPac => 3,
            Self::AllowServer => 4,
            Self::AllowServerInProxy => 5,
            Self::SetProxyLogin => 6,
            Self::AddInspectionCertificate => 7,
            Self::AskOperator => 8,
            Self::AskForNewLink => 9,
            Self::CheckClock => 10,
            Self::UpdateProgram | Self::UpdateServer => 11,
            Self::LogInToNetwork => 12,
        }
    }
}

/// One failed attempt to reach a server: what a status lists and a letter quotes. Fields are only
/// ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// The stage that it had reached.
    pub stage: Stage,
    /// The target that was tried, as `host:port`, with the proxy behind ` via ` where there was
    /// one. It holds no login.
    pub target: String,
    /// The cause of the failure.
    pub code: Code,
    /// Milliseconds from the attempt's start to its failure.
    pub ms: u64,
    /// The thing to do about the failure.
    pub remedy: Remedy,
    /// The traces of the box in the way, where it left any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// Stands in the place of ports while failures are grouped: no target holds it.
const PORT_MARK: char = '\u{0}';

/// Ports in order, neighbours as a range: `443, 4500-4506`.
fn listed(mut ports: Vec<u16>) -> String {
    ports.sort_unstable();
    ports.dedup();
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(port) => *last = port,
            Some(_) | None => ranges.push((port, port)),
        }
    }
    let range = |(first, last): &(u16, u16)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}

impl Attempt {
    /// Of the failures of one server the one that says most of why it is not reached: the first of
    /// several.
    pub fn decisive<'a>(attempts: impl IntoIterator<Item = &'a Self>) -> Option<&'a Self> {
        attempts.into_iter().fold(None, |known: Option<&'a Self>, attempt| {
            known.filter(|known| known.weight() >= attempt.weight()).or(Some(attempt))
        })
    }

    /// The failures, with those as one that differ in the port alone, at the place of the first:
    /// `host:443, 4500-4506`, and the longest of their times.
    pub fn grouped(attempts: &[Self]) -> Vec<Self> {
        let mut groups: Vec<(Self, Vec<u16>)> = Vec::new();
        for attempt in attempts {
            let (target, port) = attempt.place();
            let one = Self { target, ..attempt.clone() };
            let is_alike = |known: &Self| {
                let Self { ms, .. } = known;
                *known == Self { ms: *ms, ..one.clone() }
            };
            match groups
                .iter_mut()
                .find(|(known, ports)| port.is_some() && !ports.is_empty() && is_alike(known))
            {
                Some((known, ports)) => {
                    known.ms = known.ms.max(one.ms);
                    ports.extend(port);
                }
                None => groups.push((one, port.into_iter().collect())),
            }
        }
        let shown = |(group, ports): (Self, Vec<u16>)| {
            let target = group.target.replacen(PORT_MARK, &listed(ports), 1);
            Self { target, ..group }
        };
        groups.into_iter().map(shown).collect()
    }

    /// The target with a mark in the place of the server's port, and that port.
    fn place(&self) -> (String, Option<u16>) {
        let (server, via) = self.target.split_at(self.target.find(' ').unwrap_or(self.target.len()));
        let split = server.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        match split {
            Some((host, port)) => (format!("{host}:{PORT_MARK}{via}"), Some(port)),
            None => (self.target.clone(), None),
        }
    }

    /// A name that the certificate does not bear says more than one that is not found.
    const fn weight(&self) -> u8 {
        if matches!(self.code, Code::CertificateWrongName | Code::NotOurServer) {
            Remedy::AskForNewLink.weight()
        } else {
            self.remedy.weight()
        }
    }
}

/// The traces that a box on the way leaves. Its texts come from a network: at most 200 characters
/// each, without control and format characters, but they may say anything. Fields are only ever
/// added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The box's name for itself: the issuer of its certificate, or its headers `Server`, `Via` or
    /// `Proxy-agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The key of the certificate that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The status of its HTTP answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The ways to log in that it offers, by name, at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemes: Vec<String>,
    /// The page to which it sends browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(code: Code, remedy: Remedy) -> Attempt {
        let target = "conference.test:443".to_owned();
        Attempt { stage: Stage::Tcp, target, code, ms: 1, remedy, evidence: None }
    }

    #[test]
    fn failures_that_differ_in_the_port_alone_are_one() {
        let at = |target: &str, ms| Attempt {
            target: target.to_owned(),
            ms,
            ..attempt(Code::TimedOut, Remedy::AllowServer)
        };
        let refused = |target: &str| Attempt { code: Code::Refused, ..at(target, 1) };
        let attempts = [
            at("a.test:4500", 1),
            refused("a.test:4502"),
            at("a.test:4501", 9),
            at("a.test:443", 3),
            at("a.test:443 via p.test:3128", 4),
            at("a.test", 5),
            at("a.test", 6),
            at("[2001:db8::1]:443", 7),
        ];
        let grouped = Attempt::grouped(&attempts);
        let shown: Vec<_> = grouped.iter().map(|one| (one.target.as_str(), one.ms)).collect();
        assert_eq!(
            shown,
            [
                ("a.test:443, 4500-4501", 9),
                ("a.test:4502", 1),
                ("a.test:443 via p.test:3128", 4),
                ("a.test", 5),
                ("a.test", 6),
                ("[2001:db8::1]:443", 7),
            ]
        );
    }

    #[test]
    fn what_came_furthest_says_whose_turn_it_is() {
        let closed = attempt(Code::TimedOut, Remedy::AllowServer);
        for (code, remedy, addressee) in [
            (Code::FingerprintMismatch, Remedy::AskForNewLink, Addressee::Inviter),
            (Code::AddressNotAllowed, Remedy::AskForNewLink, Addressee::Inviter),
            (Code::CertificateWrongName, Remedy::CheckServerName, Addressee::Inviter),
            (Code::CertificateUntrusted, Remedy::AddInspectionCertificate, Addressee::Administrator),
            (Code::Refused, Remedy::AskOperator, Addressee::Operator),
            (Code::CaptivePortal, Remedy::LogInToNetwork, Addressee::User),
            (Code::NameNotFound, Remedy::CheckServerName, Addressee::Administrator),
            (Code::PacSaysDirect, Remedy::SetProxy, Addressee::Administrator),
        ] {
            let attempts = [closed.clone(), attempt(code, remedy), closed.clone()];
            let decisive = Attempt::decisive(&attempts).unwrap();
            assert_eq!(decisive.remedy.addressee(), addressee, "{code}");
        }
        let unknown = [attempt(Code::NameNotFound, Remedy::CheckServerName)];
        assert_eq!(Attempt::decisive(&unknown), unknown.first());
        assert_eq!(Attempt::decisive(&[]), None);
    }
}
