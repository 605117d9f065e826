//! Getting what the build and the tests need, with a word on what it is and why.

use std::io::{IsTerminal, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, root};

/// A Debian package and the reason why it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    package: &'static str,
    why: &'static str,
}

const fn need(package: &'static str, why: &'static str) -> Need {
    Need { package, why }
}

/// The packages that compiling needs beside Rust.
pub(crate) const BUILD: &[Need] = &[
    need("build-essential", "a C compiler and linker"),
    need("libssl-dev", "TLS by the system's OpenSSL"),
    need("pkg-config", "finds OpenSSL"),
];

/// The packages that are needed to make packages for Linux, and to check whether they are sound.
pub(crate) const PACKAGING: &[Need] = &[
    need("binutils", "takes symbols out of programs, and tells what these need of a system"),
    need("dpkg-dev", "packages for Debian and Ubuntu"),
    need("rpm", "packages for RHEL and Fedora"),
    need("lintian", "checks packages against Debian's policy"),
];

/// The packages that the page and the client for TypeScript need, where Node is not here from
/// elsewhere.
const NODE: &[Need] = &[
    need("nodejs", "builds the page, and the client for TypeScript"),
    need("npm", "gets what these are built with"),
];
/// The first version of Node that will do: that of Debian 12.
const NODE_MIN: u32 = 18;

/// The packages that trying the client libraries needs, beside Node.
pub(crate) const CLIENTS: &[Need] = &[need("python3", "runs the client for Python")];

/// The packages that compiling for Windows needs.
pub(crate) const WINDOWS: &[Need] =
    &[need("gcc-mingw-w64-x86-64", "compiles C for Windows, where we check our code too")];

/// The packages that trying the Linux packages needs.
pub(crate) const CONTAINER: &[Need] = &[
    need("debootstrap", "makes the Debian in which the packages are installed"),
    need("systemd-container", "boots it"),
];

/// The packages that running programs for Windows needs.
pub(crate) const WINE: &[Need] = &[
    need("debootstrap", "makes the Debian in which wine is new enough"),
    need("gcc-mingw-w64-x86-64", "compiles what stands before two of wine's libraries"),
    need("tinyproxy-bin", "a proxy for the programs there"),
    need("openssl", "writes certificates in another form"),
    need("iproute2", "switches their network on"),
];

/// The packages that the tests of the real programs need.
pub(crate) const SYSTEM: &[Need] = &[need("tmux", "a terminal for a program that fills it")];

/// The packages that the tests in hostile networks need.
pub(crate) const HOSTILE: &[Need] = &[
    need("iproute2", "network namespaces"),
    need("nftables", "firewalls"),
    need("conntrack", "firewalls that forget a connection"),
    need("procps", "kernel settings of a namespace"),
    need("dnsmasq-base", "name servers"),
    need("squid-openssl", "a proxy, also one that inspects TLS"),
    need("faketime", "clocks that are wrong"),
    need("tinyproxy-bin", "another proxy"),
    need("apache2-bin", "a proxy that wants TLS itself"),
    need("privoxy", "a proxy that answers with pages"),
    need("nginx-light", "a gateway that ends TLS and keeps answers back"),
    need("dante-server", "a SOCKS proxy"),
    need("haproxy", "a load balancer"),
    need("mitmproxy", "a proxy that inspects TLS and does what a script says"),
    need("openssh-client", "a proxy that speaks SOCKS 4a"),
    need("openssh-server", "the other end of that proxy"),
    need("krb5-kdc", "issues tickets for proxies that want Kerberos"),
    need("krb5-admin-server", "makes the realm of those tickets"),
    need("winbind", "checks NTLM logins for squid"),
    need("samba", "counts wrong passwords as a domain does"),
    need("samba-common-bin", "makes the accounts of those logins"),
    need("libglib2.0-bin", "the program that reads GNOME's settings"),
    need("gsettings-desktop-schemas", "the names of those settings"),
    need("dconf-gsettings-backend", "keeps those settings"),
    need("dconf-cli", "writes those settings"),
    need("krb5-user", "gets a ticket, and brings the library that uses it"),
    need("python3-gssapi", "checks to which channel a ticket is bound"),
    need("python3-cryptography", "a box that speaks TLS as it was before RFC 5746"),
];

/// The packages that the page in a browser needs.
pub(crate) const PAGE: &[Need] = &[
    need("chromium", "the browser"),
    need("fonts-noto-cjk", "shows names and texts in Chinese, Japanese and Korean"),
    need("fonts-noto-color-emoji", "shows emoji"),
];

/// The packages that the comparison with a browser in those networks needs beside those.
pub(crate) const BROWSER: &[Need] =
    &[need("chromium", "the browser"), need("libnss3-tools", "tells that browser whom to trust")];

/// The Windows target that is checked on every run.
pub(crate) const WINDOWS_TARGET: &str = "x86_64-pc-windows-gnu";

/// Installs, with all their dependencies, and keeps the daemons among them from starting. The lists
/// of packages are fetched once. When the whole set cannot be had, each is tried alone, so that one
/// missing package costs only what needs it.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "apt-get update failed: going on with the lists that are here" >&2
get() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"; }
get "$@" || for package in "$@"; do get "$package" || echo "could not install $package" >&2; done
"#;

/// Installs those of `needs` that are missing. Those that are still missing afterwards are told
/// loudly and returned, so that a caller may refuse to go on.
///
/// # Errors
/// When the person at the terminal declines.
pub(crate) fn packages(needs: &[Need], yes: bool) -> Result<Vec<Need>> {
    if !succeeds(Command::new("dpkg").arg("--version")) {
        eprintln!("This is not a Debian system. Wanted, under whatever name they have here:");
        tell(needs);
        return Ok(Vec::new());
    }
    let missing = still_missing(needs);
    if missing.is_empty() {
        return Ok(missing);
    }
    println!("These Debian packages are needed and not installed:");
    tell(&missing);
    let root = is_root();
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let (program, prefix): (&str, &[&str]) = if root { ("sh", &[]) } else { ("sudo", &["sh"]) };
    if root || may_install(yes)? {
        let mut command = Command::new(program);
        command.args(prefix).args(["-c", INSTALL, "install"]).args(names).stdin(Stdio::inherit());
        let status = command.status().with_context(|| format!("cannot run {program}"));
        if let Err(error) = status {
            eprintln!("{error:#}");
        }
    }
    let missing = still_missing(&missing);
    if !missing.is_empty() {
        eprintln!("\n!!! COULD NOT BE INSTALLED, and what needs it will fail or be skipped:");
        tell(&missing);
    }
    Ok(missing)
}

/// Gets Node and npm. They are here from elsewhere on many machines, where Debian's packages cannot
/// be installed beside them, so the programs themselves are asked.
///
/// # Errors
/// When they are missing after that, or too old.
pub(crate) fn node(yes: bool) -> Result<()> {
    if !has_node() {
        packages(NODE, yes)?;
    }
    if has_node() { Ok(()) } else { bail!("Node {NODE_MIN} or later is needed, and npm") }
}

fn has_node() -> bool {
    let node = version("node").and_then(|version| major(&version));
    node.is_some_and(|major| major >= NODE_MIN) && version("npm").is_some()
}

fn version(program: &str) -> Option<String> {
    let asked = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Gets the toolchain's parts that tests use. Without rustup the toolchain is taken as it is.
pub(crate) fn toolchain(windows: bool) {
    let installed =
        Command::new("rustup").args(["target", "list", "--installed"]).current_dir(root()).output();
    let Ok(targets) = installed else {
        eprintln!(
            "rustup is not here: clippy, rustfmt and the target {WINDOWS_TARGET} must already be installed"
        );
        return;
    };
    for (component, probe) in [("clippy", "clippy"), ("rustfmt", "fmt")] {
        if !succeeds(&mut workspace::cargo(&[probe, "--version"])) {
            rustup(&["component", "add", component], "checks every change");
        }
    }
    if windows && !String::from_utf8_lossy(&targets.stdout).lines().any(|line| line == WINDOWS_TARGET) {
        rustup(&["target", "add", WINDOWS_TARGET], "our code is checked for Windows too");
    }
}

fn rustup(arguments: &[&str], why: &str) {
    println!("rustup {}: {why}", arguments.join(" "));
    if !succeeds(Command::new("rustup").args(arguments).current_dir(root())) {
        eprintln!("\n!!! rustup {} FAILED, and what needs it will fail or be skipped", arguments.join(" "));
    }
}

/// Whether the Windows target can be built for on this machine.
pub(crate) fn can_build_for_windows() -> bool {
    let libraries = Command::new(workspace::environment("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--print", "target-libdir", "--target", WINDOWS_TARGET])
        .current_dir(root())
        .output();
    let target = libraries.is_ok_and(|output| {
        std::path::Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
            && output.status.success()
    });
    target && succeeds(Command::new("x86_64-w64-mingw32-gcc").arg("--version"))
}

/// Whether we run as root, which installs without asking and may make network namespaces.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn may_install(yes: bool) -> Result<bool> {
    if !succeeds(Command::new("sudo").arg("-V")) {
        eprintln!("Installing them needs root, and there is no sudo here.");
        return Ok(false);
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        eprintln!("Installing them needs root: run this as root, or with --yes to use sudo.");
        return Ok(false);
    }
    let mut out = std::io::stdout();
    write!(out, "Install them with sudo apt-get? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes" | "j" | "ja") {
        bail!("nothing was installed");
    }
    Ok(true)
}

fn still_missing(needs: &[Need]) -> Vec<Need> {
    needs.iter().copied().filter(|need| !is_installed(need.package)).collect()
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg").args(["-s", package]).stderr(Stdio::null()).output();
    query.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("Status: install ok installed"))
}

fn tell(needs: &[Need]) {
    for need in needs {
        eprintln!("  {:22} {}", need.package, need.why);
    }
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read_as_it_says_it() {
        for (said, expected) in [("v20.20.2\n", Some(20)), ("v18.20.4", Some(18)), ("", None), ("node", None)]
        {
            assert_eq!(major(said), expected, "{said}");
        }
    }
}
