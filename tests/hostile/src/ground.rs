//! Whether this machine can carry the lab, and the way in.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use crate::network::{Families, Network};
use crate::process::run;
use crate::space::{ETC, PREFIX, SPACES, ip, remove};

/// The programs that the lab runs, and the Debian package that each is in.
const TOOLS: &[(&str, &str)] = &[
    ("/sbin/ip", "iproute2"),
    ("/usr/sbin/nft", "nftables"),
    ("/usr/sbin/dnsmasq", "dnsmasq-base"),
    ("/usr/sbin/squid", "squid-openssl"),
    ("/usr/lib/squid/security_file_certgen", "squid-openssl"),
    ("/usr/bin/faketime", "faketime"),
    ("/usr/bin/tinyproxy", "tinyproxy-bin"),
    ("/usr/sbin/conntrack", "conntrack"),
    ("/usr/sbin/nginx", "nginx-light"),
    ("/usr/sbin/danted", "dante-server"),
    ("/usr/sbin/haproxy", "haproxy"),
    ("/usr/bin/mitmdump", "mitmproxy"),
    ("/usr/bin/ssh", "openssh-client"),
    ("/usr/sbin/sshd", "openssh-server"),
    ("/usr/sbin/apache2", "apache2-bin"),
    ("/usr/sbin/privoxy", "privoxy"),
    ("/usr/sbin/krb5kdc", "krb5-kdc"),
    ("/usr/sbin/kadmin.local", "krb5-admin-server"),
    ("/usr/bin/kinit", "krb5-user"),
    ("/usr/lib/python3/dist-packages/gssapi", "python3-gssapi"),
    ("/usr/lib/python3/dist-packages/cryptography", "python3-cryptography"),
    ("/usr/bin/gsettings", "libglib2.0-bin"),
    ("/usr/bin/dconf", "dconf-cli"),
    ("/usr/share/glib-2.0/schemas/org.gnome.system.proxy.gschema.xml", "gsettings-desktop-schemas"),
    ("/usr/sbin/winbindd", "winbind"),
    ("/usr/bin/pdbedit", "samba"),
    ("/usr/bin/smbpasswd", "samba-common-bin"),
];
/// Names the file to which skipped tests are appended.
const SKIPS: &str = "CONVENE_SKIPS";

/// Runs a test in a network of its own. Where there can be none it prints `SKIPPED test: reason`
/// and appends that line to the file that the environment variable `CONVENE_SKIPS` names.
pub fn in_network<Test: FnOnce(Network)>(families: Families, test: Test) {
    static GROUND: OnceLock<Result<(), String>> = OnceLock::new();
    match GROUND.get_or_init(survey) {
        Ok(()) => test(Network::new(families)),
        Err(reason) => skip(name_of::<Test>(), reason),
    }
}

/// The environment is read here only, for where programs are and where skips go.
pub(crate) fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::vars_os().find(|(key, _)| key == OsStr::new(name)).map(|(_, value)| value)
}

/// A closure's type has the name of the function that it stands in: the test's.
fn name_of<Test>() -> &'static str {
    let path = std::any::type_name::<Test>();
    let path = path.strip_suffix("::{{closure}}").unwrap_or(path);
    path.split_once("::").map_or(path, |(_, test)| test)
}

#[expect(clippy::print_stdout, reason = "the test's runner counts these lines")]
fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}");
    println!("{line}");
    if let Some(file) = environment(SKIPS) {
        let opened = OpenOptions::new().create(true).append(true).open(file);
        opened
            .and_then(|mut file| writeln!(file, "{line}"))
            .expect("the file of skipped tests can be written");
    }
}

/// Once per process, before the first network: also because `ip netns` prepares its directory on
/// first use.
fn survey() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("network namespaces need root".to_owned());
    }
    let missing = TOOLS.iter().filter(|(tool, _)| !Path::new(tool).exists());
    let missing: Vec<_> =
        missing.map(|(tool, package)| format!("{tool} (Debian package {package})")).collect();
    if !missing.is_empty() {
        return Err(format!("missing: {}", missing.join(", ")));
    }
    let trial = format!("{PREFIX}{}-trial", std::process::id());
    let made = run(&mut ip(&["netns", "add", &trial]), "");
    if !made.status.success() {
        let reason = String::from_utf8_lossy(&made.stderr).trim().to_owned();
        return Err(format!("no network namespaces here: {reason}"));
    }
    let filters =
        run(&mut ip(&["netns", "exec", &trial, "/usr/sbin/nft", "add", "table", "inet", "trial"]), "");
    remove(&trial);
    if !filters.status.success() {
        let reason = String::from_utf8_lossy(&filters.stderr).trim().to_owned();
        return Err(format!("no nftables in network namespaces here: {reason}"));
    }
    sweep();
    Ok(())
}

/// Removes what runs that no longer exist have left behind.
fn sweep() {
    let dead = |name: &str| {
        let pid = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')).map(|(pid, _)| pid);
        let pid = pid.filter(|pid| pid.parse::<u32>().is_ok());
        pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists())
    };
    let listed = |directory: &Path| {
        let names = fs::read_dir(directory).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| dead(name)).collect::<Vec<_>>()
    };
    for space in listed(Path::new(SPACES)) {
        remove(&space);
    }
    // A run that is killed between the two leaves only the files.
    for directory in [Path::new(ETC), &std::env::temp_dir()] {
        for name in listed(directory) {
            drop(fs::remove_dir_all(directory.join(name)));
        }
    }
}
