//! Every limit of the product that more than one room must know, each with its reason.

/// Characters of a display name after normalisation: long enough for any real name, short enough for one line.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters (Unicode scalar values) of one message: about two printed pages.
pub const MESSAGE_CHARS_MAX: usize = 4_000;
/// Characters of a conference's title.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters of a conference's theme.
pub const THEME_CHARS_MAX: usize = 1_000;
/// Participants of one conference: the design's 2,000 with room for those who left and came again under a new name.
pub const PARTICIPANTS_MAX: usize = 4_000;
/// Bytes of one frame between daemon and server.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// Bytes of events or commands that a sender puts into one frame: leaves room for the envelope, and keeps the first
/// event of a long replay quick on a slow path.
pub const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Events in one frame.
pub const BATCH_EVENTS_MAX: usize = 256;
/// Bytes of one command's body as it travels: 4,000 characters of four bytes each, escaped as JSON (`\u0000` at worst),
/// and an envelope.
pub const COMMAND_BYTES_MAX: usize = 48 * 1024;
/// Bytes of one line of the local API.
pub const LOCAL_LINE_BYTES_MAX: usize = 1024 * 1024;
/// Deltas that wait for one frontend before it is cut.
pub const FRONTEND_DELTAS_MAX: usize = 1_024;
/// Frontends of one user at the same time.
pub const FRONTENDS_PER_USER_MAX: usize = 64;
/// Bytes of frames that wait for, or are unacknowledged by, one connection before it is cut.
pub const CONNECTION_QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Commands of one seat that wait for their receipt.
pub const OUTBOX_COMMANDS_MAX: usize = 10_000;
/// Commands of one seat that are under way at the same time: enough to fill a group commit over a slow path.
pub const COMMANDS_IN_FLIGHT_MAX: usize = 256;
/// Seats of one user that one connection carries at the same time.
pub const SEATS_PER_CONNECTION_MAX: usize = 64;
/// Seats of one user on one server that are kept though they do not take part (left, refused, never
/// reached): years of weekly conferences.
pub const SEATS_KEPT_MAX: usize = 256;
/// Commands that a conference holds undecided, over all participants, before it stops reading from connections.
pub const UNDECIDED_COMMANDS_MAX: usize = 8_192;
/// Events that a resuming seat is sent one by one; one that missed more starts from a snapshot.
pub const REPLAY_EVENTS_MAX: u64 = 20_000;
/// Bytes of a join link.
pub const JOIN_LINK_BYTES_MAX: usize = 1_024;
/// Bytes of a host name (RFC 1035, section 2.3.4, in its printed form).
pub const HOST_BYTES_MAX: usize = 253;
/// Attempts that a status lists: one whole round of the ladder with room to spare.
pub const ATTEMPTS_MAX: usize = 32;
