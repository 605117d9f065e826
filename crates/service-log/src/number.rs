//! The numbers of the lines for which an administrator may wait, one list for both programs. A
//! number never changes its meaning and is never given again. They stay below 1,000: those are what
//! the event log of every Windows can show.

/// Of what the journal's ids of our lines are made (random, as `journalctl --new-id128` makes
/// them); a number is added.
const MESSAGE_ID_BASE: u128 = 0xcc27_20b9_e751_4c29_9c6c_8cf8_3f8f_0000;

/// A number, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The number.
    pub number: u16,
    /// The message of a line with this number, as `docs/ADMIN.md` has it.
    pub says: &'static str,
}

/// The journal's `MESSAGE_ID` of the lines with a number: 32 hexadecimal digits.
#[must_use]
pub fn message_id(number: u16) -> String {
    format!("{:032x}", MESSAGE_ID_BASE + u128::from(number))
}

macro_rules! numbers {
    ($(#[doc = $says:literal] $name:ident = $number:literal;)*) => {
        $(#[doc = $says] pub const $name: u16 = $number;)*

        /// All of them, in order.
        pub const ALL: &[Numbered] = &[$(Numbered { number: $name, says: $says.trim_ascii() }),*];
    };
}

numbers! {
    /// A program has started: version, configuration files, state directory, socket.
    STARTED = 100;
    /// A program stops because it was told to.
    STOPPING = 101;
    /// A program does not start, and why (error).
    NOT_STARTED = 102;
    /// Changed configuration was read and counts.
    CONFIGURATION_READ = 103;
    /// Changed configuration cannot be used, and why; what counted before goes on (error).
    CONFIGURATION_REFUSED = 104;
    /// Configuration is usable and dangerous, and why (warning).
    DANGEROUS = 105;
    /// On Windows somebody else has the pipe's name; it is taken when it is free (error).
    NAME_TAKEN = 106;
    /// `convened --prepare-machine`, for Windows' installer, did not succeed, and why (error).
    NOT_PREPARED = 107;
    /// The socket for frontends was deleted: it is made again, or cannot be, and why (error).
    SOCKET_LOST = 108;
    /// A server is reached, or by another way: rung, target, proxy, carrier.
    CONNECTED = 110;
    /// A connection with a server ended, and the code that says why.
    CONNECTION_LOST = 111;
    /// A server is not reached: the last attempts with stage, target and code. Tries go on.
    NOT_REACHED = 112;
    /// A user has joined a conference.
    JOINED = 120;
    /// A user has left a conference.
    LEFT = 121;
    /// A server refused to let a user take part, and the code that says why.
    REFUSED = 122;
    /// Nothing can be stored, and why; nothing new is accepted until it can (warning).
    STORE_FAILS = 130;
    /// Everything can be stored again.
    STORE_WORKS = 131;
    /// A defect ended the task of a connection; it begins anew with what is stored (error).
    TASK_FAILED = 132;
    /// No more of a conference is kept: it, or all of its user's, is as much as may be (warning).
    SEAT_FULL = 133;
    /// The server listens on an address.
    LISTENING = 200;
    /// The server cannot have an address, and why; it is tried again (error).
    NOT_LISTENING = 201;
    /// The certificate that the server shows: its file, names, SHA-256 (the beginning) and end.
    CERTIFICATE = 202;
    /// A conference was created.
    CONFERENCE_CREATED = 203;
    /// A conference was ended.
    CONFERENCE_ENDED = 204;
    /// A link or a seat was refused, and why.
    LINK_REFUSED = 205;
    /// A conference was deleted.
    CONFERENCE_DELETED = 206;
    /// A conference cannot be read, and why; its seats are refused, and others go on (error).
    CONFERENCE_DAMAGED = 207;
    /// A conference has failed, and why; it is loaded again when it is next wanted (error).
    CONFERENCE_FAILED = 208;
    /// A backup was given out: its bytes.
    BACKED_UP = 209;
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = include_str!("../../../docs/ADMIN.md");

    #[test]
    fn numbers_are_in_order_given_once_and_shown_by_every_windows() {
        assert!(ALL.is_sorted_by(|a, b| a.number < b.number));
        assert!(ALL.iter().all(|numbered| (1..1_000).contains(&numbered.number)));
    }

    #[test]
    fn an_id_is_a_random_uuid_with_the_number_at_its_end() {
        assert_eq!(message_id(STARTED), "cc2720b9e7514c299c6c8cf83f8f0064");
    }

    #[test]
    fn the_administrators_page_lists_each_number_with_its_id_and_what_it_says() {
        for Numbered { number, says } in ALL {
            let row = format!("| {number} | `{}` | {says} |", message_id(*number));
            assert!(ADMIN.lines().any(|line| line == row), "docs/ADMIN.md lacks this line:\n{row}");
        }
    }
}
