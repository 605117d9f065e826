//! squid as a box that inspects TLS: it ends it with certificates of its own and goes on to where
//! the client went.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::authority::Authority;
use crate::network::Place;
use crate::process::{Process, must};
use crate::world::World;

/// Where it takes what the router redirects.
const PORT: u16 = 9_997;
/// squid wants a port without TLS too.
const PLAIN_PORT: u16 = 3_129;

impl World {
    /// From now on a box inspects the connections that the rule matches (such as `tcp dport 443`),
    /// with certificates of that authority, and lets no WebSocket pass, until it is dropped.
    #[must_use]
    pub fn inspect(&self, rule: &str, authority: &Authority) -> Process {
        self.inspect_with(rule, authority, "")
    }

    /// As [`World::inspect`], and WebSockets pass.
    #[must_use]
    pub fn inspect_and_upgrade(&self, rule: &str, authority: &Authority) -> Process {
        // In lower case, as clients write it: squid compares letter by letter.
        self.inspect_with(rule, authority, "http_upgrade_request_protocols websocket allow all\n")
    }

    fn inspect_with(&self, rule: &str, authority: &Authority, rules: &str) -> Process {
        let directory = self.network().scratch().join("inspector");
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        // squid gives up root before it reads and writes most of these.
        fs::set_permissions(&directory, Permissions::from_mode(0o777)).expect("the lab owns its files");
        let write = |file: &str, text: &str| {
            let file = directory.join(file);
            fs::write(&file, text).expect("the lab writes to its directory");
            fs::set_permissions(&file, Permissions::from_mode(0o666)).expect("the lab owns its files");
            file
        };
        let identity = write("authority.pem", &format!("{}{}", authority.certificate(), authority.key()));
        let (access, cache) = (write("access.log", ""), write("cache.log", ""));
        let store = directory.join("certificates");
        let generator = "/usr/lib/squid/security_file_certgen";
        let mut prepare = self.network().command(Place::Router, generator);
        must(prepare.args(["-c", "-s"]).arg(&store).args(["-M", "4MB"]), "");
        must(self.network().command(Place::Router, "/bin/chmod").args(["-R", "a+rwX"]).arg(&store), "");
        let configuration = format!(
            "http_port {PLAIN_PORT}\n\
             https_port {PORT} intercept ssl-bump tls-cert={} generate-host-certificates=on\n\
             sslcrtd_program {generator} -s {} -M 4MB\nsslcrtd_children 1 startup=1\n\
             acl first at_step SslBump1\nssl_bump peek first\nssl_bump bump all\n\
             tls_outgoing_options flags=DONT_VERIFY_PEER\nsslproxy_cert_error allow all\n\
             {rules}visible_hostname inspector.test\nhttp_access allow all\nhost_verify_strict off\n\
             dns_nameservers {}\ncache deny all\ncache_mem 1 MB\nmemory_cache_shared off\npinger_enable off\n\
             pid_filename none\nmax_filedescriptors 1024\ncoredump_dir none\n\
             access_log stdio:{}\ncache_log {}\nlogfile_rotate 0\nbuffered_logs off\n",
            identity.display(),
            store.display(),
            self.network().router(),
            access.display(),
            cache.display(),
        );
        let file = write("squid.conf", &configuration);
        let mut command = self.network().command(Place::Router, "/usr/sbin/squid");
        let inspector = Process::start(command.args(["-N", "-f"]).arg(file), directory.join("squid.log"));
        let address = std::net::SocketAddr::new(self.network().router(), PORT);
        self.network().await_listener(Place::Router, address);
        self.network().redirect(&format!("iifname fw0 {rule}"), PORT);
        inspector
    }
}
