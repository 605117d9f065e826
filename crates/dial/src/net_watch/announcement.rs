//! A router's announcement about the network's login page, as the kernel passes it on.

/// RTM_NEWNDUSEROPT (linux/rtnetlink.h).
const NEW_OPTION: u16 = 68;
/// Bytes of a netlink message before what it says: `struct nlmsghdr` (linux/netlink.h).
const HEADER_BYTES: usize = 16;
/// Bytes before the options themselves: `struct nduseroptmsg` (linux/rtnetlink.h).
const OPTIONS_HEADER_BYTES: usize = 16;
/// A router's advertisement (RFC 4861, section 4.2).
const ADVERTISEMENT: u8 = 134;
/// The option Captive-Portal (RFC 8910, section 2.3).
const CAPTIVE_PORTAL: u8 = 37;
/// Bytes of one unit of an option's length (RFC 4861, section 4.6).
const UNIT: usize = 8;
/// Bytes of an address: what DHCP can carry in one option (RFC 8910, section 2.1).
const ADDRESS_BYTES_MAX: usize = 255;

/// The number of the interface and the address that was announced there, where the netlink message
/// tells of one.
pub(crate) fn read_message(message: &[u8]) -> Option<(u32, String)> {
    let kind = u16::from_ne_bytes(message.get(4..6)?.try_into().ok()?);
    let body = message.get(HEADER_BYTES..).filter(|_| kind == NEW_OPTION)?;
    let interface = u32::from_ne_bytes(body.get(4..8)?.try_into().ok()?);
    let [announcer, code] = body.get(8..10)?.try_into().ok()?;
    let [option, units, ..] = body.get(OPTIONS_HEADER_BYTES..)? else { return None };
    if (announcer, code, *option) != (ADVERTISEMENT, 0, CAPTIVE_PORTAL) {
        return None;
    }
    let end = OPTIONS_HEADER_BYTES + usize::from(*units) * UNIT;
    let text = std::str::from_utf8(body.get(OPTIONS_HEADER_BYTES + 2..end)?).ok()?;
    Some((interface, read_address(text.trim_end_matches('\0'))?))
}

/// The address, where it is one that can be asked: `https`, and not longer than DHCP carries.
pub(super) fn read_address(text: &str) -> Option<String> {
    let fits = text.len() <= ADDRESS_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    let scheme = text.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
    (fits && scheme.is_some()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a kernel of version 6.18 passed it on.
    fn message(option: &[u8]) -> Vec<u8> {
        let mut message = 76_u32.to_ne_bytes().to_vec();
        message.extend(68_u16.to_ne_bytes());
        message.extend([0; 10]);
        message.extend([10, 0]);
        message.extend(24_u16.to_ne_bytes());
        message.extend(2_u32.to_ne_bytes());
        message.extend([134, 0, 0, 0, 0, 0, 0, 0]);
        message.extend(option);
        message.extend([
            0x14, 0, 1, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x64, 0xe0, 0x10, 0xff, 0xfe, 0x63, 0x64, 0x51,
        ]);
        message
    }

    #[test]
    fn a_routers_announcement_is_read() {
        let option = b"\x25\x03https://login.test/api";
        assert_eq!(read_message(&message(option)), Some((2, "https://login.test/api".to_owned())));
        assert_eq!(
            read_message(&message(b"\x25\x02https://a.test\0\0")),
            Some((2, "https://a.test".to_owned()))
        );
    }

    #[test]
    fn what_is_no_secured_address_is_no_announcement() {
        let unrestricted = b"\x25\x06urn:ietf:params:capport:unrestricted\0\0\0\0\0\0\0\0\0\0";
        let foreign: [&[u8]; 6] = [
            unrestricted,
            b"\x25\x03http://login.test/api/",
            b"\x25\x03https://login.test/\n\0\0",
            b"\x25\xffhttps://login.test/api",
            b"\x19\x03https://login.test/api",
            b"\x25\x00",
        ];
        for option in foreign {
            assert_eq!(read_message(&message(option)), None, "{option:?}");
        }
        let whole = message(b"\x25\x03https://login.test/api");
        for end in 0..HEADER_BYTES + OPTIONS_HEADER_BYTES + 24 {
            assert_eq!(read_message(&whole[..end]), None, "{end}");
        }
    }
}
