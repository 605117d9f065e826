//! The account of the daemon on Windows, and the rights with which its pipe is opened.

/// The account of the daemon's service, `NT SERVICE\convened`, as a security identifier:
/// `S-1-5-80-` and the SHA-1 of the service's name in capitals and UTF-16, as five numbers. The
/// system makes it from the name, so it is the same on every machine, also before the service is
/// installed.
pub const SERVICE_SID: &str = "S-1-5-80-1684982939-1404739358-421746064-1464757874-1605249839";

/// The rights with which a frontend opens the pipe: reading and writing, without what
/// `GENERIC_WRITE` contains besides, the right to make a further instance of the pipe
/// (`FILE_CREATE_PIPE_INSTANCE`, 4). No user but the daemon's has that one, or anybody could answer
/// in the daemon's name. In .NET these are `PipeAccessRights.ReadWrite | Synchronize`.
pub const PIPE_CLIENT_RIGHTS: u32 = 0x0012_019b;

#[cfg(test)]
mod tests {
    use sha1::{Digest as _, Sha1};

    use super::*;

    fn of_service(name: &str) -> String {
        let name: Vec<u8> = name.to_uppercase().encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hash = Sha1::digest(name);
        let (numbers, _) = hash.as_chunks::<4>();
        let numbers = numbers.iter().map(|number| u32::from_le_bytes(*number).to_string());
        format!("S-1-5-80-{}", numbers.collect::<Vec<_>>().join("-"))
    }

    #[test]
    fn the_services_identifier_is_made_from_its_name() {
        let known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
        assert_eq!(of_service("TrustedInstaller"), known, "the one that every Windows knows");
        assert_eq!(of_service("convened"), SERVICE_SID);
    }
}
