//! A proxy on loopback, and a script that names it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::limit::Running;

/// The proxy's address.
pub(super) const PROXY: &str = "http://127.0.0.1:3128";
/// The script's.
pub(super) const PAC: &str = "http://127.0.0.1:3180/proxy.pac";

const SCRIPT: &str = "function FindProxyForURL(url, host) { return 'PROXY 127.0.0.1:3128'; }\n";
const CONFIG: &str =
    "Port 3128\nListen 127.0.0.1\nAllow 127.0.0.1\nConnectPort 443\nTimeout 600\nLogLevel Connect\n";
/// How long a client of the script's server may be silent.
const SILENCE: Duration = Duration::from_secs(5);

/// Both, until this is dropped; the script's server ends with this program.
#[derive(Debug)]
pub(super) struct Proxies {
    _proxy: Running,
}

impl Proxies {
    /// Starts both. The proxy leads to port 443 alone.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        let config = folder.join("tinyproxy.conf");
        fs::write(&config, format!("{CONFIG}LogFile \"{}\"\n", folder.join("tinyproxy.log").display()))?;
        let mut command = Command::new("tinyproxy");
        let proxy = Running::start(command.arg("-d").arg("-c").arg(config).stdout(Stdio::null()))?;
        let listener = TcpListener::bind(("127.0.0.1", 3180))?;
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(&stream))));
        Ok(Self { _proxy: proxy })
    }
}

/// Gives the script to whoever asks for anything.
fn answer(stream: &TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    for line in BufReader::new(stream).lines() {
        if line?.is_empty() {
            break;
        }
    }
    let mut out = stream;
    let kind = "application/x-ns-proxy-autoconfig";
    write!(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{SCRIPT}",
        SCRIPT.len()
    )?;
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}
