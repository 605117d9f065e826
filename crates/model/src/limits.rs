//! Every limit of the product that more than one room must know, each with its reason.

use std::time::Duration;

/// Characters of a display name after normalisation: long enough for any real name, short enough
/// for one line.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters (Unicode scalar values) of one message: about two printed pages.
pub const MESSAGE_CHARS_MAX: usize = 4_000;
/// Characters of a conference's title.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters of a conference's theme.
pub const THEME_CHARS_MAX: usize = 1_000;
/// Characters of the words that say who invites to a conference.
pub const HOSTS_CHARS_MAX: usize = 200;
/// Participants of one conference: the design's 2,000 with room for those who left and came again
/// under a new name.
pub const PARTICIPANTS_MAX: usize = 4_000;
/// Bytes of one frame between daemon and server.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// Bytes of events or commands that a sender puts into one frame: leaves room for the envelope, and
/// keeps the first event of a long replay quick on a slow path.
pub const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Events in one frame.
pub const BATCH_EVENTS_MAX: usize = 256;
/// Bytes of one command's body as it travels: 4,000 characters of four bytes each, escaped as JSON
/// (`\u0000` at worst), and an envelope.
pub const COMMAND_BYTES_MAX: usize = 48 * 1024;
/// Bytes of one line of the local API.
pub const LOCAL_LINE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the parameters of one request: a draft of which every character is escaped, and more.
/// What is longer is not read, since reading it would keep other users waiting.
pub const REQUEST_PARAMS_BYTES_MAX: usize = 128 * 1024;
/// Deltas that wait for one frontend before it is cut.
pub const FRONTEND_DELTAS_MAX: usize = 1_024;
/// Frontends of one user at the same time.
pub const FRONTENDS_PER_USER_MAX: usize = 64;
/// Frontends of all users at the same time: sixteen users take what each may.
pub const FRONTENDS_MAX: usize = 1_024;
/// Requests of one user that are worked on at the same time, over all frontends.
pub const REQUESTS_PER_USER_MAX: usize = 256;
/// And of all users.
pub const REQUESTS_MAX: usize = 4_096;
/// Bytes of one user's requests that are worked on, over all frontends; and again as many of lines
/// that wait to be taken. Four users take what all may.
pub const FRONTEND_BYTES_PER_USER_MAX: usize = 4 * 1024 * 1024;
/// And of all users.
pub const FRONTEND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of an `id` that is a text: it is repeated in the answer.
pub const REQUEST_ID_BYTES_MAX: usize = 256;
/// Bytes of one text in an error: it may repeat what was asked.
pub const ERROR_FIELD_BYTES_MAX: usize = 2_048;
/// Servers of one user on which there are seats: each costs a task, and a connection with what it
/// keeps.
pub const SERVERS_PER_USER_MAX: usize = 64;
/// And of all users.
pub const SERVERS_MAX: usize = 1_024;
/// Seats of one user, on all servers.
pub const SEATS_PER_USER_MAX: usize = 1_024;
/// And of all users.
pub const SEATS_MAX: usize = 16_384;
/// Scripts of one user that name proxies and run at the same time, each in a process of its own.
pub const SCRIPTS_PER_USER_MAX: usize = 2;
/// And of all users.
pub const SCRIPTS_MAX: usize = 8;
/// Look-ups of names for one user at the same time: each keeps a thread, for as long as a name
/// server is silent.
pub const LOOKUPS_PER_USER_MAX: usize = 16;
/// And for all users: half of the threads that there are, so that reading the store has others.
pub const LOOKUPS_MAX: usize = 512;
/// Threads of the daemon that may wait for the system at the same time. Each is made as needed.
pub const BLOCKING_THREADS_MAX: usize = 1_024;
/// Bytes of frames that wait for, or are unacknowledged by, one connection before it is cut.
pub const CONNECTION_QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Commands of one seat that wait for their receipt.
pub const OUTBOX_COMMANDS_MAX: usize = 10_000;
/// Bytes of one user's commands that wait for their receipt, and of texts that came back, in all
/// seats: thousands of the longest messages.
pub const OUTBOX_BYTES_PER_USER_MAX: usize = 64 * 1024 * 1024;
/// And of all users.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Bytes of one conference that a seat keeps on the disk: events, states and receipts. That is half
/// a million messages, ten times a conference of 2,000 people at its liveliest.
pub const REPLICA_BYTES_PER_SEAT_MAX: usize = 256 * 1024 * 1024;
/// And of all seats of one user: many years of weekly conferences.
pub const REPLICA_BYTES_PER_USER_MAX: usize = 768 * 1024 * 1024;
/// And of all users. Four users take what each may.
pub const REPLICA_BYTES_MAX: usize = 3 * 1024 * 1024 * 1024;
/// Bytes of the drafts of one user, in all seats: a thousand of the longest.
pub const DRAFT_BYTES_PER_USER_MAX: usize = 16 * 1024 * 1024;
/// And of all users.
pub const DRAFT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Commands of one seat that are under way at the same time: enough to fill a group commit over a
/// slow path.
pub const COMMANDS_IN_FLIGHT_MAX: usize = 256;
/// Seats of one user that one connection carries at the same time.
pub const SEATS_PER_CONNECTION_MAX: usize = 64;
/// Seats of one user on one server that are kept though they do not take part (left, refused, never
/// reached): years of weekly conferences.
pub const SEATS_KEPT_MAX: usize = 256;
/// Commands that a conference holds undecided, over all participants, before it stops reading from
/// connections; also wishes and answers that wait for its log.
pub const UNDECIDED_COMMANDS_MAX: usize = 8_192;
/// Events of one log entry. A change that moves many people is one event whose fold moves them all.
pub const ENTRY_EVENTS_MAX: usize = 64;
/// Bytes of the events of one log entry as they travel: an entry is sent whole, so it has to fit
/// into one batch.
pub const ENTRY_BYTES_MAX: usize = BATCH_BYTES_MAX;
/// Participants whom one event that is not for everyone may name: a large café table and every
/// organizer fit, and an event never costs more than two kilobytes of numbers beside its text.
pub const AUDIENCE_MAX: usize = 512;
/// Organizers of one conference, those who left included: a back room for the team that leads 2,000
/// people. A message there goes to each of them.
pub const ORGANIZERS_MAX: usize = 64;
/// Personal links of one conference: each participant of the largest conference that is planned for
/// may have one. A server finds a conference by any of them, and reads all at a start.
pub const LINKS_MAX: usize = 512;
/// Devices of one participant: a few machines, each set up anew now and then.
pub const DEVICES_MAX: usize = 16;
/// Rooms of one conference that are open at the same time, beside those that each has.
pub const ROOMS_MAX: usize = 50;
/// Characters of a room's name: it stands in a narrow column.
pub const ROOM_NAME_CHARS_MAX: usize = 60;
/// Café tables of one conference at the same time.
pub const TABLES_MAX: usize = 1_000;
/// People at one café table, those who were asked included: one talk, not two.
pub const TABLE_SEATS_MAX: usize = 8;
/// Phases of one conference: three days of an hour each, with breaks.
pub const PHASES_MAX: usize = 200;
/// The most minutes by which a phase is moved at once, or that it lasts: a day.
pub const PHASE_MINUTES_MAX: u32 = 1_440;
/// Ballots of one conference.
pub const BALLOTS_MAX: usize = 100;
/// Options of one ballot.
pub const BALLOT_OPTIONS_MAX: usize = 10;
/// Characters of a ballot's question, and of each option.
pub const BALLOT_TEXT_CHARS_MAX: usize = 200;
/// Participants of one conference whose access checks its organizers know: as many as conferences
/// are made for. What an organizer alone knows is one frame, and this is the most of it.
pub const ACCESSES_MAX: usize = 2_000;
/// Characters of the version that is told with an access check: a release, and words behind it.
pub const ACCESS_VERSION_CHARS_MAX: usize = 24;
/// Terms of a log that a resume names one by one: a server that restarts daily for ten years. A
/// seat whose replica has more is sent a snapshot.
pub const TERMS_MAX: usize = 4_096;
/// Bodies of accepted commands that a daemon keeps for each seat, so that it can give the texts
/// back that a restored backup lost: days of the most busy author.
pub const ACCEPTED_BODIES_MAX: usize = 4_096;
/// Bytes of events that a resuming seat missed and is still sent one by one; above that, a snapshot
/// is smaller and quicker.
pub const REPLAY_BYTES_MAX: usize = 256 * 1024;
/// Bytes of events after the last snapshot from which a new one is worth its cost.
pub const SNAPSHOT_TAIL_BYTES: usize = 64 * 1024;
/// Bytes of a compressed snapshot beside those of its participants: settings, rooms, the agenda.
pub const SNAPSHOT_BASE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of a compressed snapshot for each participant: a name of 18 random letters and what stands
/// around it.
pub const SNAPSHOT_PARTICIPANT_BYTES_MAX: usize = 24;
/// How long a join code stays unknown before a seat gives up: a server that is being restored, or
/// that was started in another directory for a moment, knows it again by then.
pub const CODE_UNKNOWN_FINAL_AFTER: Duration = Duration::from_secs(600);
/// How long a server shows another log before people are told: a restore takes less.
pub const OTHER_LOG_TOLD_AFTER: Duration = Duration::from_secs(600);
/// The least time between two snapshots of one conference.
pub const SNAPSHOT_INTERVAL_MIN: Duration = Duration::from_secs(1);
/// The least time between two tellings of who is online.
pub const PRESENCE_INTERVAL_MIN: Duration = Duration::from_secs(1);
/// The longest time between two tellings of who is online: such a frame may be dropped, and the
/// next one mends it.
pub const PRESENCE_INTERVAL_MAX: Duration = Duration::from_secs(25);
/// Bytes of a join link.
pub const JOIN_LINK_BYTES_MAX: usize = 1_024;
/// Bytes of a host name (RFC 1035, section 2.3.4, in its printed form).
pub const HOST_BYTES_MAX: usize = 253;
/// Attempts that a status lists: one whole round of the ladder (16 ports, one more, 20 proxies)
/// with room to spare.
pub const ATTEMPTS_MAX: usize = 48;
