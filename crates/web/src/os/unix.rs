//! Linux: the kernel's tables of connections, XDG folders, `xdg-open`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

/// The kernel's tables of TCP connections (proc(5)). A program may reach an address of version 4 by
/// a socket for version 6, and then stands in the second one.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
/// Bytes of a table: 150 for each of a hundred thousand connections.
const TABLE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How often the tables are read before a connection counts as nobody's: they change while they are
/// read.
const LOOKS: usize = 3;
/// The state of a connection that stands. In most others the kernel does not say whose it was.
const ESTABLISHED: &str = "01";

/// Whether the other end of a connection, at `peer`, is a socket of the user who runs this program.
/// Blocks.
pub(crate) fn is_own(peer: SocketAddr, own: SocketAddr) -> io::Result<bool> {
    let (SocketAddr::V4(peer), SocketAddr::V4(own)) = (peer, own) else { return Ok(false) };
    let narrow = |(ip, port): (Ipv4Addr, u16)| written(&ip.octets(), port);
    let wide = |(ip, port): (Ipv4Addr, u16)| written(&ip.to_ipv6_mapped().octets(), port);
    let ends = [(*peer.ip(), peer.port()), (*own.ip(), own.port())];
    for _ in 0..LOOKS {
        for (table, [from, to]) in TABLES.iter().zip([ends.map(narrow), ends.map(wide)]) {
            let table = match File::open(table) {
                Ok(table) => table,
                // A kernel without version 6.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if let Some(uid) = owner(BufReader::new(table.take(TABLE_BYTES_MAX)), &from, &to)? {
                return Ok(uid == nix::unistd::geteuid().as_raw());
            }
        }
    }
    Ok(false)
}

/// An address as the tables write it: words of four bytes in this machine's order, and the port.
fn written(ip: &[u8], port: u16) -> String {
    let (words, _) = ip.as_chunks::<4>();
    let words: String = words.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word))).collect();
    format!("{words}:{port:04X}")
}

/// The user whose connection leads from one address to another, where the table has it.
fn owner(table: impl BufRead, from: &str, to: &str) -> io::Result<Option<u32>> {
    for line in table.lines() {
        let line = line?;
        let fields: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
        let [_, local, remote, state, _, _, _, uid] = fields.as_slice() else { continue };
        if *local == from && *remote == to && *state == ESTABLISHED {
            return Ok(uid.parse().ok());
        }
    }
    Ok(None)
}

/// Where the bridge of this name is asked: in a folder that is this user's alone. `None` where the
/// environment names none.
pub(crate) fn place(environment: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    let folder = |variable: &str| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = || folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")));
    let own = folder("XDG_RUNTIME_DIR").or_else(state)?;
    Some(own.join("convene").join(format!("web-{name}.sock")))
}

/// Lets the program outlive this one, and the terminal: no key that is pressed there reaches it.
pub(crate) fn detach(command: &mut Command) {
    command.process_group(0);
}

/// The program that opens an address in the browser of the user's choice.
pub(crate) fn opener(url: &str) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(url).process_group(0);
    command
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// As a machine of little-endian words writes them.
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1267 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 100 0 0 10 0
   1: 0100007F:8004 0100007F:1267 01 00000000:00000000 00:00000000 00000000  1001        0 12 1 0 20 4 30 10 -1
   2: 0100007F:1267 0100007F:8004 01 00000000:00000000 00:00000000 00000000  1000        0 13 1 0 20 4 30 10 -1
   3: 0100007F:8005 0100007F:1267 06 00000000:00000000 03:00000E6F 00000000     0        0 0 3 0
   4: 0100007F:8006 0100007F:1267
";

    #[test]
    fn the_owner_is_that_of_the_other_end() {
        let owner = |from: &str| owner(TABLE.as_bytes(), from, "0100007F:1267").unwrap();
        assert_eq!(owner("0100007F:8004"), Some(1001));
        assert_eq!(owner("0100007F:8005"), None, "a connection that ended is nobody's");
        assert_eq!(owner("0100007F:8006"), None, "half a line says nothing");
        assert_eq!(owner("0100007F:8007"), None);
    }

    #[test]
    fn addresses_are_written_as_the_kernel_does() {
        let words = [u32::from_ne_bytes([127, 0, 0, 1]), u32::from_ne_bytes([0, 0, 0xff, 0xff])];
        let [loopback, mapped] = words.map(|word| format!("{word:08X}"));
        assert_eq!(written(&[127, 0, 0, 1], 0x1267), format!("{loopback}:1267"));
        let wide = Ipv4Addr::LOCALHOST.to_ipv6_mapped().octets();
        assert_eq!(written(&wide, 80), format!("0000000000000000{mapped}{loopback}:0050"));
    }

    #[test]
    fn a_connection_of_this_program_is_this_users() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let own = listener.local_addr().unwrap();
        let stream = TcpStream::connect(own).unwrap();
        let (_accepted, peer) = listener.accept().unwrap();
        assert!(is_own(peer, own).unwrap());
        let wide = format!("[::ffff:127.0.0.1]:{}", own.port()).parse::<SocketAddr>().unwrap();
        // Where there is version 6, a socket of it reaches the same place.
        if let Ok(_wide) = TcpStream::connect(wide) {
            let (_accepted, peer) = listener.accept().unwrap();
            assert!(is_own(peer, own).unwrap());
        }
        let nobody = SocketAddr::new(peer.ip(), 1);
        assert!(!is_own(nobody, own).unwrap());
        drop(stream);
    }

    #[test]
    fn the_place_is_in_a_folder_of_the_users_own() {
        let place = |variables: &[(&str, &str)]| {
            let environment = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(*value))
            };
            place(environment, "a1")
        };
        assert_eq!(
            place(&[("XDG_RUNTIME_DIR", "/run/user/1000"), ("HOME", "/home/anna")]),
            Some("/run/user/1000/convene/web-a1.sock".into())
        );
        assert_eq!(
            place(&[("XDG_RUNTIME_DIR", "here"), ("HOME", "/home/anna")]),
            Some("/home/anna/.local/state/convene/web-a1.sock".into())
        );
        assert_eq!(place(&[]), None);
    }
}
