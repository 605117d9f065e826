//! Windows: the system's table of connections, named pipes, the shell.

use std::ffi::OsString;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::windows::io::AsRawHandle as _;
use std::os::windows::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use convene_local_client::is_own_process;
use windows_sys::Win32::Foundation::{
    ERROR_INSUFFICIENT_BUFFER, ERROR_SUCCESS, HANDLE_FLAG_INHERIT, SetHandleInformation,
};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCP_STATE_ESTAB, TCP_TABLE_OWNER_PID_CONNECTIONS,
};
use windows_sys::Win32::Networking::WinSock::AF_INET;
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};

/// Words of a row of the table (`MIB_TCPROW_OWNER_PID`): its state, both addresses, each with its
/// port, and the process.
const ROW_WORDS: usize = 6;
/// Rows by which the table may grow between asking for its size and for it.
const ROWS_MORE: usize = 64;
/// How often it is asked for while it grows.
const LOOKS: usize = 4;

/// Whether the other end of a connection, at `peer`, is a socket of a program that the user of this
/// one runs. Blocks.
pub(crate) fn is_own(peer: SocketAddr, own: SocketAddr) -> io::Result<bool> {
    match owner(&table()?, peer, own) {
        Some(pid) => is_own_process(pid),
        None => Ok(false),
    }
}

/// All connections, as the system lays them out: their number, then the rows.
fn table() -> io::Result<Vec<u32>> {
    let mut words: Vec<u32> = Vec::new();
    for _ in 0..LOOKS {
        let mut bytes = u32::try_from(size_of_val(words.as_slice())).map_err(io::Error::other)?;
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the buffer has as many bytes as are told, and is aligned for the rows, which are
        // words.
        let answer = unsafe {
            GetExtendedTcpTable(
                words.as_mut_ptr().cast(),
                &raw mut bytes,
                0,
                u32::from(AF_INET),
                TCP_TABLE_OWNER_PID_CONNECTIONS,
                0,
            )
        };
        match answer {
            ERROR_SUCCESS => return Ok(words),
            ERROR_INSUFFICIENT_BUFFER => {
                let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
                words.resize(bytes.div_ceil(size_of::<u32>()) + ROWS_MORE * ROW_WORDS, 0);
            }
            error => return Err(io::Error::from_raw_os_error(error.cast_signed())),
        }
    }
    Err(io::Error::other("the table of connections grows faster than it is read"))
}

/// The process whose connection leads from one address to another. Addresses and ports stand in the
/// table in the network's order, and a port in half a word.
fn owner(table: &[u32], peer: SocketAddr, own: SocketAddr) -> Option<u32> {
    let (SocketAddr::V4(peer), SocketAddr::V4(own)) = (peer, own) else { return None };
    let (count, rows) = table.split_first()?;
    let count = usize::try_from(*count).ok()?;
    let ip = |address: SocketAddrV4| u32::from_ne_bytes(address.ip().octets());
    let has_port = |word: u32, port: u16| word & 0xffff == u32::from(port.to_be());
    let (rows, _) = rows.as_chunks::<ROW_WORDS>();
    rows.iter().take(count).find_map(|[state, from, from_port, to, to_port, pid]| {
        let is_it = state.cast_signed() == MIB_TCP_STATE_ESTAB
            && (*from, *to) == (ip(peer), ip(own))
            && has_port(*from_port, peer.port())
            && has_port(*to_port, own.port());
        is_it.then_some(*pid)
    })
}

/// Where the bridge of this name is asked. The user stands in it because pipes have no folders;
/// that the pipe is this user's is verified.
pub(crate) fn place(environment: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    let mut pipe = OsString::from(format!(r"\\.\pipe\convene-web-{name}-"));
    pipe.push(environment("USERNAME")?);
    Some(pipe.into())
}

/// Lets the program outlive this one, without a console, and without what this one reads and
/// writes: whoever waits for the end of our output does not wait for that program.
pub(crate) fn detach(command: &mut Command) {
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    for handle in [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()] {
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: a handle that this process has all along, or none, which is refused.
        unsafe {
            SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
        }
    }
}

/// The program that opens an address in the browser of the user's choice. It is the shell's own
/// entry, and no command interpreter reads the address.
pub(crate) fn opener(url: &str) -> Command {
    let mut command = Command::new("rundll32.exe");
    command.args(["url.dll,FileProtocolHandler", url]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_the_process_of_the_other_end() {
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let loopback = u32::from_ne_bytes([127, 0, 0, 1]);
        let port = |port: u16| u32::from(port.to_be()) | 0xabcd_0000;
        let state = MIB_TCP_STATE_ESTAB.cast_unsigned();
        let mut table = vec![3];
        table.extend([state, loopback, port(80), loopback, port(5000), 1]);
        table.extend([state, loopback, port(5000), loopback, port(80), 2]);
        table.extend([state - 1, loopback, port(5001), loopback, port(80), 3]);
        table.extend([state, loopback, port(5002), loopback, port(80), 4]);
        assert_eq!(owner(&table, address(5000), address(80)), Some(2));
        assert_eq!(owner(&table, address(5001), address(80)), None, "it does not stand");
        assert_eq!(owner(&table, address(5002), address(80)), None, "behind the last row");
        assert_eq!(owner(&[], address(5000), address(80)), None);
    }
}
