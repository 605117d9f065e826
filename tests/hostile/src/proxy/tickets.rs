//! squid with Kerberos, against a key distribution centre of the lab's own.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Proxy, login_rules};
use crate::authority::Authority;
use crate::network::{Network, Place};
use crate::process::{Process, must};

const REALM: &str = "CORP.TEST";
/// Tickets are for names; the client's `/etc/hosts` knows this one.
const PROXY_NAME: &str = "proxy.corp.test";
const PORT: u16 = 88;
/// Where squid speaks TLS itself.
const TLS_PORT: u16 = 3_129;
/// The principal of a machine that has a key of its own instead of a person's ticket.
const MACHINE: &str = "convene/client.corp.test";

/// The means behind a program that wants a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nobody,
    /// The ticket of the user `anna` in a cache.
    Person,
    /// No ticket yet, and a key of the machine's own, with which the library gets one.
    Machine,
}

/// A key distribution centre on the router with the user `anna`, until it is dropped.
#[derive(Debug)]
pub struct TicketOffice {
    _process: Process,
    directory: PathBuf,
}

impl TicketOffice {
    /// Makes the realm, its user and the proxy's key, and opens.
    pub fn open(network: &Network) -> Self {
        let directory = network.scratch().join("kerberos");
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        let (here, router) = (directory.display(), network.router());
        let of_clients = format!(
            "[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = false\n\
             dns_canonicalize_hostname = false\n[realms]\n{REALM} = {{\nkdc = {router}:{PORT}\n}}\n\
             [domain_realm]\n.corp.test = {REALM}\n"
        );
        let of_office = format!(
            "[kdcdefaults]\nkdc_listen = {PORT}\nkdc_tcp_listen = {PORT}\n[realms]\n{REALM} = {{\n\
             database_name = {here}/principal\nkey_stash_file = {here}/stash\nacl_file = {here}/acl\n}}\n\
             [logging]\nkdc = FILE:{here}/kdc.log\n"
        );
        for (file, text) in [("krb5.conf", of_clients), ("kdc.conf", of_office), ("acl", String::new())] {
            fs::write(directory.join(file), text).expect("the lab writes to its directory");
        }
        let office = |program: &str| in_realm(network.command(Place::Router, program), &directory);
        must(office("/usr/sbin/kdb5_util").args(["create", "-s", "-P", "master", "-r", REALM]), "");
        let keytab = directory.join("keytab");
        for query in [
            "addprinc -pw secret anna".to_owned(),
            format!("addprinc -randkey HTTP/{PROXY_NAME}"),
            format!("ktadd -k {} HTTP/{PROXY_NAME}", keytab.display()),
            format!("addprinc -randkey {MACHINE}"),
            format!("ktadd -k {here}/machine-keytab {MACHINE}"),
        ] {
            must(office("/usr/sbin/kadmin.local").args(["-r", REALM, "-q", &query]), "");
        }
        // squid's helper has given up root.
        fs::set_permissions(&keytab, Permissions::from_mode(0o644)).expect("the lab owns its files");
        let mut run = office("/usr/sbin/krb5kdc");
        let process = Process::start(run.args(["-n", "-r", REALM]), directory.join("krb5kdc.log"));
        network.await_listener(Place::Client, SocketAddr::new(router, PORT));
        network.write_etc(Place::Client, "hosts", &format!("127.0.0.1 localhost\n{router} {PROXY_NAME}\n"));
        Self { _process: process, directory }
    }

    /// The environment of a program with this standing; gets the ticket where there is one.
    pub fn environment(&self, network: &Network, standing: Standing) -> Vec<(&'static str, String)> {
        let cache = format!("FILE:{}", self.directory.join("tickets").display());
        let configuration = self.directory.join("krb5.conf").display().to_string();
        let mut environment = vec![("KRB5CCNAME", cache.clone()), ("KRB5_CONFIG", configuration)];
        match standing {
            Standing::Nobody => {}
            Standing::Person => {
                let mut kinit = in_realm(network.command(Place::Client, "/usr/bin/kinit"), &self.directory);
                must(kinit.args(["-c", &cache, "anna"]), "secret\n");
            }
            Standing::Machine => {
                let keytab = format!("FILE:{}", self.directory.join("machine-keytab").display());
                environment.push(("KRB5_CLIENT_KTNAME", keytab));
            }
        }
        environment
    }
}

impl Proxy {
    /// squid for port 443, with Kerberos alone or, if `with_basic`, beside Basic for
    /// [`super::Login::PLAIN`].
    pub fn squid_with_tickets(network: &Network, office: &TicketOffice, with_basic: bool) -> Self {
        let keytab = office.directory.join("keytab");
        let helper = format!(
            "/usr/lib/squid/negotiate_kerberos_auth -r -k {} -s HTTP/{PROXY_NAME}@{REALM}",
            keytab.display()
        );
        // Its parameters are said once; the scheme has no realm of its own.
        let mut rules = login_rules("negotiate", &helper).replace("auth_param negotiate realm lab\n", "");
        if with_basic {
            rules = Self::basic_rules(network, super::Login::PLAIN) + &rules;
        }
        let command = in_realm(network.command(Place::Router, "/usr/sbin/squid"), &office.directory);
        Self::squid_by(network, command, &[443], &rules)
    }

    /// squid for port 443, inside TLS, with Kerberos alone. It takes tickets that are bound to its
    /// own channel or, if `to_another`, to one of another certificate. The certificate of the
    /// authority that signed its own is written to `ca`.
    pub fn squid_with_bound_tickets(
        network: &Network,
        office: &TicketOffice,
        ca: &Path,
        to_another: bool,
    ) -> Self {
        let authority = Authority::new("Lab Proxies");
        let script = network.scratch().join("bound_tickets.py");
        for (file, text) in [(ca, &*authority.certificate()), (&*script, include_str!("bound_tickets.py"))] {
            fs::write(file, text).expect("the lab writes to its directory");
        }
        let [certificate, key] = authority.issued((2020, 2040)).write(PROXY_NAME, network.scratch());
        let (bound_to, address) =
            (if to_another { ca } else { &certificate }, SocketAddr::new(network.router(), TLS_PORT));
        let helper = format!("/usr/bin/python3 {} {}", script.display(), bound_to.display());
        let rules = login_rules("negotiate", &helper).replace("auth_param negotiate realm lab\n", "")
            + &format!("https_port {address} tls-cert={} tls-key={}\n", certificate.display(), key.display());
        let mut command = in_realm(network.command(Place::Router, "/usr/sbin/squid"), &office.directory);
        command.env("KRB5_KTNAME", office.directory.join("keytab"));
        Self { address, is_secured: true, ..Self::squid_by(network, command, &[443], &rules) }
    }

    /// Its URL by the name for which tickets are issued.
    pub fn named_url(&self) -> String {
        let scheme = if self.is_secured { "https" } else { "http" };
        format!("{scheme}://{PROXY_NAME}:{}", self.address().port())
    }

    /// The written form of a route through it when it was given by that name.
    pub fn named_address(&self) -> String {
        let url = self.named_url();
        url.strip_prefix("http://").map(str::to_owned).unwrap_or(url)
    }
}

fn in_realm(mut command: Command, directory: &Path) -> Command {
    command.env("KRB5_CONFIG", directory.join("krb5.conf"));
    command.env("KRB5_KDC_PROFILE", directory.join("kdc.conf"));
    // The lab's clock and its repeated requests need no protection.
    command.env("KRB5RCACHENAME", "none:");
    command
}
