//! The head that a load balancer puts before a connection, by which it names the other end: the
//! PROXY protocol, versions 1 and 2.

use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// With these bytes a head of version 2 begins.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of a line of version 1, its end included: the most that the protocol allows.
const LINE_BYTES_MAX: usize = 107;
/// Bytes behind the fixed part of version 2: addresses, and what some balancers tell beside them.
const ADDRESSES_BYTES_MAX: usize = 1_024;
/// The families of version 2 that name an address: TCP over IPv4 and over IPv6.
const TCP_V4: u8 = 0x11;
const TCP_V6: u8 = 0x21;

/// Reads the head and nothing behind it. Gives the other end, or the proxy itself where it speaks
/// for itself. `None` where there is no head, or one that means nothing.
pub(super) async fn origin(stream: &mut (impl AsyncRead + Unpin), proxy: SocketAddr) -> Option<SocketAddr> {
    let mut begin = [0; SIGNATURE.len()];
    stream.read_exact(&mut begin).await.ok()?;
    if begin == SIGNATURE {
        let mut fixed = [0; 4];
        stream.read_exact(&mut fixed).await.ok()?;
        let [version, family, high, low] = fixed;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > ADDRESSES_BYTES_MAX {
            return None;
        }
        let mut addresses = vec![0; length];
        stream.read_exact(&mut addresses).await.ok()?;
        return match version {
            0x20 => Some(proxy),
            0x21 => of_addresses(family, &addresses, proxy),
            _ => None,
        };
    }
    let mut line = begin.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE_BYTES_MAX {
            return None;
        }
        line.push(stream.read_u8().await.ok()?);
    }
    of_line(std::str::from_utf8(&line).ok()?, proxy)
}

fn of_line(line: &str, proxy: SocketAddr) -> Option<SocketAddr> {
    let mut words = line.trim_end().split(' ');
    if words.next() != Some("PROXY") {
        return None;
    }
    match words.next()? {
        "UNKNOWN" => Some(proxy),
        "TCP4" | "TCP6" => {
            let address: IpAddr = words.next()?.parse().ok()?;
            let port: u16 = words.nth(1)?.parse().ok()?;
            Some(SocketAddr::new(address, port))
        }
        _ => None,
    }
}

fn of_addresses(family: u8, addresses: &[u8], proxy: SocketAddr) -> Option<SocketAddr> {
    let (address, port): (IpAddr, &[u8]) = match family {
        TCP_V4 => (<[u8; 4]>::try_from(addresses.get(..4)?).ok()?.into(), addresses.get(8..10)?),
        TCP_V6 => (<[u8; 16]>::try_from(addresses.get(..16)?).ok()?.into(), addresses.get(32..34)?),
        _ => return Some(proxy),
    };
    Some(SocketAddr::new(address, u16::from_be_bytes(port.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "192.0.2.9:1";

    /// The other end, and what is left to be read.
    async fn read(bytes: &[u8]) -> (Option<String>, usize) {
        let mut rest = bytes;
        let origin = origin(&mut rest, PROXY.parse().unwrap()).await;
        (origin.map(|origin| origin.to_string()), rest.len())
    }

    #[tokio::test]
    async fn a_line_names_the_other_end_and_nothing_behind_it_is_read() {
        let named = Some("198.51.100.7:4711".to_owned());
        assert_eq!(read(b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 443\r\n\x16abc").await, (named, 4));
        let named = Some("[2001:db8::7]:1".to_owned());
        assert_eq!(read(b"PROXY TCP6 2001:db8::7 2001:db8::1 1 443\r\n").await, (named, 0));
        assert_eq!(read(b"PROXY UNKNOWN\r\nx").await, (Some(PROXY.to_owned()), 1));
    }

    #[tokio::test]
    async fn the_binary_head_names_it_too() {
        let head = |version: u8, family: u8, addresses: &[u8]| {
            let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
            [&SIGNATURE[..], &[version, family], &length, addresses, b"rest"].concat()
        };
        let v4 = [198, 51, 100, 7, 192, 0, 2, 1, 0x12, 0x67, 1, 187, 3, 0];
        assert_eq!(read(&head(0x21, TCP_V4, &v4)).await, (Some("198.51.100.7:4711".to_owned()), 4));
        let mut v6 = [0; 36];
        (v6[15], v6[33]) = (1, 7);
        assert_eq!(read(&head(0x21, TCP_V6, &v6)).await, (Some("[::1]:7".to_owned()), 4));
        assert_eq!(read(&head(0x20, 0, &[])).await, (Some(PROXY.to_owned()), 4));
        assert_eq!(read(&head(0x31, TCP_V4, &v4)).await.0, None);
        assert_eq!(read(&head(0x21, TCP_V4, &v4[..6])).await.0, None);
        assert_eq!(read(&head(0x21, TCP_V4, &[0; 2_000])).await.0, None);
    }

    #[tokio::test]
    async fn anything_else_is_no_head() {
        for bytes in
            [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\r\n"[..], b"PROXY TCP4 nobody\r\n", b"PROXY"]
        {
            assert_eq!(read(bytes).await.0, None);
        }
        assert_eq!(read(&[b'P'; 1_000]).await.0, None);
    }
}
