// Made from docs/openrpc.json by `cargo xtask clients`. Changes belong there.

/**
 * A word of a later version of the daemon. Lists of words and kinds only ever grow: pass over what
 * is not known here.
 */
export type Later = string & { readonly later?: never };

/** The version of the language, as `hello` tells it. */
export const API_VERSION = 4;

/** The numbers of the errors, by their words. */
export const errorCodes = {
  /** The command is no JSON object with a `kind`. */
  command_malformed: -32013,
  /** The command is longer than any valid one. */
  command_too_large: -32007,
  /**
   * Seats on several servers are in a conference of this id; `servers` says which, and `seats`
   * names a seat on each. `ID@SERVER` names one. Where join links to one server name different
   * keys, that is one name for several servers, and the seats' own names tell them apart.
   */
  conference_ambiguous: -32021,
  /** This user has no seat in that conference. */
  conference_unknown: -32003,
  /**
   * The daemon's configuration cannot be used, for this server or with this change; `reason` says
   * why.
   */
  configuration_invalid: -32014,
  /** The person does not answer this question now. */
  declined: -32016,
  /**
   * The draft (`text`), its `key`, the number of `drafts`, or the bytes of `all` of them is over
   * the limit; `reason` says which. Nothing was changed.
   */
  draft_too_large: -32026,
  /** The administrator has fixed this; `setting` says which setting of the configuration. */
  fixed_by_policy: -32017,
  /** The frontend did not read what it was told, and is cut. */
  frontend_too_slow: -32010,
  /** The command id was used for another command. */
  id_reused: -32006,
  /** The parameters do not fit the method. */
  invalid_params: -32602,
  /** The line is no request. */
  invalid_request: -32600,
  /** The join link cannot be read; `reason` says why. */
  link_malformed: -32001,
  /** The server does not show this log, and none of it was put aside. */
  log_unknown: -32022,
  /** There is no such method. */
  method_not_found: -32601,
  /** The display name is no name; `reason` says why. */
  name_invalid: -32002,
  /** Only administrators may do that; `command` is what works for them. */
  not_privileged: -32018,
  /** Too many commands wait for their receipt. */
  outbox_full: -32005,
  /** The line is no JSON. */
  parse_error: -32700,
  /** The address of a proxy cannot be used; `reason` says why, and of a setting `setting` which. */
  proxy_malformed: -32015,
  /** The server refused; `refusal` says why. */
  refused: -32004,
  /**
   * A setting cannot have that value; `setting` names it, and `reason` says why. Nothing was
   * changed.
   */
  setting_invalid: -32024,
  /** Other settings are in effect than the change was made for; nothing was changed. */
  settings_changed: -32025,
  /** The daemon has just been started, and has not taken up its seats yet; ask again. */
  starting: -32023,
  /** The seat takes part; it can be left, and then be forgotten. */
  still_joined: -32020,
  /** The daemon is going down; ask again. */
  stopping: -32012,
  /** The daemon's disk does not take it; nothing was accepted. */
  storage_failed: -32008,
  /** This user has too many frontends attached. */
  too_many_frontends: -32009,
  /** This user has too many seats on that server. */
  too_many_seats: -32011,
  /**
   * The daemon's disk failed, and what came of the request is not known; the same one may be sent
   * again.
   */
  unsure: -32019,
} as const;

/** The word of an error. */
export type ErrorWord = keyof typeof errorCodes | Later;

/** To sit down at a table to which one was asked. */
export interface AcceptTable {
  /** Which one; left out where there is one. */
  table?: string | null;
}

/** The check of one server. */
export interface AccessCheckRecord {
  /** The server's host name. */
  server: string;
  /** Its conference ports, as `4500-4506`. */
  ports: string;
  /** Its HTTPS port. */
  https_port: number;
  /** Why it was made. */
  reason: AccessReason;
  /** When it began (RFC 3339). */
  began: string;
  /** The steps, in the order in which they are shown. A step that is not begun is among them. */
  steps: AccessStep[];
  /** Whom to ask, where the configuration says it. */
  contact?: string | null;
  /** When it ended; left out while it runs. */
  ended?: string | null;
  /** The name of this machine, for a letter; left out where it is not known. */
  machine?: string;
  /** What it came to; left out while it runs. */
  verdict?: AccessVerdict | null;
  /** The version of the daemon. */
  version?: string;
}

/** The last check of each server; one that was just begun is `running`. */
export interface AccessCheckResult {
  /**
   * One for each server that was checked. Empty, where `server` names neither a server of this user
   * nor one of the configuration.
   */
  checks: AccessCheckRecord[];
}

/** Participants whose access checks went alike. */
export interface AccessGroup {
  /** The outcome. */
  verdict: AccessVerdict;
  /** The version of the program that made the check; empty where there are too many to tell. */
  version: string;
  /** Who. */
  people: string[];
}

/** Why a check was made. */
export type AccessReason = (typeof accessReasonWords)[number] | Later;

/** The words of `AccessReason` that this version knows. */
export const accessReasonWords = [
  /** Somebody asked for it. */
  "asked",
  /** A seat was taken. */
  "seat_taken",
  /** A conference begins within a day. */
  "day_before",
] as const;

/** One step of a check. */
export interface AccessStep {
  /** Which. */
  kind: AccessStepKind;
  /**
   * What was tried: a host, `host:port`, a proxy, or the script that names proxies. It holds no
   * login.
   */
  target: string;
  /** How it stands. */
  state: AccessStepState;
  /** What failed, with its remedy. Its texts come from a network. */
  attempt?: Attempt | null;
  /** What carried it. */
  carrier?: Carrier | null;
  /** Milliseconds by which the server's clock is ahead of this machine's. */
  clock_offset_ms?: number | null;
  /** Who inspects TLS, as the certificate names its issuer; nobody vouches for it. */
  inspected_by?: string | null;
  /** The ways to log in that the proxy offers, by name. */
  logins?: string[];
  /** Milliseconds that it took; left out until it is over. */
  ms?: number | null;
  /**
   * The place that names the proxy: `user` (by hand), `file`, `environment`, `script`, `wpad`, or a
   * place of the session's or the system's, such as `gnome`.
   */
  named_by?: string | null;
  /** The rung on which the way that was opened is. */
  rung?: Rung | null;
}

/** The kinds of steps. */
export type AccessStepKind = (typeof accessStepKindWords)[number] | Later;

/** The words of `AccessStepKind` that this version knows. */
export const accessStepKindWords = [
  /** The server's name is looked up. */
  "name",
  /** One of the conference ports, straight. */
  "port",
  /** The HTTPS port, straight. */
  "https",
  /**
   * A proxy that was found or configured, or a script that names proxies; skipped, where there is
   * none.
   */
  "proxy",
  /** The page by which captive portals are recognised. */
  "portal",
  /** Who inspects TLS. */
  "inspection",
  /** This machine's clock beside the server's. */
  "clock",
  /** Whether both sides speak a common version. */
  "version",
] as const;

/** How a step stands. */
export type AccessStepState = (typeof accessStepStateWords)[number] | Later;

/** The words of `AccessStepState` that this version knows. */
export const accessStepStateWords = [
  /** It is not begun. */
  "waiting",
  /** It is under way. */
  "running",
  /** All is well. */
  "good",
  /** It works, and something is to be known. */
  "warned",
  /** It does not work. */
  "failed",
  /** It was not tried: what it needs did not work, or there is no such thing here. */
  "skipped",
] as const;

/** The organizers know how somebody's access check went. Told to them, and to that participant. */
export interface AccessTold {
  /** Whose it is. */
  participant: string;
  /** The outcome. */
  verdict: AccessVerdict;
  /** The version of the program that made the check; empty where there are too many to tell. */
  version: string;
}

/** The outcome of an access check. */
export type AccessVerdict = (typeof accessVerdictWords)[number] | Later;

/** The words of `AccessVerdict` that this version knows. */
export const accessVerdictWords = [
  /** The server is reached, and nothing is in the way. */
  "green",
  /**
   * The server is reached, and something is to be known: ports are closed, the way is slow, TLS is
   * inspected, or a clock is wrong.
   */
  "yellow",
  /** The server is not reached. */
  "red",
] as const;

/** An organizer knows how the access checks of the others went. Told to them alone. */
export interface AccessesTold {
  /** The organizer. */
  participant: string;
  /** Those whose checks went alike, together. */
  groups: AccessGroup[];
}

/** The outcome of a command. */
export interface ActResult {
  /** Which. */
  command: string;
  /** How it stands. */
  state: CommandState;
  /** Why it was refused. */
  code?: Refusal | null;
  /** When the conference opens, where that is why (`not_open_yet`). */
  opens?: string | null;
  /** The number of its log entry. */
  seq?: number | null;
}

/** To make a participant an organizer. */
export interface AddOrganizer {
  /** Whom. */
  participant: string;
}

/** To add a room. */
export interface AddRoom {
  /** Its name: one line. It is checked when it is decided. */
  name: string;
}

/** Behind what to begin to watch. */
export type After = number | FoldedPoint;

/** To ask people to one's table, or to a new one. */
export interface AskToTable {
  /** Whom. */
  people: string[];
}

/** People were asked to a table. Told to those who sit there, and to those who were asked. */
export interface AskedToTable {
  /** The table. */
  table: string;
  /** Who asks. */
  participant: string;
  /** Who is asked. */
  people: string[];
}

/**
 * One failed attempt to reach a server: what a status lists and a letter quotes. Fields are only
 * ever added.
 */
export interface Attempt {
  /** The stage that it had reached. */
  stage: Stage;
  /**
   * The target that was tried, as `host:port`, with the proxy behind ` via ` where there was one.
   * It holds no login.
   */
  target: string;
  /** The cause of the failure. */
  code: Code;
  /** Milliseconds from the attempt's start to its failure. */
  ms: number;
  /** The thing to do about the failure. */
  remedy: Remedy;
  /** The traces of the box in the way, where it left any. */
  evidence?: Evidence | null;
}

/** A ballot. */
export interface Ballot {
  /** The question. */
  question: string;
  /** The options. */
  options: Record<string, string>;
  /** How many have voted. */
  turnout: number;
  /** The phase with which it closes by itself. */
  phase?: number | null;
  /** The votes for each option, once it is closed. */
  result?: Record<string, number> | null;
}

/** A ballot was closed. The result never changes. */
export interface BallotClosed {
  /** The ballot. */
  ballot: string;
  /** The votes for each option. */
  votes: Record<string, number>;
}

/** A ballot was opened. */
export interface BallotOpened {
  /** Its id. */
  ballot: string;
  /** The question. */
  question: string;
  /** The options. */
  options: Record<string, string>;
  /** The phase with which it closes by itself. */
  phase?: number | null;
}

/** All ballots. */
export type Ballots = Record<string, Ballot>;

/**
 * The conference opens: people may speak in the plenary, where all stand who stood in the foyer.
 */
export interface Began {
  /** The time for which it was planned. */
  planned: string;
}

/**
 * The event itself, without who and when. Travels as `{"kind":"said",…}`.
 *
 * Reading never fails: a kind of a later version, and a known kind of another form, read as
 * `Body::Unknown`. That keeps nothing of the text, so callers keep the text itself, and fold it
 * again once they know more.
 */
export type Body =
  /** The conference began to exist. */
  | ({ kind: "opened" } & Opened)
  /** Someone came, or came back. */
  | ({ kind: "joined" } & Joined)
  /** Someone left, or was removed. */
  | ({ kind: "left" } & Left)
  /** Someone said something. */
  | ({ kind: "said" } & Said)
  /** The conference is over: nothing happens in it any more. */
  | { kind: "ended" }
  /** A participant bears another name. */
  | ({ kind: "renamed" } & Renamed)
  /** A participant has another role. */
  | ({ kind: "role_changed" } & RoleChanged)
  /** The codes that open the conference. For an organizer alone. */
  | ({ kind: "codes_told" } & CodesTold)
  /** A participant stands in another room. */
  | ({ kind: "went" } & Went)
  /** A room was added. */
  | ({ kind: "room_added" } & RoomAdded)
  /** A room was closed. */
  | ({ kind: "room_closed" } & RoomClosed)
  /** People were asked to a table. For those whom it concerns. */
  | ({ kind: "asked_to_table" } & AskedToTable)
  /** A participant does not come to a table. For those whom it concerns. */
  | ({ kind: "table_declined" } & TableDeclined)
  /** A participant sits down at a table. */
  | ({ kind: "sat_down" } & SatDown)
  /** A participant stands up from their table. */
  | ({ kind: "stood_up" } & StoodUp)
  /** The conference has a schedule. */
  | ({ kind: "scheduled" } & Scheduled)
  /** The conference opens. */
  | ({ kind: "began" } & Began)
  /** A phase begins. */
  | ({ kind: "phase_began" } & PhaseBegan)
  /** A phase ends. */
  | ({ kind: "phase_ended" } & PhaseEnded)
  /** The phase that runs is to end at another time. */
  | ({ kind: "phase_moved" } & PhaseMoved)
  /** A ballot was opened. */
  | ({ kind: "ballot_opened" } & BallotOpened)
  /** Somebody voted. For them alone. */
  | ({ kind: "voted" } & Voted)
  /** So many have voted. */
  | ({ kind: "turnout" } & Turnout)
  /** A ballot was closed. */
  | ({ kind: "ballot_closed" } & BallotClosed)
  /** An access check went so. For organizers, and for the one whose it is. */
  | ({ kind: "access_told" } & AccessTold)
  /** The access checks that are known. For an organizer alone. */
  | ({ kind: "accesses_told" } & AccessesTold)
  /** Codes were replaced. For organizers alone. */
  | ({ kind: "codes_replaced" } & CodesReplaced)
  /** A participant has a personal link. For them alone. */
  | ({ kind: "link_told" } & LinkTold)
  /** No newcomers are let in. */
  | { kind: "doors_locked" }
  /** Newcomers are let in again. */
  | { kind: "doors_opened" }
  /** The conference holds so much of the data that it may hold. */
  | ({ kind: "filled" } & Filled);

/** The kinds of `Body` that this version knows. */
export const bodyKinds = [
  "opened",
  "joined",
  "left",
  "said",
  "ended",
  "renamed",
  "role_changed",
  "codes_told",
  "went",
  "room_added",
  "room_closed",
  "asked_to_table",
  "table_declined",
  "sat_down",
  "stood_up",
  "scheduled",
  "began",
  "phase_began",
  "phase_ended",
  "phase_moved",
  "ballot_opened",
  "voted",
  "turnout",
  "ballot_closed",
  "access_told",
  "accesses_told",
  "codes_replaced",
  "link_told",
  "doors_locked",
  "doors_opened",
  "filled",
] as const;

/** The form in which frames travel inside TLS. */
export type Carrier = (typeof carrierWords)[number] | Later;

/** The words of `Carrier` that this version knows. */
export const carrierWords = [
  /** RFC 6455. */
  "websocket",
  /** A streamed response down, POSTs up. */
  "stream",
  /** Responses that end, POSTs up. */
  "poll",
] as const;

/** A vote that counts. */
export interface CastVote {
  /** The option. */
  option: string;
  /** The number of the entry. */
  seq: number;
}

/** To close a room. */
export interface CloseRoom {
  /** Which one. */
  room: string;
}

/** The cause of a failure. */
export type Code = (typeof codeWords)[number] | Later;

/** The words of `Code` that this version knows. */
export const codeWords = [
  /** The name does not exist. */
  "name_not_found",
  /** No name server answered in time. */
  "dns_timed_out",
  /** The name lookup failed for another reason. */
  "dns_failed",
  /** The connection was refused (TCP reset, or ICMP port unreachable). */
  "refused",
  /** No answer in time. */
  "timed_out",
  /** This machine has no way there, or its router does not answer. */
  "unreachable",
  /**
   * A firewall says that the way is forbidden, or a router that it does not find the host (ICMP
   * host or net unreachable): systems do not tell these apart.
   */
  "forbidden",
  /** The connection was reset after it stood. */
  "reset",
  /** The other side closed the connection without a word. */
  "closed",
  /** The operating system refused: no network, no address, no free socket. */
  "local_error",
  /** The address is loopback or link-local and the configuration does not name it. */
  "address_not_allowed",
  /** The proxy wants a login and none is known. */
  "proxy_login_needed",
  /** The proxy refused the login that is known. */
  "proxy_login_rejected",
  /** The proxy offers only ways to log in that are not supported. */
  "proxy_scheme_unsupported",
  /** The proxy does not let this target through. */
  "proxy_forbidden",
  /** The proxy could not reach the server. */
  "proxy_target_unreachable",
  /** Something answers at the proxy's address, but it does not talk like a proxy. */
  "proxy_broken",
  /** The SOCKS proxy failed and does not say why (RFC 1928, section 6: reply 01). */
  "socks_failed",
  /** The SOCKS proxy's rules forbid the target (02). */
  "socks_forbidden",
  /** The SOCKS proxy has no way to the target's network (03). */
  "socks_network_unreachable",
  /** The SOCKS proxy has no way to the target's host (04). */
  "socks_host_unreachable",
  /** The target refused the SOCKS proxy's connection (05). */
  "socks_target_refused",
  /** The SOCKS proxy's packets did not live long enough (06). */
  "socks_ttl_expired",
  /** The SOCKS proxy opens no connections for others (07). */
  "socks_command_unsupported",
  /** The SOCKS proxy does not know this kind of address (08). */
  "socks_address_unsupported",
  /** The automatic proxy configuration (PAC) could not be fetched. */
  "pac_unreachable",
  /**
   * The automatic proxy configuration (PAC) failed: an error in it, or a limit of time or memory.
   */
  "pac_failed",
  /**
   * The automatic proxy configuration (PAC) is not run on this machine: the process for it cannot
   * be started, or cannot give up its rights.
   */
  "pac_not_run",
  /**
   * The automatic proxy configuration (PAC) names no proxy for the server, and the direct ways
   * fail.
   */
  "pac_says_direct",
  /** Something answers, but it does not speak TLS. */
  "not_tls",
  /** The TLS handshake failed: no common cipher, or an alert. */
  "tls_failed",
  /** Something answers, but it speaks only versions of TLS that are too old. */
  "tls_version",
  /**
   * A handshake with the server's name is cut off, one without it is answered: something filters by
   * name.
   */
  "name_filtered",
  /** The certificate's issuer is not trusted here. */
  "certificate_untrusted",
  /** The certificate has expired. */
  "certificate_expired",
  /** The certificate is not valid yet. */
  "certificate_not_yet_valid",
  /** The certificate's key or signature is too weak for what is trusted today. */
  "certificate_weak",
  /** The certificate is not for servers (RFC 5280, section 4.2.1.12). */
  "certificate_wrong_purpose",
  /**
   * The certificate of the authority that issued the server's, as this machine has it, has expired.
   */
  "authority_expired",
  /** The certificate counts, and this machine's clock does not: another clock was heard. */
  "clock_wrong",
  /** The certificate is for another name. */
  "certificate_wrong_name",
  /** The server's key is not the one that the join link names. */
  "fingerprint_mismatch",
  /** TLS is inspected and the policy refuses that. */
  "inspection_refused",
  /** The server's port answered with a web page instead of the carrier. */
  "block_page",
  /** A network's login page stands between this machine and everything else. */
  "captive_portal",
  /** A box on the way keeps answers back until they are whole, so nothing can be streamed. */
  "response_held",
  /** The HTTP answer has a status that refuses the carrier. */
  "http_refused",
  /** Something answered, but the answer is not HTTP. */
  "not_http",
  /** The pipe stands, but no hello came in time. */
  "no_hello",
  /** Something answered the hello, but it is not a Convene server. */
  "not_our_server",
  /** The server speaks no version that this program speaks. */
  "version_unsupported",
  /** The server asks to come back later. */
  "server_busy",
] as const;

/** Codes were replaced: nobody comes in by those that are not among these. For organizers alone. */
export interface CodesReplaced {
  /** The organizers. */
  people: string[];
  /** All codes that open the conference from here on. */
  codes: Record<string, Role>;
}

/** An organizer knows these codes. Told to them alone. */
export interface CodesTold {
  /** The organizer. */
  participant: string;
  /** The codes. */
  codes: Record<string, Role>;
}

/** Something that someone wants. Travels as `{"kind":"say",…}`; unknown fields are ignored. */
export type Command =
  /** To take part, or to come back. */
  | ({ kind: "join" } & Join)
  /** To take part no more. */
  | { kind: "leave" }
  /** To say something. */
  | ({ kind: "say" } & Say)
  /** To end the conference. */
  | { kind: "end" }
  /** To bear another name. */
  | ({ kind: "rename" } & Rename)
  /** To make a participant an organizer. */
  | ({ kind: "add_organizer" } & AddOrganizer)
  /** To make an organizer a participant like the others. */
  | ({ kind: "remove_organizer" } & RemoveOrganizer)
  /** To stand in another room. */
  | ({ kind: "go" } & Go)
  /** To add a room. */
  | ({ kind: "add_room" } & AddRoom)
  /** To close a room. */
  | ({ kind: "close_room" } & CloseRoom)
  /** To ask people to a café table. */
  | ({ kind: "ask_to_table" } & AskToTable)
  /** To sit down at a table to which one was asked. */
  | ({ kind: "accept_table" } & AcceptTable)
  /** Not to come to a table to which one was asked. */
  | ({ kind: "decline_table" } & DeclineTable)
  /** To stand up from one's table. */
  | { kind: "leave_table" }
  /** To let the phase that runs last longer. */
  | ({ kind: "extend_phase" } & ExtendPhase)
  /** To let the phase that runs end earlier. */
  | ({ kind: "shorten_phase" } & ShortenPhase)
  /** To let the next phase begin now. */
  | { kind: "skip_phase" }
  /** To ask for votes. */
  | ({ kind: "open_ballot" } & OpenBallot)
  /** To vote, or to vote otherwise. */
  | ({ kind: "vote" } & Vote)
  /** To close the ballot that is open. */
  | { kind: "close_ballot" }
  /** To let the organizers know how one's access check went. */
  | ({ kind: "access" } & TellAccess)
  /** To remove a participant, lock the doors, and replace the codes that they may know. */
  | ({ kind: "remove" } & Remove)
  /** To let no newcomers in. */
  | { kind: "lock_doors" }
  /** To let newcomers in again. */
  | { kind: "open_doors" }
  /** To have a personal link, by which one takes part on another device too. */
  | { kind: "make_link" };

/** The kinds of `Command` that this version knows. */
export const commandKinds = [
  "join",
  "leave",
  "say",
  "end",
  "rename",
  "add_organizer",
  "remove_organizer",
  "go",
  "add_room",
  "close_room",
  "ask_to_table",
  "accept_table",
  "decline_table",
  "leave_table",
  "extend_phase",
  "shorten_phase",
  "skip_phase",
  "open_ballot",
  "vote",
  "close_ballot",
  "access",
  "remove",
  "lock_doors",
  "open_doors",
  "make_link",
] as const;

/** How a command stands. */
export type CommandState = (typeof commandStateWords)[number] | Later;

/** The words of `CommandState` that this version knows. */
export const commandStateWords = [
  /** It holds. */
  "accepted",
  /** It is safe in the outbox, and will be decided. */
  "queued",
  /** It does not hold. */
  "refused",
  /**
   * It held, and a backup of the server that was restored does not have it. Its text is kept, and
   * may be sent again with the same id.
   */
  "lost",
  /**
   * The daemon's disk failed, and whether the command is in the outbox is not known: the same one,
   * with the same id, may be sent again.
   */
  "unsure",
] as const;

/** What goes on in a conference, as far as the machine of a participant knows. */
export interface ConferenceNow {
  /** The café tables to which the participant was asked. */
  asked_to?: string[];
  /** When the conference opens; left out once it is open. */
  opens?: string | null;
  /** The phase that runs. */
  phase?: PhaseNow | null;
  /** The question of the ballot that is open. */
  question?: string | null;
  /** Where the participant stands. */
  room?: string | null;
  /** The names of that room by language, where it is not one that every conference has. */
  room_names?: Record<string, string>;
  /** Whether the participant has voted in it. */
  voted?: boolean;
}

/** How one server is reached. */
export interface Connection {
  /** Its host name. */
  server: string;
  /** Its conference ports, as `4500-4506`. */
  ports: string;
  /** Its HTTPS port. */
  https_port: number;
  /** How it stands. */
  state: ConnectionState;
  /** Since when it is in this state (RFC 3339). */
  since: string;
  /** The failures of the last round. They outlive the win of another way. */
  attempts: Attempt[];
  /**
   * Milliseconds by which the server's clock was ahead of this machine's when it last said hello.
   */
  clock_offset_ms?: number | null;
  /** Whom to ask, where the configuration says it. */
  contact?: string | null;
  /**
   * Who inspects TLS on the way in use, as the certificate there names its issuer; nobody vouches
   * for it. Left out where nobody does, or the policy allows it silently.
   */
  inspected_by?: string | null;
  /** The way in use. */
  route?: ConnectionRoute | null;
  /**
   * Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
   * all is well.
   */
  storage?: Storage | null;
}

/** The way in use. */
export interface ConnectionRoute {
  /** `direct`, `https` or `proxy`. */
  rung: Rung;
  /** `host:port` of the server. */
  target: string;
  /** `websocket`, `stream` or `poll`. */
  carrier: Carrier;
  /** `host:port` of the proxy. */
  proxy?: string | null;
}

/** How a connection stands. */
export type ConnectionState = (typeof connectionStateWords)[number] | Later;

/** The words of `ConnectionState` that this version knows. */
export const connectionStateWords = [
  /** It carries conferences. */
  "connected",
  /** On the way. */
  "connecting",
  /** No way leads to the server; the remedies of `attempts` say whose turn it is. Tries go on. */
  "blocked",
  /** This machine has no network. Tries go on. */
  "offline",
] as const;

/** All connections of this user, numbered. */
export interface Connections {
  /** Counts the changes. */
  number: number;
  /** As they stand. */
  connections: Connection[];
}

/** Not to come to a table to which one was asked. */
export interface DeclineTable {
  /** Which one; left out where there is one. */
  table?: string | null;
}

/** Whether its text was kept until now. */
export interface DismissResult {
  /** Whether there was such a text. */
  dismissed: boolean;
}

/** A draft. */
export interface Draft {
  /**
   * `room:` and the id of the room for which it is written; what a frontend remembers otherwise has
   * the frontend's name in front, such as `page:view`.
   */
  key: string;
  /**
   * Counts the changes of this one; 0 is a draft that was never set. Of two that a frontend is
   * told, the higher one is the later.
   */
  revision: number;
  /** The text; empty where the draft was removed. */
  text: string;
  /**
   * The text that another frontend set meanwhile, where both are kept; two such texts stand one
   * below the other, where both fit. Setting the draft once more, with this revision, decides.
   */
  other?: string | null;
}

/** Drafts of one seat. */
export interface DraftGetResult {
  /** Those that are not empty, in the order of their keys. */
  drafts: Draft[];
}

/**
 * The draft as it is now. Where its `other` is set, the author had not seen what another frontend
 * set, and both texts are kept.
 */
export interface DraftSetResult {
  /** As it is. */
  draft: Draft;
}

/** Nothing. */
export type Empty = Record<string, unknown>;

/** Something that happened. `(seq, step)` orders events; gaps mean nothing. */
export interface Event {
  /** The number of its log entry, from 1. All events of an entry bear the same. */
  seq: number;
  /** The server's time, for people: it may lie before that of an earlier event. */
  at: string;
  /** The rest. */
  body: Body;
  /**
   * The participant who did it; absent where the server or its operator did it, and in public
   * events of a secret act.
   */
  by?: string | null;
  /** The command that it came of; absent where `by` is. */
  command?: string | null;
  /** Its place in its entry, from 1. Written from the second event on. */
  step?: number;
}

/**
 * The traces that a box on the way leaves. Its texts come from a network: at most 200 characters
 * each, without control and format characters, but they may say anything. Fields are only ever
 * added.
 */
export interface Evidence {
  /** The key of the certificate that it shows. */
  fingerprint?: string | null;
  /**
   * The box's name for itself: the issuer of its certificate, or its headers `Server`, `Via` or
   * `Proxy-agent`.
   */
  name?: string | null;
  /** The page to which it sends browsers. */
  page?: string | null;
  /** The ways to log in that it offers, by name, at most 8. */
  schemes?: string[];
  /** The status of its HTTP answer. */
  status?: number | null;
}

/** To let the phase that runs last longer. */
export interface ExtendPhase {
  /** By how much. */
  minutes: number;
}

/** The conference holds so much of the data that it may hold. */
export interface Filled {
  /**
   * The mark that was passed: 80, or 100 where nothing more can be written. 0 where its server lets
   * it hold more than before.
   */
  percent: number;
}

/**
 * How far a frontend is: the number and the term that it was told last, and the level that the
 * watch named.
 */
export interface FoldedPoint {
  /** The number. */
  number: number;
  /** The term of the entry with that number. */
  term: string;
  /** The level with which states are folded. */
  level: number;
}

/** The forms of what is kept and spoken; a higher number is a later one. */
export interface Formats {
  /** Of the store in the state directory. */
  store: number;
  /** Of the protocol with servers, the latest that is spoken. */
  protocol: number;
  /** Of this language. */
  api: number;
}

/** To stand in another room. */
export interface Go {
  /** Which one. */
  room: string;
}

/** Who the daemon is. */
export interface HelloResult {
  /** The program and its version. */
  daemon: string;
  /** The version of this language. */
  api: number;
}

/** A value that another one hides. */
export interface HiddenSetting {
  /** The value; `true` for a secret. */
  value: unknown;
  /** The place that names it. */
  from: SettingSource;
}

/** A page of the past. */
export interface HistoryResult {
  /** In order. */
  events: Event[];
  /**
   * And up to this one. Who reads the oldest first goes on with it as `after`. Where both are the
   * same and the page is not complete, what comes next is not here yet.
   */
  through: number;
  /**
   * Whether nothing more of what was asked for is known. A page that was cut, or ends where
   * something was passed over, is not complete.
   */
  complete: boolean;
  /**
   * The page holds everything above this number. Who reads the newest first goes on with it as
   * `through`.
   */
  after?: number;
}

/** An invitation to a café table. */
export interface Invitation {
  /** Who asked. */
  by: string;
  /** The number of the entry. */
  seq: number;
}

/** To take part, or to come back. */
export interface Join {
  /** The wanted display name. */
  name: string;
}

/** What came of it. */
export interface JoinResult {
  /** Whether one is in. */
  state: JoinState;
  /** What failed so far, where one is not in. */
  attempts?: Attempt[];
  /** Why the server does not open the conference now, where it says so. */
  code?: Refusal | null;
  /** The conference, once the server has named it. */
  conference?: string | null;
  /**
   * Who inspects TLS on the way in use, as the certificate there names its issuer; nobody vouches
   * for it. Left out where nobody does, or the policy allows it silently.
   */
  inspected_by?: string | null;
  /** Who one is in it. */
  participant?: string | null;
}

/** Whether one is in. */
export type JoinState = (typeof joinStateWords)[number] | Later;

/** The words of `JoinState` that this version knows. */
export const joinStateWords = [
  /** One is. */
  "joined",
  /** The daemon goes on trying. */
  "joining",
  /** The server does not open the conference now. The daemon goes on trying. */
  "not_here_now",
] as const;

/** Someone came, or came back. */
export interface Joined {
  /** The participant. */
  participant: string;
  /** Under which name. A text, because the limits of a name bind commands and not events. */
  name: string;
  /** In which role. Logs of format 1 call it `right`. */
  role: Role;
}

/** An access check that somebody knows of. */
export interface KnownAccess {
  /** The outcome. */
  verdict: AccessVerdict;
  /** The version of the program that made the check; empty where that is not known. */
  version: string;
  /** The number of the entry. */
  seq: number;
}

/** Codes that an organizer knows. */
export interface KnownCodes {
  /** The codes, each with the role that it gives. */
  by_code: Record<string, Role>;
  /** The number of the entry. */
  seq: number;
}

/** A participant's personal link. */
export interface KnownLink {
  /** Its code. */
  code: string;
  /** The number of the entry. */
  seq: number;
}

/** What came of it. */
export interface LeaveResult {
  /** How it stands. */
  state: LeaveState;
}

/** How leaving stands. */
export type LeaveState = (typeof leaveStateWords)[number] | Later;

/** The words of `LeaveState` that this version knows. */
export const leaveStateWords = [
  /** Everyone knows. */
  "left",
  /** The server will be told. */
  "queued",
] as const;

/** Someone left for good, as far as is known. */
export interface Left {
  /** The participant. */
  participant: string;
  /**
   * Whether an organizer removed them: they cannot come back. Left out where they went by
   * themselves.
   */
  removed?: boolean;
}

/** A participant has a personal link with this code. Told to them alone. */
export interface LinkTold {
  /** The participant. */
  participant: string;
  /** The code. Anyone who has it is this participant. */
  code: string;
}

/** All seats of this user. */
export interface ListResult {
  /** In the order in which they were taken. */
  conferences: ListedSeat[];
}

/** One seat. */
export interface ListedSeat {
  /** The seat's own name, such as `s12`: for `conference.forget` and `conference.leave`. */
  seat: string;
  /** The server's host name. */
  server: string;
  /** The display name. */
  name: string;
  /** How it stands. */
  state: SeatState;
  /** Commands without a receipt. */
  waiting: number;
  /** The number of the last log entry that is known here. */
  cursor: number;
  /**
   * Why the server refused, or does not open it now; `removed`, where an organizer removed the
   * participant who `left`.
   */
  code?: Refusal | null;
  /** The conference, once the server has named it. */
  conference?: string | null;
  /**
   * The only key that the server may have, as the join link named it; a link for others names it
   * too. Left out where the operating system's trust decides.
   */
  fingerprint?: string | null;
  /** What goes on there now, while the participant takes part. */
  now?: ConferenceNow | null;
  /** The log that the server shows in place of the one that the seat knows. */
  other_log?: string | null;
  /** Who one is. */
  participant?: string | null;
  /**
   * Which side is to be updated, while the server and the daemon speak no common version:
   * `update_program` is this one. Left out otherwise.
   */
  remedy?: Remedy | null;
  /**
   * Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
   * all is well.
   */
  storage?: Storage | null;
  /** The conference's title, once it is known. */
  title?: string;
}

/**
 * What a participant may do now. Where something depends on what the command names, such as a name
 * that may be taken, it says whether there is any way to do it at all.
 *
 * It depends on the state alone: what the clock changes is an event, too. Everything that it
 * refuses is refused in this state, by the same code, when it is decided.
 */
export interface May {
  /** By the kind of a command, such as `rename`: all kinds stand here, except `join`. */
  acts: Record<string, Permit>;
  /**
   * By room, whether the participant may speak there: the open rooms, those that every conference
   * has, and the table at which they sit.
   */
  speak: Record<string, Permit>;
}

/** To ask for votes. */
export interface OpenBallot {
  /** The question: one line. It is checked when it is decided. */
  question: string;
  /** The answers that one may choose from: one line each. */
  options: string[];
}

/**
 * The conference began to exist. Always in entry 1, which no command makes: the operator of the
 * server creates a conference.
 */
export interface Opened {
  /** As its organizer wanted it. */
  settings: Settings;
}

/**
 * The part of a state that only one participant may know. Everything in it names the entry by which
 * it came to be.
 */
export interface Own {
  /** The access checks that they know of: organizers those of everyone, others their own. */
  accesses?: Record<string, KnownAccess>;
  /** The codes that open the conference, which organizers know. */
  codes?: KnownCodes | null;
  /** The tables to which they were asked. */
  invitations?: Record<string, Invitation>;
  /** Their personal link. */
  link?: KnownLink | null;
  /** Their votes. */
  votes?: Record<string, CastVote>;
}

/** The settings that a user has for their own seats. */
export interface OwnSettings {
  /** What the user's sessions say of proxies. Passwords are left out. */
  offered?: ProxySource[];
  /**
   * The proxies that the user set by hand; left out where they set none. Passwords are left out.
   */
  proxy?: ProxySource | null;
  /** The policy that keeps users from setting proxies, by its setting, where there is one. */
  proxy_fixed_by?: string | null;
  /**
   * Whether the organizers of the user's conferences are told how the access check went: green,
   * yellow or red, and the version. Left out until the user has said so.
   */
  tell_access?: boolean | null;
}

/** Someone who takes part or took part. */
export interface Participant {
  /** The display name; no other participant of the conference has it. */
  name: string;
  /** The role, which says what they may do. */
  role: Role;
  /** Whether they joined and have not left. (Whether they are online is not in the log.) */
  takes_part: boolean;
  /** Where they stand. */
  room: string;
  /** Whether an organizer removed them; left out where nobody did. */
  removed?: boolean;
}

/** Whether something may be. */
export interface Permit {
  /** Whether it may. */
  allowed: boolean;
  /** Why not; left out where it may. */
  code?: Refusal | null;
  /** When the conference opens, where that is why (`not_open_yet`). */
  opens?: string | null;
}

/**
 * A phase. Its planned times follow from the start and the minutes of those before it; the times
 * here are actual ones.
 */
export interface Phase {
  /** Its kind. */
  kind: string;
  /** Which round of its kind it is, from 1. */
  round: number;
  /** How many rounds follow one another. */
  rounds: number;
  /** How long it lasts by the plan. */
  minutes: number;
  /** When it began. */
  began?: string | null;
  /** When it is to end, while it runs; when it ended, afterwards. */
  ends?: string | null;
}

/** A phase begins. */
export interface PhaseBegan {
  /** Its number, from 1. */
  phase: number;
  /** The time for which that was planned. */
  planned: string;
  /** When it is to end. */
  ends: string;
}

/** A phase ends. */
export interface PhaseEnded {
  /** Its number. */
  phase: number;
  /** The time for which that was planned. */
  planned: string;
}

/** The phase that runs is to end at another time. */
export interface PhaseMoved {
  /** Its number. */
  phase: number;
  /** When it is to end. */
  ends: string;
}

/** The phase that runs. */
export interface PhaseNow {
  /** Its number, from 1. */
  number: number;
  /** Its kind. */
  kind: string;
  /** Which round of its kind it is, from 1. */
  round: number;
  /** How many rounds follow one another. */
  rounds: number;
  /** How long it lasts by the plan. */
  minutes: number;
  /** When it began. */
  began?: string | null;
  /** When it is to end, while it runs; when it ended, afterwards. */
  ends?: string | null;
}

/** A phase as the organizer planned it. With `rounds` it stands for as many phases. */
export interface PhasePlan {
  /** Its kind, such as `workshops`: a word that frontends translate. */
  kind: string;
  /** How long each round lasts. */
  minutes: number;
  /** How often it is held, one after the other. */
  rounds?: number;
}

/**
 * An entry of a log, by number and term. In one log no two entries have both in common: where a
 * backup was restored, entry 7 may be another one, and then its term is another one too.
 */
export interface Point {
  /** Its number. */
  number: number;
  /**
   * The term in which it was appended. Entries before the first term belong to the term whose id is
   * made of the log's: `TermId::of_log`.
   */
  term: string;
}

/** The participants who are connected. */
export interface PresenceResult {
  /**
   * Everyone who is connected now. Left out where that is not known, because this machine is not
   * connected itself, or has not heard it yet.
   */
  online?: string[] | null;
}

/** What became of an offer. */
export interface ProxyOfferResult {
  /** Whether it counts: not where the machine's configuration alone decides about proxies. */
  used: boolean;
}

/** A login at a proxy. The daemon keeps it for this user until the proxy rejects it. */
export interface ProxyPasswordAnswer {
  /** The user, also as `DOMAIN\\user`; without a colon. */
  user: string;
  /** The password. */
  password: string;
}

/** What one place says about proxies. Nothing in it: that no proxy is needed. */
export interface ProxySource {
  /**
   * The place: `gnome`, `kde`, `windows`, `environment`; `user` is what the user set for Convene,
   * and comes first.
   */
  name: string;
  /** Hosts that are reached without these proxies, each spelled as in `NO_PROXY`; at most 1,024. */
  exceptions?: string[];
  /** The address of a script that names proxies. */
  pac_url?: string | null;
  /** `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`, best first, at most 20. */
  proxies?: string[];
  /** Whether such a script is looked for in the network (WPAD). */
  wpad?: boolean;
}

/** What came of a test. */
export interface ProxyTestResult {
  /** What this user's sessions offer. */
  offered: ProxySource[];
  /**
   * Every proxy that is known for a server of this user's, whichever place names it, best first.
   */
  tested: ProxyTested[];
}

/** Whether a proxy leads to a server. */
export interface ProxyTested {
  /** The server. */
  server: string;
  /** The proxy: `host:port`, with its scheme in front where that is not HTTP. */
  proxy: string;
  /** Milliseconds until the way was open or had failed. */
  ms: number;
  /** Why it is not open; left out where it is. */
  attempt?: Attempt | null;
}

/** A token, good for this proxy and this once. */
export interface ProxyTokenAnswer {
  /** The token (base64). */
  token: string;
}

/**
 * The part of a state that everyone may know.
 *
 * Its JSON is read by frontends in any language, as merge patches (RFC 7396): nothing in it is
 * null, no array grows, and what has ids is a map.
 *
 * A field that is added later needs a default: a snapshot of before lacks it. The first fields have
 * none, so that a damaged snapshot is an error and not an empty conference.
 */
export interface Public {
  /** As its organizer wanted it. */
  settings: Settings;
  /** Whether the conference is over. */
  ended: boolean;
  /** Everyone who takes part or took part. */
  participants: Record<string, Participant>;
  /** The ballots. */
  ballots?: Ballots;
  /** Whether no newcomers are let in; left out where they are. */
  doors_locked?: boolean;
  /**
   * How much of the data that it may hold it holds, in percent: the last mark that was passed, 80
   * or 100; left out before.
   */
  filled?: number;
  /** The open rooms beside those that every conference has. */
  rooms?: Rooms;
  /** When it opens, and what follows when. */
  schedule?: Schedule;
  /** The café tables at which somebody sits. */
  tables?: Tables;
}

/** Why a command or a seat is refused. Travels as its word. */
export type Refusal = (typeof refusalWords)[number] | Later;

/** The words of `Refusal` that this version knows. */
export const refusalWords = [
  /** The kind of the command is of a later version, or the command is damaged. */
  "command_unknown",
  /** The kind of the command is known, and a field is missing or of another form. */
  "command_invalid",
  /** The conference is over. */
  "conference_ended",
  /** No conference belongs to the join code. */
  "code_unknown",
  /** The server holds no such conference. */
  "conference_unknown",
  /** The server cannot read the conference's log; its other conferences run. */
  "conference_damaged",
  /** The conference was deleted for good. */
  "conference_deleted",
  /** A newer program wrote into the conference's log what this server cannot fold. */
  "conference_of_later_version",
  /** The server holds the conference, and its log does not answer now. */
  "not_here_now",
  /** The server shows another log of the conference than the one that the seat knows. */
  "other_log",
  /** The daemon keeps as much of the conference, or of all conferences of this user, as it may. */
  "seat_full",
  /** The seat's proof does not hold. */
  "proof_invalid",
  /** The server does not know the seat, and it asked for nothing by which it could. */
  "seat_unknown",
  /** An organizer replaced the keys of the participant, this one among them. */
  "key_replaced",
  /** An organizer removed the participant. */
  "removed",
  /** Organizers replaced the code of the join link. */
  "code_replaced",
  /** Organizers have locked the doors: nobody comes in anew until they open them. */
  "doors_locked",
  /** The participant takes part on as many devices as one may. */
  "too_many_devices",
  /** As many participants have a personal link as may. */
  "too_many_links",
  /** Another participant has the name, or one that reads like it. */
  "name_taken",
  /** The name reads like one of a role, such as "Moderator". */
  "name_of_role",
  /** The conference has as many participants, or as many organizers, as it may. */
  "conference_full",
  /** The one who wants it is no participant, or has left. */
  "not_participant",
  /** Only organizers may do that. */
  "not_organizer",
  /** There is no such room. */
  "room_unknown",
  /** The participant may not speak there. */
  "room_closed",
  /** The conference is not open yet: people meet in the foyer until then. */
  "not_open_yet",
  /** The name of a room is empty, longer than a line may be, or holds control characters. */
  "room_name_invalid",
  /** An open room has this name. */
  "room_name_taken",
  /** The conference has as many rooms as it may. */
  "too_many_rooms",
  /** One of those who are meant takes no part in the conference, or is the one who asks. */
  "person_unknown",
  /** There are as many café tables as there may be. */
  "too_many_tables",
  /** No more people fit at the table. */
  "table_full",
  /** The participant was not asked to the table, or it is gone. */
  "not_asked",
  /** The participant was asked to several tables. */
  "table_ambiguous",
  /** The participant sits at no table. */
  "not_at_table",
  /** No phase runs. */
  "no_phase",
  /** The number of minutes is zero, or more than a day. */
  "minutes_invalid",
  /** The conference has as many organizers as it may. */
  "too_many_organizers",
  /** Nobody else would lead the conference. */
  "last_organizer",
  /** A ballot is open already. */
  "ballot_open",
  /** The question or an option is no line, or there are fewer than two options or too many. */
  "ballot_invalid",
  /** The conference has as many ballots as it may. */
  "too_many_ballots",
  /** No ballot is open, or there is none of this number. */
  "no_ballot",
  /** The ballot is closed. */
  "ballot_closed",
  /** The ballot has no such option. */
  "option_unknown",
  /** The message has no visible character. */
  "text_empty",
  /** The message is over the limit. */
  "text_too_long",
  /** The message holds control characters. */
  "text_control",
  /** The conference holds as much as it may. */
  "conference_full_of_data",
  /** The participant has added as much as one may. */
  "participant_full_of_data",
  /** The command id was used for another command. */
  "id_reused",
  /**
   * The command names something by its id, and its author saw a part of the log that a restored
   * backup does not hold: the id may stand for something else now.
   */
  "log_changed",
  /** The command would make more happen than one log entry may hold. */
  "entry_too_large",
  /** A reason of a later version. */
  "other",
] as const;

/** The thing to do about a failure. */
export type Remedy = (typeof remedyWords)[number] | Later;

/** The words of `Remedy` that this version knows. */
export const remedyWords = [
  /** Nothing: the program goes on trying by itself. */
  "wait",
  /** Check the network connection of this machine. */
  "check_network",
  /** Check the server's name in the join link. */
  "check_server_name",
  /** Ask the administrator to allow the conference ports or 443 to the server. */
  "allow_server",
  /** Ask the administrator to allow the server in the proxy. */
  "allow_server_in_proxy",
  /** Give the proxy's user and password. */
  "set_proxy_login",
  /** Check the proxy's address. */
  "check_proxy",
  /** Check this machine's date and time. */
  "check_clock",
  /** Ask the administrator about the certificate that inspects TLS, or add it. */
  "add_inspection_certificate",
  /** Ask the organizer for a new join link. */
  "ask_for_new_link",
  /** Update this program. */
  "update_program",
  /** The operator of the server has to update it. */
  "update_server",
  /** Open a browser and log in to the network. */
  "log_in_to_network",
  /** Name a proxy by hand. */
  "set_proxy",
  /** Ask the administrator about the automatic proxy configuration. */
  "check_pac",
  /**
   * Those who run the server have to look after it: it does not answer, or shows a certificate that
   * no machine may take.
   */
  "ask_operator",
] as const;

/**
 * To remove a participant, who cannot come back: the doors are locked, and the codes that this one
 * may know are replaced.
 */
export interface Remove {
  /** Whom. */
  participant: string;
}

/** To make an organizer a participant like the others. */
export interface RemoveOrganizer {
  /** Whom. */
  participant: string;
}

/** To bear another name. */
export interface Rename {
  /** The wanted display name. */
  name: string;
}

/** A participant bears another name. */
export interface Renamed {
  /** Who. */
  participant: string;
  /** The name, a text as in `Joined`. */
  name: string;
}

/** A participant's part in the conference; it says what they may do. */
export type Role = (typeof roleWords)[number] | Later;

/** The words of `Role` that this version knows. */
export const roleWords = [
  /** Takes part. */
  "participant",
  /** Takes part and leads. */
  "organizer",
  /** A role of a later version; here it gives what every participant has. */
  "other",
] as const;

/** A participant has another role. Whoever is no organizer any more leaves the back room. */
export interface RoleChanged {
  /** Who. */
  participant: string;
  /** The role. */
  role: Role;
}

/** A room beside those that every conference has. */
export interface Room {
  /** Its names. */
  names: Record<string, string>;
  /** Its place in the order in which rooms are shown. */
  number: number;
}

/** A room was added. */
export interface RoomAdded {
  /** The room. */
  room: string;
  /** Its names. */
  names: Record<string, string>;
}

/** A room was closed. Everyone who stood there stands in the plenary. */
export interface RoomClosed {
  /** The room. */
  room: string;
}

/** The rooms that are open, beside those that every conference has. */
export interface Rooms {
  open: Record<string, Room>;
  /** The number of rooms that were ever added: no id is given twice. */
  added: number;
}

/** A class of routes. */
export type Rung = (typeof rungWords)[number] | Later;

/** The words of `Rung` that this version knows. */
export const rungWords = [
  /** Straight to a conference port. */
  "direct",
  /** TLS on the HTTPS port. */
  "https",
  /** Through a proxy. */
  "proxy",
] as const;

/** Someone said something. */
export interface Said {
  /** Where. */
  room: string;
  /** The message. A text, because the limits of a message bind commands and not events. */
  text: string;
}

/** A participant sits down at a table. The first one makes it. */
export interface SatDown {
  /** The table. */
  table: string;
  /** The participant. */
  participant: string;
}

/** To say something. */
export interface Say {
  /**
   * The message. It is checked when it is decided, so that a text over the limit has a receipt that
   * says so.
   */
  text: string;
  /** Where; left out, where the participant stands. */
  room?: string | null;
}

/** The schedule. Without one a conference is open. */
export interface Schedule {
  /** By number, from 1. */
  phases: Record<string, Phase>;
  /** The phase that runs. */
  current?: number | null;
  /** When the conference opens; absent once it is open. */
  opens?: string | null;
}

/** The conference has a schedule. Until it opens, people meet in the foyer. */
export interface Scheduled {
  /** When it opens. */
  opens: string;
  /** What follows then. */
  phases: PhasePlan[];
}

/** How a seat stands. */
export type SeatState = (typeof seatStateWords)[number] | Later;

/** The words of `SeatState` that this version knows. */
export const seatStateWords = [
  /** The server has not answered yet. */
  "joining",
  /** It is a participant's. */
  "joined",
  /**
   * The participant left, or an organizer removed them: then `code` is `removed`, and they cannot
   * come back.
   */
  "left",
  /** The server refused. */
  "refused",
  /**
   * The server does not have the conference now, and says nothing final: the daemon goes on asking.
   */
  "not_here_now",
] as const;

/** One setting of the machine. */
export interface Setting {
  /**
   * The value in effect; `null` where nothing sets one and there is no default. Of a secret it says
   * only whether there is one, as `true`.
   */
  value: unknown;
  /** The place that sets it. */
  from: SettingSource;
  /** Values that other places name and that do not count, the next one in rank first. */
  hidden?: HiddenSetting[];
  /** Whether a policy fixes it: nothing else can change it. */
  managed?: boolean;
  /** Whether the value is a secret, such as a password, which is written and never read. */
  secret?: boolean;
}

/** The place that a value comes from. */
export interface SettingSource {
  /** Which kind of place. */
  kind: SettingSourceKind;
  /**
   * File and line, the value in the registry, or the system's word for the place, such as
   * `environment`. Left out for what has none.
   */
  place?: string | null;
}

/** The kinds of places, each of which hides those before it. */
export type SettingSourceKind = (typeof settingSourceKindWords)[number] | Later;

/** The words of `SettingSourceKind` that this version knows. */
export const settingSourceKindWords = [
  /** Nothing sets it. */
  "default",
  /** The environment, or what the system says of proxies. */
  "system",
  /** The configuration file. */
  "file",
  /** A drop-in beside it. */
  "drop_in",
  /** The installer's registry key. */
  "installer",
  /** `settings.patch`. */
  "api",
  /** A policy. */
  "policy",
] as const;

/** The subject of a conference and its frame. Fields are only ever added. */
export interface Settings {
  /** Its title: one line. */
  title: string;
  /** The people or the organization that invites to it: one line. */
  hosts?: string;
  /** The languages it is held in, as BCP 47 tags, the first preferred. */
  languages?: string[];
  /** When it was planned to open. */
  start?: string | null;
  /** Its theme: the question that calls people together. */
  theme?: string;
}

/**
 * All settings, as they are in effect.
 *
 * What a conference is about has the name `Settings` in the OpenRPC document.
 */
export interface SettingsInEffect {
  /**
   * Rises by one with each change of what this user sees, and is another one after a restart of the
   * daemon. `settings.patch` may name it.
   */
  number: number;
  /** `[proxy]`, by key, such as `mode`. Every key stands here, also where nothing sets it. */
  proxy: Record<string, Setting>;
  /** `[policy]`, by key, such as `tls_inspection`. */
  policy: Record<string, Setting>;
  /**
   * `[[server]]`: by `HOST:PORT`, where `PORT` is the HTTPS port, and then by key, such as
   * `contact`.
   */
  server: Record<string, Record<string, Setting>>;
  /** What counts for this user's seats alone, and anyone may set. */
  own: OwnSettings;
  /** Whether this user may change what counts for the whole machine. */
  privileged: boolean;
  /** The command that works where this user may not; left out where they may. */
  command?: string | null;
}

/** To let the phase that runs end earlier, now at the earliest. */
export interface ShortenPhase {
  /** By how much. */
  minutes: number;
}

/** The stage that an attempt had reached when it failed. */
export type Stage = (typeof stageWords)[number] | Later;

/** The words of `Stage` that this version knows. */
export const stageWords = [
  /** Looking up a name. */
  "dns",
  /** Opening the TCP connection, to the server or to the proxy. */
  "tcp",
  /** Talking to the proxy. */
  "proxy",
  /** The TLS handshake with the server. */
  "tls",
  /** The HTTP exchange that opens the carrier. */
  "http",
  /** Waiting for the server's hello. */
  "hello",
] as const;

/** A participant stands up, and stands where they stood before. An empty table is gone. */
export interface StoodUp {
  /** The participant. */
  participant: string;
}

/** Why nothing can be stored. */
export type Storage = (typeof storageWords)[number] | Later;

/** The words of `Storage` that this version knows. */
export const storageWords = [
  /** The disk is full. */
  "full",
  /** The disk does not do what it is asked. */
  "failed",
] as const;

/** One user's connection with one server. */
export interface SystemConnection {
  /** Whose, as the operating system names the user: `uid:1000`, `sid:S-1-5-…`. */
  user: string;
  /** The server's host name. */
  server: string;
  /** How it stands. */
  state: ConnectionState;
  /** Since when it is in this state (RFC 3339). */
  since: string;
  /** Seats on it. */
  seats: number;
  /** Their commands that have no receipt yet. */
  waiting: number;
  /** What went wrong last, where it does not stand. */
  code?: string | null;
  /** The way in use. */
  route?: ConnectionRoute | null;
}

/**
 * The daemon, and the connections of all users. Nothing of what is said in conferences, and no
 * names, is in it.
 */
export interface SystemStatusResult {
  /** Of the daemon. */
  version: string;
  /** Since when it runs (RFC 3339). */
  started: string;
  /** Where seats, messages and keys are kept. */
  state_directory: string;
  /** Where frontends connect. */
  socket: string;
  /** The configuration files that were read, in the order in which they count. */
  configuration: string[];
  /** The forms of what is kept and spoken. */
  formats: Formats;
  /** Frontends that are attached, this one included. */
  frontends: number;
  /** Users who have a seat. */
  users: number;
  /** Their connections. */
  connections: SystemConnection[];
  /** Why nothing can be stored. Left out while all is well. */
  storage?: Storage | null;
}

/** A table. */
export interface Table {
  /** Its place in the order in which tables are shown. */
  number: number;
  /** Those who sit there, and where each stood before. */
  seated: Record<string, string>;
}

/** A participant does not come. Told to those who sit at the table, and to the one who declines. */
export interface TableDeclined {
  /** The table. */
  table: string;
  /** The participant. */
  participant: string;
}

/** The tables at which somebody sits. */
export interface Tables {
  taken: Record<string, Table>;
  /** The number of tables that there ever were: no id is given twice. */
  made: number;
}

/** To let the organizers know how one's access check went. */
export interface TellAccess {
  /** The outcome. */
  verdict: AccessVerdict;
  /** The version of the program that made the check: letters, digits, dots, `+` and `-`. */
  version: string;
}

/** So many have voted. It says neither who nor by which command. */
export interface Turnout {
  /** The ballot. */
  ballot: string;
  /** How many. */
  voted: number;
}

/** Whether it was watched until now. */
export interface UnwatchResult {
  /** Whether this connection watched it. */
  ended: boolean;
}

/** The state as one participant may know it. */
export interface View {
  /** The part that everyone may know. */
  public: Public;
  /** The part that only this participant may know. */
  own: Own;
}

/** To vote, or to vote otherwise, as long as the ballot is open. */
export interface Vote {
  /** The ballot. */
  ballot: string;
  /** The option. */
  option: string;
}

/** Somebody voted. Told to them alone. */
export interface Voted {
  /** The ballot. */
  ballot: string;
  /** Who. */
  participant: string;
  /** The option. */
  option: string;
}

/** Where watching begins. */
export interface WatchResult {
  /** Which conference. */
  conference: string;
  /** How the seat stands. */
  seat: SeatState;
  /** What is known here now. */
  cursor: number;
  /** The events above this number follow as notifications, without a gap. */
  after: number;
  /** Milliseconds by which the server's clock is ahead of this machine's, once it was seen. */
  clock_offset_ms?: number | null;
  /**
   * Why the server refused the seat, or does not open it now; `removed`, where an organizer removed
   * the participant.
   */
  code?: Refusal | null;
  /** The level with which the daemon folds states. */
  level?: number;
  /** Which incarnation of the log the numbers count in. */
  log?: string | null;
  /**
   * What the participant may do now, in a watch that wants the state of a seat that takes part;
   * changes follow as `conference.may`.
   */
  may?: May | null;
  /** The log that the server shows in place of the one that the seat knows. */
  other_log?: string | null;
  /** Who one is. */
  participant?: string | null;
  /**
   * In how many parts the state follows as `conference.state`, before anything else is told; left
   * out where `state` holds it. That is so where one line could not: in conferences of thousands.
   */
  parts?: number | null;
  /**
   * The conference at `cursor`, where the watch begins with it or wants it: `public` is what
   * everyone may know, and `own` what only this participant may know.
   */
  state?: View | null;
  /** The term of the entry with that number. */
  term?: string | null;
}

/** A participant stands in another room. */
export interface Went {
  /** The participant. */
  participant: string;
  /** The room. */
  room: string;
}

/** The parameters of `rpc.discover`. */
export type RpcDiscoverParams = Record<string, unknown>;

/** The result of `rpc.discover`. */
export type RpcDiscoverResult = unknown;

/** The parameters of `hello`. */
export interface HelloParams {
  /** The questions of the daemon's that it answers, such as `proxy.password`. */
  answers?: string[];
  /** The program and its version. */
  client?: string;
}

/** The parameters of `connection.watch`. */
export type ConnectionWatchParams = Record<string, unknown>;

/** The result of `connection.watch`. */
export type ConnectionWatchResult = Connections;

/** The parameters of `connection.retry`. */
export interface ConnectionRetryParams {
  /** The server; left out, all. */
  server?: string | null;
}

/** The result of `connection.retry`. */
export type ConnectionRetryResult = Empty;

/** The parameters of `access.check`. */
export interface AccessCheckParams {
  /**
   * The server's host name; left out, all servers of this user and those that the configuration
   * names.
   */
  server?: string | null;
  /** Whether only to give the last checks and to follow those to come, without beginning one. */
  watch_only?: boolean;
}

/** The parameters of `settings.get`. */
export type SettingsGetParams = Record<string, unknown>;

/** The result of `settings.get`. */
export type SettingsGetResult = SettingsInEffect;

/** The parameters of `settings.patch`. */
export interface SettingsPatchParams {
  /**
   * A JSON merge patch (RFC 7396) of values, such as `{"proxy":{"mode":"off"}}` or
   * `{"server":{"conference.example.org:443":{"contact":null}}}`: `null` takes back what the API
   * set. Sections: `proxy`, `policy`, `server`, and `own` with `proxy` (a `ProxySource` without a
   * name) and `tell_access`. A proxy's password goes as `proxy.password`.
   */
  patch: unknown;
  /**
   * The `number` of the settings that the change is made for. Where others were in effect
   * meanwhile, nothing is changed (`settings_changed`). Left out, the change is made anyway.
   */
  number?: number | null;
}

/** The result of `settings.patch`. */
export type SettingsPatchResult = SettingsInEffect;

/** The parameters of `settings.watch`. */
export type SettingsWatchParams = Record<string, unknown>;

/** The result of `settings.watch`. */
export type SettingsWatchResult = SettingsInEffect;

/** The parameters of `system.status`. */
export type SystemStatusParams = Record<string, unknown>;

/** The parameters of `proxy.offer`. */
export interface ProxyOfferParams {
  /**
   * At most 8; each replaces what was offered under its name before. What is not offered again
   * within 30 days is forgotten.
   */
  sources: ProxySource[];
}

/** The parameters of `proxy.test`. */
export type ProxyTestParams = Record<string, unknown>;

/** The parameters of `conference.join`. */
export interface ConferenceJoinParams {
  /** The join link, alone or in a text around it. */
  link: string;
  /** The display name. */
  name: string;
  /**
   * The log to turn to, where the seat is `not_here_now` because the server shows this one
   * (`other_log`). What was known so far is put aside.
   */
  log?: string | null;
  /** How long to wait for the server, in milliseconds. */
  wait_ms?: number;
}

/** The result of `conference.join`. */
export type ConferenceJoinResult = JoinResult;

/** The parameters of `conference.list`. */
export type ConferenceListParams = Record<string, unknown>;

/** The result of `conference.list`. */
export type ConferenceListResult = ListResult;

/** The parameters of `conference.watch`. */
export interface ConferenceWatchParams {
  /** Which conference. */
  conference: string;
  /** Begin behind this; left out, with the state as it is. */
  after?: After | null;
  /**
   * Whether to tell the state too: the answer holds it, and each change of it comes as merge
   * patches beside the events. For frontends that do not fold events themselves.
   */
  state?: boolean;
}

/** The result of `conference.watch`. */
export type ConferenceWatchResult = WatchResult;

/** The parameters of `conference.unwatch`. */
export interface ConferenceUnwatchParams {
  /** Which conference. */
  conference: string;
}

/** The result of `conference.unwatch`. */
export type ConferenceUnwatchResult = UnwatchResult;

/** The parameters of `conference.presence`. */
export interface ConferencePresenceParams {
  /** Which conference. */
  conference: string;
}

/** The result of `conference.presence`. */
export type ConferencePresenceResult = PresenceResult;

/** The parameters of `conference.history`. */
export interface ConferenceHistoryParams {
  /** Which conference. */
  conference: string;
  /** Events above this number. */
  after?: number;
  /** At most so many, and the rest of the last entry. */
  limit?: number;
  /** Whether the page is to hold the last events of these; otherwise it holds the first. */
  newest?: boolean;
  /** Up to this one; left out, up to the last one that is known. */
  through?: number | null;
  /**
   * How long to wait where what comes next was passed over and has to be fetched from the server,
   * in milliseconds.
   */
  wait_ms?: number;
}

/** The result of `conference.history`. */
export type ConferenceHistoryResult = HistoryResult;

/** The parameters of `conference.act`. */
export interface ConferenceActParams {
  /** In which conference. */
  conference: string;
  /** The command's name: any UUID. The same one is the same command, however often it comes. */
  id: string;
  /** The command, such as `{"kind":"say","text":"…"}`. */
  body: Command;
  /**
   * Where its author saw the conference: number and term as a watch told them. Left out, where the
   * daemon is.
   */
  seen?: Point | null;
  /** How long to wait for the receipt, in milliseconds. */
  wait_ms?: number;
}

/** The result of `conference.act`. */
export type ConferenceActResult = ActResult;

/** The parameters of `conference.dismiss`. */
export interface ConferenceDismissParams {
  /** In which conference. */
  conference: string;
  /** Which. */
  id: string;
}

/** The result of `conference.dismiss`. */
export type ConferenceDismissResult = DismissResult;

/** The parameters of `draft.get`. */
export interface DraftGetParams {
  /** In which conference. */
  conference: string;
  /**
   * The key of one; left out, all of the seat. From then on the changes of all of them follow as
   * `draft.changed`, until the frontend detaches.
   */
  key?: string | null;
}

/** The parameters of `draft.set`. */
export interface DraftSetParams {
  /** In which conference. */
  conference: string;
  /** Its key: at most 64 bytes of printable ASCII. */
  key: string;
  /** The revision that the author saw; 0 where they saw none. */
  revision: number;
  /**
   * The text, at most 16 KiB. Empty, it removes the draft; one that the author had not seen stays.
   */
  text: string;
}

/** The parameters of `conference.leave`. */
export interface ConferenceLeaveParams {
  /** Which conference, or the name of a seat that is in none yet. */
  conference: string;
  /** How long to wait for the server, in milliseconds. */
  wait_ms?: number;
}

/** The result of `conference.leave`. */
export type ConferenceLeaveResult = LeaveResult;

/** The parameters of `conference.forget`. */
export interface ConferenceForgetParams {
  /** Which seat: its own name, or its conference. */
  seat: string;
}

/** The result of `conference.forget`. */
export type ConferenceForgetResult = Empty;

/** Something about the connections changed. */
export interface ConnectionChangedNotification {
  /** Counts the changes. */
  number: number;
  /** As they stand. */
  connections: Connection[];
}

/**
 * A step of a check went on, a check was begun, or it is over: the whole check as it stands now.
 */
export interface AccessChangedNotification {
  /** As it stands. */
  check: AccessCheckRecord;
}

/** The settings are others now. */
export interface SettingsChangedNotification {
  /** As they are. */
  settings: SettingsInEffect;
}

/**
 * A part of the state, behind the answer of `conference.watch`, or in a watch that wants the state
 * wherever patches cannot tell its change: behind `conference.passed_over`, `conference.reset` and
 * `conference.events` without `patches`. All that was told before is in it.
 */
export interface ConferenceStateNotification {
  /** Which conference. */
  conference: string;
  /** Which part, from 0, in order. */
  part: number;
  /** Of how many. */
  parts: number;
  /** A piece of text; all of them together are the state's JSON. */
  data: string;
}

/** Events, without a gap to those before. */
export interface ConferenceEventsNotification {
  /** Which conference. */
  conference: string;
  /** The number before them. */
  after: number;
  /** Now everything up to here is told. */
  through: number;
  /** In order, as the server wrote them. */
  events: Event[];
  /**
   * In a watch that wants the state: a merge patch (RFC 7396) for each entry of these events, in
   * order, which make of the state before them the state behind them. Left out where the state that
   * was told, or one that follows as `conference.state`, has these events already.
   */
  patches?: unknown[] | null;
  /** The term of the entry with that number. */
  term?: string | null;
}

/**
 * The participant may do other things than before. Told in a watch that wants the state, behind the
 * events or the seat that changed it.
 */
export interface ConferenceMayNotification {
  /** Which conference. */
  conference: string;
  /** What they may do now; left out where the seat takes part no more. */
  may?: May | null;
}

/** A command has its receipt. */
export interface ConferenceReceiptNotification {
  /** Which conference. */
  conference: string;
  /** Which. */
  command: string;
  /** How it stands. */
  state: CommandState;
  /** A refused command, which is kept until it is dismissed. */
  body?: Command | null;
  /** Why it was refused. */
  code?: Refusal | null;
  /** When the conference opens, where that is why (`not_open_yet`). */
  opens?: string | null;
  /** The number of its log entry. */
  seq?: number | null;
}

/**
 * A command waits in the outbox until its receipt. One may be told more than once; its id says that
 * it is the same.
 */
export interface ConferenceOutboxNotification {
  /** Which conference. */
  conference: string;
  /** Which command. */
  command: string;
  /** The command. */
  body: Command;
}

/**
 * A command that was accepted is in the conference no more, because a backup of the server was
 * restored that does not hold it. Nothing sends it again by itself; `conference.act` may, with the
 * same id. The text is kept until it is dismissed.
 */
export interface ConferenceLostNotification {
  /** Which conference. */
  conference: string;
  /** Which command. */
  command: string;
  /** The command. */
  body: Command;
}

/** The text of a refused or lost command was let go. */
export interface ConferenceDismissedNotification {
  /** Which conference. */
  conference: string;
  /** Which command. */
  command: string;
}

/** The seat stands otherwise. */
export interface ConferenceSeatNotification {
  /** Which conference. */
  conference: string;
  /** How it stands. */
  seat: SeatState;
  /**
   * Why the server refused, or does not open it now; `removed`, where an organizer removed the
   * participant.
   */
  code?: Refusal | null;
  /**
   * The log that the server shows in place of the one that the seat knows: `conference.join` with
   * `log` turns to it.
   */
  other_log?: string | null;
}

/**
 * Too much was missed to be told event by event: the watch goes on behind it. `conference.history`
 * gives what lies there, and a watch that begins anew without `after` the state.
 */
export interface ConferencePassedOverNotification {
  /** Which conference. */
  conference: string;
  /** The number before it. */
  after: number;
  /** The last number of it; what is told next lies above. */
  through: number;
  /** The term of the entry with that number. */
  term?: string | null;
}

/**
 * What was told above a number is void, because a backup of the server was restored, or the state
 * that was folded so far is not what this daemon folds. The watch goes on from that number; a state
 * has to be watched anew.
 */
export interface ConferenceResetNotification {
  /** Which conference. */
  conference: string;
  /** The number from which it goes on. */
  cursor: number;
  /** The term of the entry with that number. */
  term?: string | null;
}

/** The server's clock was seen again, and is ahead by another span. */
export interface ConferenceClockNotification {
  /** Which conference. */
  conference: string;
  /** Milliseconds by which it is ahead of this machine's. */
  offset_ms: number;
}

/**
 * Other participants are connected than before. "Takes part" (joined and has not left) is another
 * thing.
 */
export interface ConferencePresenceNotification {
  /** Which conference. */
  conference: string;
  /**
   * Everyone who is connected now. Left out where that is not known, because this machine is not
   * connected itself.
   */
  online?: string[] | null;
}

/** Another frontend of this user set a draft. */
export interface DraftChangedNotification {
  /** In which conference. */
  conference: string;
  /** As it is. */
  draft: Draft;
}

/** The parameters of `proxy.password`. */
export interface ProxyPasswordParams {
  /** The proxy: `host:port`, with its scheme in front where that is not HTTP. */
  proxy: string;
  /** The server that is to be reached. */
  server: string;
  /**
   * The user whose password was rejected, or whose login this proxy cannot be shown (a part is
   * empty or too long, or the user has a colon): it is asked for once more, and then no more.
   */
  rejected?: string | null;
}

/** The parameters of `proxy.token`. */
export interface ProxyTokenParams {
  /** The proxy's name, for whose service `HTTP` the token is. */
  host: string;
  /** The same for all legs of one logon. */
  context: string;
  /** What names the channel to the proxy (RFC 5929; base64), where it is inside TLS. */
  binding?: string | null;
  /** What the proxy said (base64); left out in the first leg. */
  token?: string | null;
}

/** The methods of the daemon, by name. */
export interface Methods {
  /** Gives this document. */
  "rpc.discover": { params: RpcDiscoverParams; result: RpcDiscoverResult };
  /** Says who is there, in either direction. */
  "hello": { params: HelloParams; result: HelloResult };
  /** Gives the connections, then every change as `connection.changed`. */
  "connection.watch": { params: ConnectionWatchParams; result: ConnectionWatchResult };
  /** Tries to connect at once instead of at the next scheduled time. */
  "connection.retry": { params: ConnectionRetryParams; result: ConnectionRetryResult };
  /**
   * Begins to try every way to the servers, also those that are not needed, and answers at once;
   * the steps follow as `access.changed`, as do those of checks that begin by themselves: when a
   * seat is taken, and on the day before a conference opens. A check that runs is not begun again.
   */
  "access.check": { params: AccessCheckParams; result: AccessCheckResult };
  /** Gives every setting with the place that it comes from, and what that hides. */
  "settings.get": { params: SettingsGetParams; result: SettingsGetResult };
  /**
   * Changes settings, all or none, and answers when they are in effect. What counts for the machine
   * is for administrators; others get not_privileged.
   */
  "settings.patch": { params: SettingsPatchParams; result: SettingsPatchResult };
  /** Gives the settings, then every change as `settings.changed`. */
  "settings.watch": { params: SettingsWatchParams; result: SettingsWatchResult };
  /**
   * Says how the daemon and the connections of all users stand. For administrators; others get
   * not_privileged.
   */
  "system.status": { params: SystemStatusParams; result: SystemStatusResult };
  /** Says which proxies this user's session knows; they serve this user's seats alone. */
  "proxy.offer": { params: ProxyOfferParams; result: ProxyOfferResult };
  /**
   * Opens a way to each server of this user's through each proxy that is known, and closes it
   * again. Takes up to a minute.
   */
  "proxy.test": { params: ProxyTestParams; result: ProxyTestResult };
  /**
   * Joins a conference. Answers as soon as one is in, is refused, or it is known why not; the
   * daemon goes on trying.
   */
  "conference.join": { params: ConferenceJoinParams; result: ConferenceJoinResult };
  /** Lists this user's seats. */
  "conference.list": { params: ConferenceListParams; result: ConferenceListResult };
  /**
   * Gives the state, or nothing behind `after`, and then every event and receipt, the outbox, and
   * how the seat stands.
   */
  "conference.watch": { params: ConferenceWatchParams; result: ConferenceWatchResult };
  /**
   * Ends this connection's watches of a conference. Behind the answer nothing more is told of it.
   */
  "conference.unwatch": { params: ConferenceUnwatchParams; result: ConferenceUnwatchResult };
  /**
   * Tells which participants of a conference are connected. A watch tells it too, and each change.
   */
  "conference.presence": { params: ConferencePresenceParams; result: ConferencePresenceResult };
  /**
   * Gives a page of the past, the oldest or the newest events first, and says whether there is
   * more. What was passed over is fetched from the server.
   */
  "conference.history": { params: ConferenceHistoryParams; result: ConferenceHistoryResult };
  /** Wants something. When this answers `accepted` or `queued` it is safe, whatever is killed. */
  "conference.act": { params: ConferenceActParams; result: ConferenceActResult };
  /** Lets the text of a refused or lost command go. */
  "conference.dismiss": { params: ConferenceDismissParams; result: ConferenceDismissResult };
  /** Gives the drafts of a seat, and tells every change of them as `draft.changed` from then on. */
  "draft.get": { params: DraftGetParams; result: DraftGetResult };
  /** Keeps a draft. It is safe when this answers, and goes with the seat. */
  "draft.set": { params: DraftSetParams; result: DraftSetResult };
  /**
   * Leaves a conference; what is known of it stays readable. A seat that is in none yet is given up
   * and removed.
   */
  "conference.leave": { params: ConferenceLeaveParams; result: ConferenceLeaveResult };
  /**
   * Removes a seat that takes part no more, or never did, with its key and all that is kept of its
   * conference.
   */
  "conference.forget": { params: ConferenceForgetParams; result: ConferenceForgetResult };
}

/** The parameters of what the daemon says by itself, by name. */
export interface Notifications {
  /** Something about the connections changed. */
  "connection.changed": ConnectionChangedNotification;
  /**
   * A step of a check went on, a check was begun, or it is over: the whole check as it stands now.
   */
  "access.changed": AccessChangedNotification;
  /** The settings are others now. */
  "settings.changed": SettingsChangedNotification;
  /**
   * A part of the state, behind the answer of `conference.watch`, or in a watch that wants the
   * state wherever patches cannot tell its change: behind `conference.passed_over`,
   * `conference.reset` and `conference.events` without `patches`. All that was told before is in
   * it.
   */
  "conference.state": ConferenceStateNotification;
  /** Events, without a gap to those before. */
  "conference.events": ConferenceEventsNotification;
  /**
   * The participant may do other things than before. Told in a watch that wants the state, behind
   * the events or the seat that changed it.
   */
  "conference.may": ConferenceMayNotification;
  /** A command has its receipt. */
  "conference.receipt": ConferenceReceiptNotification;
  /**
   * A command waits in the outbox until its receipt. One may be told more than once; its id says
   * that it is the same.
   */
  "conference.outbox": ConferenceOutboxNotification;
  /**
   * A command that was accepted is in the conference no more, because a backup of the server was
   * restored that does not hold it. Nothing sends it again by itself; `conference.act` may, with
   * the same id. The text is kept until it is dismissed.
   */
  "conference.lost": ConferenceLostNotification;
  /** The text of a refused or lost command was let go. */
  "conference.dismissed": ConferenceDismissedNotification;
  /** The seat stands otherwise. */
  "conference.seat": ConferenceSeatNotification;
  /**
   * Too much was missed to be told event by event: the watch goes on behind it.
   * `conference.history` gives what lies there, and a watch that begins anew without `after` the
   * state.
   */
  "conference.passed_over": ConferencePassedOverNotification;
  /**
   * What was told above a number is void, because a backup of the server was restored, or the state
   * that was folded so far is not what this daemon folds. The watch goes on from that number; a
   * state has to be watched anew.
   */
  "conference.reset": ConferenceResetNotification;
  /** The server's clock was seen again, and is ahead by another span. */
  "conference.clock": ConferenceClockNotification;
  /**
   * Other participants are connected than before. "Takes part" (joined and has not left) is another
   * thing.
   */
  "conference.presence": ConferencePresenceNotification;
  /** Another frontend of this user set a draft. */
  "draft.changed": DraftChangedNotification;
}

/** What the daemon asks a frontend that says in `hello` that it answers that, by name. */
export interface Questions {
  /** Asks the person for a login at a proxy. An error as answer declines. */
  "proxy.password": { params: ProxyPasswordParams; answer: ProxyPasswordAnswer };
  /**
   * Asks the user's session for a token that opens a proxy. Answer it only for proxies that the
   * user's own settings name.
   */
  "proxy.token": { params: ProxyTokenParams; answer: ProxyTokenAnswer };
}

/** The names of the notifications that this version knows. */
export const notificationNames = [
  "connection.changed",
  "access.changed",
  "settings.changed",
  "conference.state",
  "conference.events",
  "conference.may",
  "conference.receipt",
  "conference.outbox",
  "conference.lost",
  "conference.dismissed",
  "conference.seat",
  "conference.passed_over",
  "conference.reset",
  "conference.clock",
  "conference.presence",
  "draft.changed",
] as const;
