//! Real proxies on the router.

mod accounts;
mod apache;
mod dante;
mod inspector;
mod mitmproxy;
mod privoxy;
mod scripted;
mod ssh;
mod tickets;

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

pub use self::accounts::Accounts;
pub use self::scripted::{Asked, Script, Scripted, Step};
pub use self::tickets::{Standing, TicketOffice};
use crate::network::{Network, Place};
use crate::process::{Process, read};

const SQUID_PORT: u16 = 3_128;
const TINYPROXY_PORT: u16 = 8_888;
/// The stored form of [`Login::PLAIN`] for Digest: user, realm, and MD5 of `anna:lab:secret`.
const DIGEST_USER: &str = "anna:lab:bdc1a5c788d158272bb14f519a5ad279\n";

/// A user of a proxy, with the password as squid's `basic_ncsa_auth` wants it
/// (`openssl passwd -apr1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: &'static str,
    /// The password.
    pub password: &'static str,
    hash: &'static str,
}

/// A proxy on the router, until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    _process: Process,
    address: SocketAddr,
    /// Whether it wants TLS itself.
    is_secured: bool,
    log: PathBuf,
}

impl Login {
    /// Nothing special.
    pub const PLAIN: Self =
        Self { user: "anna", password: "secret", hash: "$apr1$convene2$slfbFlhwfs4qjklaNj/jV0" };
    /// The password holds what has a meaning in URLs and in Basic.
    pub const AWKWARD: Self =
        Self { user: "anna", password: "se:cr@et", hash: "$apr1$convene1$IYjgAVdtkbB87Ii1LrWps0" };
}

/// The rules that tell squid of a way to log in.
fn login_rules(scheme: &str, program: &str) -> String {
    format!(
        "auth_param {scheme} program {program}\nauth_param {scheme} children 1 startup=1\nauth_param {scheme} realm lab\n\
         acl known proxy_auth REQUIRED\nhttp_access deny !known\n"
    )
}

impl Proxy {
    /// squid, for the given ports only (any, if there are none) and with Basic, if there is a
    /// login. It answers 403 for other ports and 407 for other logins.
    pub fn squid(network: &Network, ports: &[u16], login: Option<Login>) -> Self {
        let rules = login.map(|login| Self::basic_rules(network, login)).unwrap_or_default();
        Self::squid_with(network, ports, &rules)
    }

    fn basic_rules(network: &Network, Login { user, hash, .. }: Login) -> String {
        let users = network.scratch().join("squid-users");
        fs::write(&users, format!("{user}:{hash}\n")).expect("the lab writes to its directory");
        login_rules("basic", &format!("/usr/lib/squid/basic_ncsa_auth {}", users.display()))
    }

    /// squid for port 443, with Digest (MD5, the only hash that it knows) for [`Login::PLAIN`].
    pub fn squid_with_digest(network: &Network) -> Self {
        Self::squid_with(network, &[443], &Self::digest_rules(network))
    }

    fn digest_rules(network: &Network) -> String {
        let users = network.scratch().join("squid-digest-users");
        fs::write(&users, DIGEST_USER).expect("the lab writes to its directory");
        login_rules("digest", &format!("/usr/lib/squid/digest_file_auth -c {}", users.display()))
    }

    /// squid for port 443 with Basic and Digest: Digest takes [`Login::PLAIN`] and Basic takes
    /// [`Login::AWKWARD`].
    pub fn squid_with_two_ways(network: &Network) -> Self {
        let rules = Self::basic_rules(network, Login::AWKWARD) + &Self::digest_rules(network);
        Self::squid_with(network, &[443], &rules)
    }

    /// squid for port 443, which lets each client have so many connections and answers 403 on more.
    pub fn squid_for_few_connections(network: &Network, count: usize) -> Self {
        Self::squid_with(network, &[443], &format!("acl crowd maxconn {count}\nhttp_access deny crowd\n"))
    }

    fn squid_with(network: &Network, ports: &[u16], login: &str) -> Self {
        Self::squid_by(network, network.command(Place::Router, "/usr/sbin/squid"), ports, login)
    }

    fn squid_by(network: &Network, mut command: Command, ports: &[u16], login: &str) -> Self {
        let directory = network.scratch();
        let address = SocketAddr::new(network.router(), SQUID_PORT);
        let access = directory.join("squid-access.log");
        // squid gives up root before it writes.
        let cache = directory.join("squid-cache.log");
        for log in [&access, &cache] {
            fs::write(log, "").expect("the lab writes to its directory");
            fs::set_permissions(log, Permissions::from_mode(0o666)).expect("the lab owns its files");
        }
        let mut rules = login.to_owned();
        if !ports.is_empty() {
            let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
            rules += &format!("acl allowed port {}\nhttp_access deny !allowed\n", ports.join(" "));
        }
        let configuration = format!(
            "http_port {address}\nvisible_hostname proxy.test\n{rules}http_access allow all\n\
             dns_nameservers {}\ncache deny all\ncache_mem 1 MB\nmemory_cache_shared off\npinger_enable off\n\
             pid_filename none\nmax_filedescriptors 1024\ncoredump_dir none\n\
             access_log stdio:{}\ncache_log {}\nlogfile_rotate 0\nbuffered_logs off\n",
            network.router(),
            access.display(),
            cache.display(),
        );
        command.args(["-N", "-f"]);
        Self::start(network, command, "squid", &configuration, address, access)
    }

    /// squid for port 443, with NTLM that checks the form of the messages and no password:
    /// `ntlm_fake_auth`.
    pub fn squid_with_ntlm_of_any_password(network: &Network) -> Self {
        let rules = login_rules("ntlm", "/usr/lib/squid/ntlm_fake_auth -v")
            .replace("auth_param ntlm realm lab\n", "");
        Self::squid_with(network, &[443], &rules)
    }

    /// tinyproxy, as [`Proxy::squid`]; for a wrong login it answers 401. Only [`Login::PLAIN`] can
    /// be written in its configuration.
    pub fn tinyproxy(network: &Network, ports: &[u16], login: Option<Login>) -> Self {
        let address = SocketAddr::new(network.router(), TINYPROXY_PORT);
        let log = network.scratch().join("tinyproxy-access.log");
        let mut configuration = format!(
            "Listen {}\nPort {}\nTimeout 600\nMaxClients 50\nLogFile \"{}\"\n",
            address.ip(),
            address.port(),
            log.display()
        );
        for port in ports {
            configuration += &format!("ConnectPort {port}\n");
        }
        if let Some(Login { user, password, .. }) = login {
            configuration += &format!("BasicAuth {user} {password}\n");
        }
        let mut command = network.command(Place::Router, "/usr/bin/tinyproxy");
        command.args(["-d", "-c"]);
        Self::start(network, command, "tinyproxy", &configuration, address, log)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL without a login, as it stands in settings.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.is_secured { "https" } else { "http" }, self.address)
    }

    /// Its log of the requests that it got.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    fn start(
        network: &Network,
        mut command: Command,
        name: &str,
        configuration: &str,
        address: SocketAddr,
        log: PathBuf,
    ) -> Self {
        let file = network.scratch().join(format!("{name}.conf"));
        fs::write(&file, configuration).expect("the lab writes to its directory");
        let process = Process::start(command.arg(file), network.scratch().join(format!("{name}.log")));
        network.await_listener(Place::Client, address);
        Self { _process: process, address, is_secured: false, log }
    }
}
