//! squid with NTLM, against Samba's accounts: passwords are checked, and wrong ones counted, as a
//! domain does it.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use super::{Proxy, login_rules};
use crate::network::{Network, Place};
use crate::patience::{PATIENCE, patiently};
use crate::process::{Process, must};
use crate::space::ETC;

/// The router's users: squid's own, and the one whose password Samba knows.
const USERS: &str = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nproxy:x:13:13:proxy:/bin:/bin/false\n\
                     anna:x:2000:2000::/:/bin/false\n";
/// squid's group on Debian.
const PROXY_GROUP: u32 = 13;
/// Where winbind's clients look for it, whatever its configuration says.
const USUAL_SOCKETS: &str = "/run/samba/winbindd";

/// winbind on the router with the account `LAB\anna`, password `secret`, until it is dropped.
#[derive(Debug)]
pub struct Accounts {
    _process: Process,
    directory: PathBuf,
}

impl Accounts {
    /// Makes the account, which counts wrong passwords, and opens.
    pub fn open(network: &Network) -> Self {
        let directory = network.scratch().join("samba");
        let here = directory.display();
        let rooms = ["private", "state", "cache", "lock", "pid", "ncalrpc", "sockets"];
        for room in rooms {
            fs::create_dir_all(directory.join(room)).expect("the lab writes to its directory");
        }
        let configuration = format!(
            "[global]\nworkgroup = WORK\nnetbios name = LAB\nserver role = standalone server\n\
             passdb backend = tdbsam:{here}/private/passdb.tdb\nprivate dir = {here}/private\nstate directory = {here}/state\n\
             cache directory = {here}/cache\nlock directory = {here}/lock\npid directory = {here}/pid\n\
             ncalrpc dir = {here}/ncalrpc\nwinbindd socket directory = {here}/sockets\nlog file = {here}/samba.log\n\
             interfaces = lo\nbind interfaces only = yes\n"
        );
        let file = directory.join("smb.conf");
        fs::write(&file, configuration).expect("the lab writes to its directory");
        fs::write(Path::new(ETC).join(network.space(Place::Router)).join("passwd"), USERS)
            .expect("root may write to /etc/netns");
        let mut account = network.command(Place::Router, "/usr/bin/smbpasswd");
        must(account.arg("-c").arg(&file).args(["-s", "-a", "anna"]), "secret\nsecret\n");
        let mut policy = network.command(Place::Router, "/usr/bin/pdbedit");
        must(policy.arg("-s").arg(&file).args(["-P", "bad lockout attempt", "-C", "10"]), "");
        let mut run = network.command(Place::Router, "/usr/sbin/winbindd");
        run.args(["-F", "--no-process-group", "-s"]).arg(&file);
        let process = Process::start(&mut run, directory.join("winbindd.log"));
        // A program that checks passwords by challenge must be in squid's group.
        let privileged = directory.join("state/winbindd_privileged");
        let ready =
            || (privileged.join("pipe").exists() && directory.join("sockets/pipe").exists()).then_some(());
        assert!(patiently(PATIENCE, ready).is_some(), "winbind does not open");
        chown(&privileged, None, Some(PROXY_GROUP)).expect("root owns the directory");
        Self { _process: process, directory }
    }

    /// Wrong passwords that were shown for the account since the last right one.
    pub fn wrong_passwords(&self, network: &Network) -> u32 {
        let mut show = network.command(Place::Router, "/usr/bin/pdbedit");
        let shown = must(show.arg("-s").arg(self.directory.join("smb.conf")).args(["-L", "-v", "anna"]), "");
        let count = shown.lines().find_map(|line| line.strip_prefix("Bad password count"));
        let count = count.and_then(|rest| rest.trim_start_matches([' ', ':']).trim().parse().ok());
        count.expect("pdbedit tells the count")
    }
}

impl Proxy {
    /// squid for port 443, with NTLM for these accounts; with `closes` it closes behind its first
    /// refusal.
    pub fn squid_with_ntlm(network: &Network, accounts: &Accounts, closes: bool) -> Self {
        let file = accounts.directory.join("smb.conf");
        let helper =
            format!("/usr/bin/ntlm_auth --helper-protocol=squid-2.5-ntlmssp --configfile={}", file.display());
        // NTLM has no realm to be told.
        let kept = if closes { "auth_param ntlm keep_alive off\n" } else { "" };
        let rules = login_rules("ntlm", &helper).replace("auth_param ntlm realm lab\n", kept);
        let mut command = network.command(Place::Router, "/bin/sh");
        // `ip netns exec` gives each program mounts of its own.
        let script = format!(
            "mkdir -p {USUAL_SOCKETS} && mount --bind \"$0\" {USUAL_SOCKETS} && exec /usr/sbin/squid \"$@\""
        );
        command.arg("-c").arg(script).arg(accounts.directory.join("sockets"));
        Self::squid_by(network, command, &[443], &rules)
    }
}
