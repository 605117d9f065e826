# Made from docs/openrpc.json by `cargo xtask clients`. Changes belong there.

"""The types of the local API, its methods and its notifications.

Lists of words and kinds only ever grow: what is not known here is to be passed over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Callable, Literal, Optional, TypedDict, Union, overload

# The version of the language, as `hello` tells it.
API_VERSION = 4

# The numbers of the errors, by their words.
ERROR_CODES = {
    # The command is no JSON object with a `kind`.
    "command_malformed": -32013,
    # The command is longer than any valid one.
    "command_too_large": -32007,
    # Seats on several servers are in a conference of this id; `servers` says which, and `seats`
    # names a seat on each. `ID@SERVER` names one. Where join links to one server name different
    # keys, that is one name for several servers, and the seats' own names tell them apart.
    "conference_ambiguous": -32021,
    # This user has no seat in that conference.
    "conference_unknown": -32003,
    # The daemon's configuration cannot be used, for this server or with this change; `reason` says
    # why.
    "configuration_invalid": -32014,
    # The person does not answer this question now.
    "declined": -32016,
    # The draft (`text`), its `key`, the number of `drafts`, or the bytes of `all` of them is over
    # the limit; `reason` says which. Nothing was changed.
    "draft_too_large": -32026,
    # The administrator has fixed this; `setting` says which setting of the configuration.
    "fixed_by_policy": -32017,
    # The frontend did not read what it was told, and is cut.
    "frontend_too_slow": -32010,
    # The command id was used for another command.
    "id_reused": -32006,
    # The parameters do not fit the method.
    "invalid_params": -32602,
    # The line is no request.
    "invalid_request": -32600,
    # The join link cannot be read; `reason` says why.
    "link_malformed": -32001,
    # The server does not show this log, and none of it was put aside.
    "log_unknown": -32022,
    # There is no such method.
    "method_not_found": -32601,
    # The display name is no name; `reason` says why.
    "name_invalid": -32002,
    # Only administrators may do that; `command` is what works for them.
    "not_privileged": -32018,
    # Too many commands wait for their receipt.
    "outbox_full": -32005,
    # The line is no JSON.
    "parse_error": -32700,
    # The address of a proxy cannot be used; `reason` says why, and of a setting `setting` which.
    "proxy_malformed": -32015,
    # The server refused; `refusal` says why.
    "refused": -32004,
    # A setting cannot have that value; `setting` names it, and `reason` says why. Nothing was
    # changed.
    "setting_invalid": -32024,
    # Other settings are in effect than the change was made for; nothing was changed.
    "settings_changed": -32025,
    # The daemon has just been started, and has not taken up its seats yet; ask again.
    "starting": -32023,
    # The seat takes part; it can be left, and then be forgotten.
    "still_joined": -32020,
    # The daemon is going down; ask again.
    "stopping": -32012,
    # The daemon's disk does not take it; nothing was accepted.
    "storage_failed": -32008,
    # This user has too many frontends attached.
    "too_many_frontends": -32009,
    # This user has too many seats on that server.
    "too_many_seats": -32011,
    # The daemon's disk failed, and what came of the request is not known; the same one may be sent
    # again.
    "unsure": -32019,
}

# The word of an error.
ErrorWord = Union[
    Literal[
        "command_malformed",
        "command_too_large",
        "conference_ambiguous",
        "conference_unknown",
        "configuration_invalid",
        "declined",
        "draft_too_large",
        "fixed_by_policy",
        "frontend_too_slow",
        "id_reused",
        "invalid_params",
        "invalid_request",
        "link_malformed",
        "log_unknown",
        "method_not_found",
        "name_invalid",
        "not_privileged",
        "outbox_full",
        "parse_error",
        "proxy_malformed",
        "refused",
        "setting_invalid",
        "settings_changed",
        "starting",
        "still_joined",
        "stopping",
        "storage_failed",
        "too_many_frontends",
        "too_many_seats",
        "unsure",
    ],
    str,
]


class AcceptTable(TypedDict, total=False):
    """To sit down at a table to which one was asked."""

    # Which one; left out where there is one.
    table: Optional[str]


class _AccessCheckRecord(TypedDict):
    # The server's host name.
    server: str
    # Its conference ports, as `4500-4506`.
    ports: str
    # Its HTTPS port.
    https_port: int
    # Why it was made.
    reason: AccessReason
    # When it began (RFC 3339).
    began: str
    # The steps, in the order in which they are shown. A step that is not begun is among them.
    steps: list[AccessStep]


class AccessCheckRecord(_AccessCheckRecord, total=False):
    """The check of one server."""

    # Whom to ask, where the configuration says it.
    contact: Optional[str]
    # When it ended; left out while it runs.
    ended: Optional[str]
    # The name of this machine, for a letter; left out where it is not known.
    machine: str
    # What it came to; left out while it runs.
    verdict: Optional[AccessVerdict]
    # The version of the daemon.
    version: str


class AccessCheckResult(TypedDict):
    """The last check of each server; one that was just begun is `running`."""

    # One for each server that was checked. Empty, where `server` names neither a server of this
    # user nor one of the configuration.
    checks: list[AccessCheckRecord]


class AccessGroup(TypedDict):
    """Participants whose access checks went alike."""

    # The outcome.
    verdict: AccessVerdict
    # The version of the program that made the check; empty where there are too many to tell.
    version: str
    # Who.
    people: list[str]


# Why a check was made.
AccessReason = Union[
    Literal[
        # Somebody asked for it.
        "asked",
        # A seat was taken.
        "seat_taken",
        # A conference begins within a day.
        "day_before",
    ],
    str,
]


class _AccessStep(TypedDict):
    # Which.
    kind: AccessStepKind
    # What was tried: a host, `host:port`, a proxy, or the script that names proxies. It holds no
    # login.
    target: str
    # How it stands.
    state: AccessStepState


class AccessStep(_AccessStep, total=False):
    """One step of a check."""

    # What failed, with its remedy. Its texts come from a network.
    attempt: Optional[Attempt]
    # What carried it.
    carrier: Optional[Carrier]
    # Milliseconds by which the server's clock is ahead of this machine's.
    clock_offset_ms: Optional[int]
    # Who inspects TLS, as the certificate names its issuer; nobody vouches for it.
    inspected_by: Optional[str]
    # The ways to log in that the proxy offers, by name.
    logins: list[str]
    # Milliseconds that it took; left out until it is over.
    ms: Optional[int]
    # The place that names the proxy: `user` (by hand), `file`, `environment`, `script`, `wpad`, or
    # a place of the session's or the system's, such as `gnome`.
    named_by: Optional[str]
    # The rung on which the way that was opened is.
    rung: Optional[Rung]


# The kinds of steps.
AccessStepKind = Union[
    Literal[
        # The server's name is looked up.
        "name",
        # One of the conference ports, straight.
        "port",
        # The HTTPS port, straight.
        "https",
        # A proxy that was found or configured, or a script that names proxies; skipped, where there
        # is none.
        "proxy",
        # The page by which captive portals are recognised.
        "portal",
        # Who inspects TLS.
        "inspection",
        # This machine's clock beside the server's.
        "clock",
        # Whether both sides speak a common version.
        "version",
    ],
    str,
]


# How a step stands.
AccessStepState = Union[
    Literal[
        # It is not begun.
        "waiting",
        # It is under way.
        "running",
        # All is well.
        "good",
        # It works, and something is to be known.
        "warned",
        # It does not work.
        "failed",
        # It was not tried: what it needs did not work, or there is no such thing here.
        "skipped",
    ],
    str,
]


class AccessTold(TypedDict):
    """The organizers know how somebody's access check went. Told to them, and to that
    participant.
    """

    # Whose it is.
    participant: str
    # The outcome.
    verdict: AccessVerdict
    # The version of the program that made the check; empty where there are too many to tell.
    version: str


# The outcome of an access check.
AccessVerdict = Union[
    Literal[
        # The server is reached, and nothing is in the way.
        "green",
        # The server is reached, and something is to be known: ports are closed, the way is slow,
        # TLS is inspected, or a clock is wrong.
        "yellow",
        # The server is not reached.
        "red",
    ],
    str,
]


class AccessesTold(TypedDict):
    """An organizer knows how the access checks of the others went. Told to them alone."""

    # The organizer.
    participant: str
    # Those whose checks went alike, together.
    groups: list[AccessGroup]


class _ActResult(TypedDict):
    # Which.
    command: str
    # How it stands.
    state: CommandState


class ActResult(_ActResult, total=False):
    """The outcome of a command."""

    # Why it was refused.
    code: Optional[Refusal]
    # When the conference opens, where that is why (`not_open_yet`).
    opens: Optional[str]
    # The number of its log entry.
    seq: Optional[int]


class AddOrganizer(TypedDict):
    """To make a participant an organizer."""

    # Whom.
    participant: str


class AddRoom(TypedDict):
    """To add a room."""

    # Its name: one line. It is checked when it is decided.
    name: str


# Behind what to begin to watch.
After = Union[int, "FoldedPoint"]


class AskToTable(TypedDict):
    """To ask people to one's table, or to a new one."""

    # Whom.
    people: list[str]


class AskedToTable(TypedDict):
    """People were asked to a table. Told to those who sit there, and to those who were asked."""

    # The table.
    table: str
    # Who asks.
    participant: str
    # Who is asked.
    people: list[str]


class _Attempt(TypedDict):
    # The stage that it had reached.
    stage: Stage
    # The target that was tried, as `host:port`, with the proxy behind ` via ` where there was one.
    # It holds no login.
    target: str
    # The cause of the failure.
    code: Code
    # Milliseconds from the attempt's start to its failure.
    ms: int
    # The thing to do about the failure.
    remedy: Remedy


class Attempt(_Attempt, total=False):
    """One failed attempt to reach a server: what a status lists and a letter quotes. Fields are
    only ever added.
    """

    # The traces of the box in the way, where it left any.
    evidence: Optional[Evidence]


class _Ballot(TypedDict):
    # The question.
    question: str
    # The options.
    options: dict[str, str]
    # How many have voted.
    turnout: int


class Ballot(_Ballot, total=False):
    """A ballot."""

    # The phase with which it closes by itself.
    phase: Optional[int]
    # The votes for each option, once it is closed.
    result: Optional[dict[str, int]]


class BallotClosed(TypedDict):
    """A ballot was closed. The result never changes."""

    # The ballot.
    ballot: str
    # The votes for each option.
    votes: dict[str, int]


class _BallotOpened(TypedDict):
    # Its id.
    ballot: str
    # The question.
    question: str
    # The options.
    options: dict[str, str]


class BallotOpened(_BallotOpened, total=False):
    """A ballot was opened."""

    # The phase with which it closes by itself.
    phase: Optional[int]


# All ballots.
Ballots = dict[str, "Ballot"]


class Began(TypedDict):
    """The conference opens: people may speak in the plenary, where all stand who stood in the
    foyer.
    """

    # The time for which it was planned.
    planned: str


# The form in which frames travel inside TLS.
Carrier = Union[
    Literal[
        # RFC 6455.
        "websocket",
        # A streamed response down, POSTs up.
        "stream",
        # Responses that end, POSTs up.
        "poll",
    ],
    str,
]


class CastVote(TypedDict):
    """A vote that counts."""

    # The option.
    option: str
    # The number of the entry.
    seq: int


class CloseRoom(TypedDict):
    """To close a room."""

    # Which one.
    room: str


# The cause of a failure.
Code = Union[
    Literal[
        # The name does not exist.
        "name_not_found",
        # No name server answered in time.
        "dns_timed_out",
        # The name lookup failed for another reason.
        "dns_failed",
        # The connection was refused (TCP reset, or ICMP port unreachable).
        "refused",
        # No answer in time.
        "timed_out",
        # This machine has no way there, or its router does not answer.
        "unreachable",
        # A firewall says that the way is forbidden, or a router that it does not find the host
        # (ICMP host or net unreachable): systems do not tell these apart.
        "forbidden",
        # The connection was reset after it stood.
        "reset",
        # The other side closed the connection without a word.
        "closed",
        # The operating system refused: no network, no address, no free socket.
        "local_error",
        # The address is loopback or link-local and the configuration does not name it.
        "address_not_allowed",
        # The proxy wants a login and none is known.
        "proxy_login_needed",
        # The proxy refused the login that is known.
        "proxy_login_rejected",
        # The proxy offers only ways to log in that are not supported.
        "proxy_scheme_unsupported",
        # The proxy does not let this target through.
        "proxy_forbidden",
        # The proxy could not reach the server.
        "proxy_target_unreachable",
        # Something answers at the proxy's address, but it does not talk like a proxy.
        "proxy_broken",
        # The SOCKS proxy failed and does not say why (RFC 1928, section 6: reply 01).
        "socks_failed",
        # The SOCKS proxy's rules forbid the target (02).
        "socks_forbidden",
        # The SOCKS proxy has no way to the target's network (03).
        "socks_network_unreachable",
        # The SOCKS proxy has no way to the target's host (04).
        "socks_host_unreachable",
        # The target refused the SOCKS proxy's connection (05).
        "socks_target_refused",
        # The SOCKS proxy's packets did not live long enough (06).
        "socks_ttl_expired",
        # The SOCKS proxy opens no connections for others (07).
        "socks_command_unsupported",
        # The SOCKS proxy does not know this kind of address (08).
        "socks_address_unsupported",
        # The automatic proxy configuration (PAC) could not be fetched.
        "pac_unreachable",
        # The automatic proxy configuration (PAC) failed: an error in it, or a limit of time or
        # memory.
        "pac_failed",
        # The automatic proxy configuration (PAC) is not run on this machine: the process for it
        # cannot be started, or cannot give up its rights.
        "pac_not_run",
        # The automatic proxy configuration (PAC) names no proxy for the server, and the direct ways
        # fail.
        "pac_says_direct",
        # Something answers, but it does not speak TLS.
        "not_tls",
        # The TLS handshake failed: no common cipher, or an alert.
        "tls_failed",
        # Something answers, but it speaks only versions of TLS that are too old.
        "tls_version",
        # A handshake with the server's name is cut off, one without it is answered: something
        # filters by name.
        "name_filtered",
        # The certificate's issuer is not trusted here.
        "certificate_untrusted",
        # The certificate has expired.
        "certificate_expired",
        # The certificate is not valid yet.
        "certificate_not_yet_valid",
        # The certificate's key or signature is too weak for what is trusted today.
        "certificate_weak",
        # The certificate is not for servers (RFC 5280, section 4.2.1.12).
        "certificate_wrong_purpose",
        # The certificate of the authority that issued the server's, as this machine has it, has
        # expired.
        "authority_expired",
        # The certificate counts, and this machine's clock does not: another clock was heard.
        "clock_wrong",
        # The certificate is for another name.
        "certificate_wrong_name",
        # The server's key is not the one that the join link names.
        "fingerprint_mismatch",
        # TLS is inspected and the policy refuses that.
        "inspection_refused",
        # The server's port answered with a web page instead of the carrier.
        "block_page",
        # A network's login page stands between this machine and everything else.
        "captive_portal",
        # A box on the way keeps answers back until they are whole, so nothing can be streamed.
        "response_held",
        # The HTTP answer has a status that refuses the carrier.
        "http_refused",
        # Something answered, but the answer is not HTTP.
        "not_http",
        # The pipe stands, but no hello came in time.
        "no_hello",
        # Something answered the hello, but it is not a Convene server.
        "not_our_server",
        # The server speaks no version that this program speaks.
        "version_unsupported",
        # The server asks to come back later.
        "server_busy",
    ],
    str,
]


class CodesReplaced(TypedDict):
    """Codes were replaced: nobody comes in by those that are not among these. For organizers
    alone.
    """

    # The organizers.
    people: list[str]
    # All codes that open the conference from here on.
    codes: dict[str, Role]


class CodesTold(TypedDict):
    """An organizer knows these codes. Told to them alone."""

    # The organizer.
    participant: str
    # The codes.
    codes: dict[str, Role]


# How a command stands.
CommandState = Union[
    Literal[
        # It holds.
        "accepted",
        # It is safe in the outbox, and will be decided.
        "queued",
        # It does not hold.
        "refused",
        # It held, and a backup of the server that was restored does not have it. Its text is kept,
        # and may be sent again with the same id.
        "lost",
        # The daemon's disk failed, and whether the command is in the outbox is not known: the same
        # one, with the same id, may be sent again.
        "unsure",
    ],
    str,
]


class ConferenceNow(TypedDict, total=False):
    """What goes on in a conference, as far as the machine of a participant knows."""

    # The café tables to which the participant was asked.
    asked_to: list[str]
    # When the conference opens; left out once it is open.
    opens: Optional[str]
    # The phase that runs.
    phase: Optional[PhaseNow]
    # The question of the ballot that is open.
    question: Optional[str]
    # Where the participant stands.
    room: Optional[str]
    # The names of that room by language, where it is not one that every conference has.
    room_names: dict[str, str]
    # Whether the participant has voted in it.
    voted: bool


class _Connection(TypedDict):
    # Its host name.
    server: str
    # Its conference ports, as `4500-4506`.
    ports: str
    # Its HTTPS port.
    https_port: int
    # How it stands.
    state: ConnectionState
    # Since when it is in this state (RFC 3339).
    since: str
    # The failures of the last round. They outlive the win of another way.
    attempts: list[Attempt]


class Connection(_Connection, total=False):
    """How one server is reached."""

    # Milliseconds by which the server's clock was ahead of this machine's when it last said hello.
    clock_offset_ms: Optional[int]
    # Whom to ask, where the configuration says it.
    contact: Optional[str]
    # Who inspects TLS on the way in use, as the certificate there names its issuer; nobody vouches
    # for it. Left out where nobody does, or the policy allows it silently.
    inspected_by: Optional[str]
    # The way in use.
    route: Optional[ConnectionRoute]
    # Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
    # all is well.
    storage: Optional[Storage]


class _ConnectionRoute(TypedDict):
    # `direct`, `https` or `proxy`.
    rung: Rung
    # `host:port` of the server.
    target: str
    # `websocket`, `stream` or `poll`.
    carrier: Carrier


class ConnectionRoute(_ConnectionRoute, total=False):
    """The way in use."""

    # `host:port` of the proxy.
    proxy: Optional[str]


# How a connection stands.
ConnectionState = Union[
    Literal[
        # It carries conferences.
        "connected",
        # On the way.
        "connecting",
        # No way leads to the server; the remedies of `attempts` say whose turn it is. Tries go on.
        "blocked",
        # This machine has no network. Tries go on.
        "offline",
    ],
    str,
]


class Connections(TypedDict):
    """All connections of this user, numbered."""

    # Counts the changes.
    number: int
    # As they stand.
    connections: list[Connection]


class DeclineTable(TypedDict, total=False):
    """Not to come to a table to which one was asked."""

    # Which one; left out where there is one.
    table: Optional[str]


class DismissResult(TypedDict):
    """Whether its text was kept until now."""

    # Whether there was such a text.
    dismissed: bool


class _Draft(TypedDict):
    # `room:` and the id of the room for which it is written; what a frontend remembers otherwise
    # has the frontend's name in front, such as `page:view`.
    key: str
    # Counts the changes of this one; 0 is a draft that was never set. Of two that a frontend is
    # told, the higher one is the later.
    revision: int
    # The text; empty where the draft was removed.
    text: str


class Draft(_Draft, total=False):
    """A draft."""

    # The text that another frontend set meanwhile, where both are kept; two such texts stand one
    # below the other, where both fit. Setting the draft once more, with this revision, decides.
    other: Optional[str]


class DraftGetResult(TypedDict):
    """Drafts of one seat."""

    # Those that are not empty, in the order of their keys.
    drafts: list[Draft]


class DraftSetResult(TypedDict):
    """The draft as it is now. Where its `other` is set, the author had not seen what another
    frontend set, and both texts are kept.
    """

    # As it is.
    draft: Draft


# Nothing.
Empty = dict[str, Any]


class _Event(TypedDict):
    # The number of its log entry, from 1. All events of an entry bear the same.
    seq: int
    # The server's time, for people: it may lie before that of an earlier event.
    at: str
    # The rest.
    body: Body


class Event(_Event, total=False):
    """Something that happened. `(seq, step)` orders events; gaps mean nothing."""

    # The participant who did it; absent where the server or its operator did it, and in public
    # events of a secret act.
    by: Optional[str]
    # The command that it came of; absent where `by` is.
    command: Optional[str]
    # Its place in its entry, from 1. Written from the second event on.
    step: int


class Evidence(TypedDict, total=False):
    """The traces that a box on the way leaves. Its texts come from a network: at most 200
    characters each, without control and format characters, but they may say anything. Fields
    are only ever added.
    """

    # The key of the certificate that it shows.
    fingerprint: Optional[str]
    # The box's name for itself: the issuer of its certificate, or its headers `Server`, `Via` or
    # `Proxy-agent`.
    name: Optional[str]
    # The page to which it sends browsers.
    page: Optional[str]
    # The ways to log in that it offers, by name, at most 8.
    schemes: list[str]
    # The status of its HTTP answer.
    status: Optional[int]


class ExtendPhase(TypedDict):
    """To let the phase that runs last longer."""

    # By how much.
    minutes: int


class Filled(TypedDict):
    """The conference holds so much of the data that it may hold."""

    # The mark that was passed: 80, or 100 where nothing more can be written. 0 where its server
    # lets it hold more than before.
    percent: int


class FoldedPoint(TypedDict):
    """How far a frontend is: the number and the term that it was told last, and the level that
    the watch named.
    """

    # The number.
    number: int
    # The term of the entry with that number.
    term: str
    # The level with which states are folded.
    level: int


class Formats(TypedDict):
    """The forms of what is kept and spoken; a higher number is a later one."""

    # Of the store in the state directory.
    store: int
    # Of the protocol with servers, the latest that is spoken.
    protocol: int
    # Of this language.
    api: int


class Go(TypedDict):
    """To stand in another room."""

    # Which one.
    room: str


class HelloResult(TypedDict):
    """Who the daemon is."""

    # The program and its version.
    daemon: str
    # The version of this language.
    api: int


# A value that another one hides.
HiddenSetting = TypedDict(
    "HiddenSetting",
    {
        # The value; `true` for a secret.
        "value": Any,
        # The place that names it.
        "from": "SettingSource",
    },
)


class _HistoryResult(TypedDict):
    # In order.
    events: list[Event]
    # And up to this one. Who reads the oldest first goes on with it as `after`. Where both are the
    # same and the page is not complete, what comes next is not here yet.
    through: int
    # Whether nothing more of what was asked for is known. A page that was cut, or ends where
    # something was passed over, is not complete.
    complete: bool


class HistoryResult(_HistoryResult, total=False):
    """A page of the past."""

    # The page holds everything above this number. Who reads the newest first goes on with it as
    # `through`.
    after: int


class Invitation(TypedDict):
    """An invitation to a café table."""

    # Who asked.
    by: str
    # The number of the entry.
    seq: int


class Join(TypedDict):
    """To take part, or to come back."""

    # The wanted display name.
    name: str


class _JoinResult(TypedDict):
    # Whether one is in.
    state: JoinState


class JoinResult(_JoinResult, total=False):
    """What came of it."""

    # What failed so far, where one is not in.
    attempts: list[Attempt]
    # Why the server does not open the conference now, where it says so.
    code: Optional[Refusal]
    # The conference, once the server has named it.
    conference: Optional[str]
    # Who inspects TLS on the way in use, as the certificate there names its issuer; nobody vouches
    # for it. Left out where nobody does, or the policy allows it silently.
    inspected_by: Optional[str]
    # Who one is in it.
    participant: Optional[str]


# Whether one is in.
JoinState = Union[
    Literal[
        # One is.
        "joined",
        # The daemon goes on trying.
        "joining",
        # The server does not open the conference now. The daemon goes on trying.
        "not_here_now",
    ],
    str,
]


class Joined(TypedDict):
    """Someone came, or came back."""

    # The participant.
    participant: str
    # Under which name. A text, because the limits of a name bind commands and not events.
    name: str
    # In which role. Logs of format 1 call it `right`.
    role: Role


class KnownAccess(TypedDict):
    """An access check that somebody knows of."""

    # The outcome.
    verdict: AccessVerdict
    # The version of the program that made the check; empty where that is not known.
    version: str
    # The number of the entry.
    seq: int


class KnownCodes(TypedDict):
    """Codes that an organizer knows."""

    # The codes, each with the role that it gives.
    by_code: dict[str, Role]
    # The number of the entry.
    seq: int


class KnownLink(TypedDict):
    """A participant's personal link."""

    # Its code.
    code: str
    # The number of the entry.
    seq: int


class LeaveResult(TypedDict):
    """What came of it."""

    # How it stands.
    state: LeaveState


# How leaving stands.
LeaveState = Union[
    Literal[
        # Everyone knows.
        "left",
        # The server will be told.
        "queued",
    ],
    str,
]


class _Left(TypedDict):
    # The participant.
    participant: str


class Left(_Left, total=False):
    """Someone left for good, as far as is known."""

    # Whether an organizer removed them: they cannot come back. Left out where they went by
    # themselves.
    removed: bool


class LinkTold(TypedDict):
    """A participant has a personal link with this code. Told to them alone."""

    # The participant.
    participant: str
    # The code. Anyone who has it is this participant.
    code: str


class ListResult(TypedDict):
    """All seats of this user."""

    # In the order in which they were taken.
    conferences: list[ListedSeat]


class _ListedSeat(TypedDict):
    # The seat's own name, such as `s12`: for `conference.forget` and `conference.leave`.
    seat: str
    # The server's host name.
    server: str
    # The display name.
    name: str
    # How it stands.
    state: SeatState
    # Commands without a receipt.
    waiting: int
    # The number of the last log entry that is known here.
    cursor: int


class ListedSeat(_ListedSeat, total=False):
    """One seat."""

    # Why the server refused, or does not open it now; `removed`, where an organizer removed the
    # participant who `left`.
    code: Optional[Refusal]
    # The conference, once the server has named it.
    conference: Optional[str]
    # The only key that the server may have, as the join link named it; a link for others names it
    # too. Left out where the operating system's trust decides.
    fingerprint: Optional[str]
    # What goes on there now, while the participant takes part.
    now: Optional[ConferenceNow]
    # The log that the server shows in place of the one that the seat knows.
    other_log: Optional[str]
    # Who one is.
    participant: Optional[str]
    # Which side is to be updated, while the server and the daemon speak no common version:
    # `update_program` is this one. Left out otherwise.
    remedy: Optional[Remedy]
    # Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
    # all is well.
    storage: Optional[Storage]
    # The conference's title, once it is known.
    title: str


class May(TypedDict):
    """What a participant may do now. Where something depends on what the command names, such as
    a name that may be taken, it says whether there is any way to do it at all.

    It depends on the state alone: what the clock changes is an event, too. Everything that it
    refuses is refused in this state, by the same code, when it is decided.
    """

    # By the kind of a command, such as `rename`: all kinds stand here, except `join`.
    acts: dict[str, Permit]
    # By room, whether the participant may speak there: the open rooms, those that every conference
    # has, and the table at which they sit.
    speak: dict[str, Permit]


class OpenBallot(TypedDict):
    """To ask for votes."""

    # The question: one line. It is checked when it is decided.
    question: str
    # The answers that one may choose from: one line each.
    options: list[str]


class Opened(TypedDict):
    """The conference began to exist. Always in entry 1, which no command makes: the operator of
    the server creates a conference.
    """

    # As its organizer wanted it.
    settings: Settings


class Own(TypedDict, total=False):
    """The part of a state that only one participant may know. Everything in it names the entry
    by which it came to be.
    """

    # The access checks that they know of: organizers those of everyone, others their own.
    accesses: dict[str, KnownAccess]
    # The codes that open the conference, which organizers know.
    codes: Optional[KnownCodes]
    # The tables to which they were asked.
    invitations: dict[str, Invitation]
    # Their personal link.
    link: Optional[KnownLink]
    # Their votes.
    votes: dict[str, CastVote]


class OwnSettings(TypedDict, total=False):
    """The settings that a user has for their own seats."""

    # What the user's sessions say of proxies. Passwords are left out.
    offered: list[ProxySource]
    # The proxies that the user set by hand; left out where they set none. Passwords are left out.
    proxy: Optional[ProxySource]
    # The policy that keeps users from setting proxies, by its setting, where there is one.
    proxy_fixed_by: Optional[str]
    # Whether the organizers of the user's conferences are told how the access check went: green,
    # yellow or red, and the version. Left out until the user has said so.
    tell_access: Optional[bool]


class _Participant(TypedDict):
    # The display name; no other participant of the conference has it.
    name: str
    # The role, which says what they may do.
    role: Role
    # Whether they joined and have not left. (Whether they are online is not in the log.)
    takes_part: bool
    # Where they stand.
    room: str


class Participant(_Participant, total=False):
    """Someone who takes part or took part."""

    # Whether an organizer removed them; left out where nobody did.
    removed: bool


class _Permit(TypedDict):
    # Whether it may.
    allowed: bool


class Permit(_Permit, total=False):
    """Whether something may be."""

    # Why not; left out where it may.
    code: Optional[Refusal]
    # When the conference opens, where that is why (`not_open_yet`).
    opens: Optional[str]


class _Phase(TypedDict):
    # Its kind.
    kind: str
    # Which round of its kind it is, from 1.
    round: int
    # How many rounds follow one another.
    rounds: int
    # How long it lasts by the plan.
    minutes: int


class Phase(_Phase, total=False):
    """A phase. Its planned times follow from the start and the minutes of those before it; the
    times here are actual ones.
    """

    # When it began.
    began: Optional[str]
    # When it is to end, while it runs; when it ended, afterwards.
    ends: Optional[str]


class PhaseBegan(TypedDict):
    """A phase begins."""

    # Its number, from 1.
    phase: int
    # The time for which that was planned.
    planned: str
    # When it is to end.
    ends: str


class PhaseEnded(TypedDict):
    """A phase ends."""

    # Its number.
    phase: int
    # The time for which that was planned.
    planned: str


class PhaseMoved(TypedDict):
    """The phase that runs is to end at another time."""

    # Its number.
    phase: int
    # When it is to end.
    ends: str


class _PhaseNow(TypedDict):
    # Its number, from 1.
    number: int
    # Its kind.
    kind: str
    # Which round of its kind it is, from 1.
    round: int
    # How many rounds follow one another.
    rounds: int
    # How long it lasts by the plan.
    minutes: int


class PhaseNow(_PhaseNow, total=False):
    """The phase that runs."""

    # When it began.
    began: Optional[str]
    # When it is to end, while it runs; when it ended, afterwards.
    ends: Optional[str]


class _PhasePlan(TypedDict):
    # Its kind, such as `workshops`: a word that frontends translate.
    kind: str
    # How long each round lasts.
    minutes: int


class PhasePlan(_PhasePlan, total=False):
    """A phase as the organizer planned it. With `rounds` it stands for as many phases."""

    # How often it is held, one after the other.
    rounds: int


class Point(TypedDict):
    """An entry of a log, by number and term. In one log no two entries have both in common:
    where a backup was restored, entry 7 may be another one, and then its term is another one
    too.
    """

    # Its number.
    number: int
    # The term in which it was appended. Entries before the first term belong to the term whose id
    # is made of the log's: `TermId::of_log`.
    term: str


class PresenceResult(TypedDict, total=False):
    """The participants who are connected."""

    # Everyone who is connected now. Left out where that is not known, because this machine is not
    # connected itself, or has not heard it yet.
    online: Optional[list[str]]


class ProxyOfferResult(TypedDict):
    """What became of an offer."""

    # Whether it counts: not where the machine's configuration alone decides about proxies.
    used: bool


class ProxyPasswordAnswer(TypedDict):
    """A login at a proxy. The daemon keeps it for this user until the proxy rejects it."""

    # The user, also as `DOMAIN\\user`; without a colon.
    user: str
    # The password.
    password: str


class _ProxySource(TypedDict):
    # The place: `gnome`, `kde`, `windows`, `environment`; `user` is what the user set for Convene,
    # and comes first.
    name: str


class ProxySource(_ProxySource, total=False):
    """What one place says about proxies. Nothing in it: that no proxy is needed."""

    # Hosts that are reached without these proxies, each spelled as in `NO_PROXY`; at most 1,024.
    exceptions: list[str]
    # The address of a script that names proxies.
    pac_url: Optional[str]
    # `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`, best first, at most 20.
    proxies: list[str]
    # Whether such a script is looked for in the network (WPAD).
    wpad: bool


class ProxyTestResult(TypedDict):
    """What came of a test."""

    # What this user's sessions offer.
    offered: list[ProxySource]
    # Every proxy that is known for a server of this user's, whichever place names it, best first.
    tested: list[ProxyTested]


class _ProxyTested(TypedDict):
    # The server.
    server: str
    # The proxy: `host:port`, with its scheme in front where that is not HTTP.
    proxy: str
    # Milliseconds until the way was open or had failed.
    ms: int


class ProxyTested(_ProxyTested, total=False):
    """Whether a proxy leads to a server."""

    # Why it is not open; left out where it is.
    attempt: Optional[Attempt]


class ProxyTokenAnswer(TypedDict):
    """A token, good for this proxy and this once."""

    # The token (base64).
    token: str


class _Public(TypedDict):
    # As its organizer wanted it.
    settings: Settings
    # Whether the conference is over.
    ended: bool
    # Everyone who takes part or took part.
    participants: dict[str, Participant]


class Public(_Public, total=False):
    """The part of a state that everyone may know.

    Its JSON is read by frontends in any language, as merge patches (RFC 7396): nothing in it
    is null, no array grows, and what has ids is a map.

    A field that is added later needs a default: a snapshot of before lacks it. The first
    fields have none, so that a damaged snapshot is an error and not an empty conference.
    """

    # The ballots.
    ballots: Ballots
    # Whether no newcomers are let in; left out where they are.
    doors_locked: bool
    # How much of the data that it may hold it holds, in percent: the last mark that was passed, 80
    # or 100; left out before.
    filled: int
    # The open rooms beside those that every conference has.
    rooms: Rooms
    # When it opens, and what follows when.
    schedule: Schedule
    # The café tables at which somebody sits.
    tables: Tables


# Why a command or a seat is refused. Travels as its word.
Refusal = Union[
    Literal[
        # The kind of the command is of a later version, or the command is damaged.
        "command_unknown",
        # The kind of the command is known, and a field is missing or of another form.
        "command_invalid",
        # The conference is over.
        "conference_ended",
        # No conference belongs to the join code.
        "code_unknown",
        # The server holds no such conference.
        "conference_unknown",
        # The server cannot read the conference's log; its other conferences run.
        "conference_damaged",
        # The conference was deleted for good.
        "conference_deleted",
        # A newer program wrote into the conference's log what this server cannot fold.
        "conference_of_later_version",
        # The server holds the conference, and its log does not answer now.
        "not_here_now",
        # The server shows another log of the conference than the one that the seat knows.
        "other_log",
        # The daemon keeps as much of the conference, or of all conferences of this user, as it may.
        "seat_full",
        # The seat's proof does not hold.
        "proof_invalid",
        # The server does not know the seat, and it asked for nothing by which it could.
        "seat_unknown",
        # An organizer replaced the keys of the participant, this one among them.
        "key_replaced",
        # An organizer removed the participant.
        "removed",
        # Organizers replaced the code of the join link.
        "code_replaced",
        # Organizers have locked the doors: nobody comes in anew until they open them.
        "doors_locked",
        # The participant takes part on as many devices as one may.
        "too_many_devices",
        # As many participants have a personal link as may.
        "too_many_links",
        # Another participant has the name, or one that reads like it.
        "name_taken",
        # The name reads like one of a role, such as "Moderator".
        "name_of_role",
        # The conference has as many participants, or as many organizers, as it may.
        "conference_full",
        # The one who wants it is no participant, or has left.
        "not_participant",
        # Only organizers may do that.
        "not_organizer",
        # There is no such room.
        "room_unknown",
        # The participant may not speak there.
        "room_closed",
        # The conference is not open yet: people meet in the foyer until then.
        "not_open_yet",
        # The name of a room is empty, longer than a line may be, or holds control characters.
        "room_name_invalid",
        # An open room has this name.
        "room_name_taken",
        # The conference has as many rooms as it may.
        "too_many_rooms",
        # One of those who are meant takes no part in the conference, or is the one who asks.
        "person_unknown",
        # There are as many café tables as there may be.
        "too_many_tables",
        # No more people fit at the table.
        "table_full",
        # The participant was not asked to the table, or it is gone.
        "not_asked",
        # The participant was asked to several tables.
        "table_ambiguous",
        # The participant sits at no table.
        "not_at_table",
        # No phase runs.
        "no_phase",
        # The number of minutes is zero, or more than a day.
        "minutes_invalid",
        # The conference has as many organizers as it may.
        "too_many_organizers",
        # Nobody else would lead the conference.
        "last_organizer",
        # A ballot is open already.
        "ballot_open",
        # The question or an option is no line, or there are fewer than two options or too many.
        "ballot_invalid",
        # The conference has as many ballots as it may.
        "too_many_ballots",
        # No ballot is open, or there is none of this number.
        "no_ballot",
        # The ballot is closed.
        "ballot_closed",
        # The ballot has no such option.
        "option_unknown",
        # The message has no visible character.
        "text_empty",
        # The message is over the limit.
        "text_too_long",
        # The message holds control characters.
        "text_control",
        # The conference holds as much as it may.
        "conference_full_of_data",
        # The participant has added as much as one may.
        "participant_full_of_data",
        # The command id was used for another command.
        "id_reused",
        # The command names something by its id, and its author saw a part of the log that a
        # restored backup does not hold: the id may stand for something else now.
        "log_changed",
        # The command would make more happen than one log entry may hold.
        "entry_too_large",
        # A reason of a later version.
        "other",
    ],
    str,
]


# The thing to do about a failure.
Remedy = Union[
    Literal[
        # Nothing: the program goes on trying by itself.
        "wait",
        # Check the network connection of this machine.
        "check_network",
        # Check the server's name in the join link.
        "check_server_name",
        # Ask the administrator to allow the conference ports or 443 to the server.
        "allow_server",
        # Ask the administrator to allow the server in the proxy.
        "allow_server_in_proxy",
        # Give the proxy's user and password.
        "set_proxy_login",
        # Check the proxy's address.
        "check_proxy",
        # Check this machine's date and time.
        "check_clock",
        # Ask the administrator about the certificate that inspects TLS, or add it.
        "add_inspection_certificate",
        # Ask the organizer for a new join link.
        "ask_for_new_link",
        # Update this program.
        "update_program",
        # The operator of the server has to update it.
        "update_server",
        # Open a browser and log in to the network.
        "log_in_to_network",
        # Name a proxy by hand.
        "set_proxy",
        # Ask the administrator about the automatic proxy configuration.
        "check_pac",
        # Those who run the server have to look after it: it does not answer, or shows a certificate
        # that no machine may take.
        "ask_operator",
    ],
    str,
]


class Remove(TypedDict):
    """To remove a participant, who cannot come back: the doors are locked, and the codes that
    this one may know are replaced.
    """

    # Whom.
    participant: str


class RemoveOrganizer(TypedDict):
    """To make an organizer a participant like the others."""

    # Whom.
    participant: str


class Rename(TypedDict):
    """To bear another name."""

    # The wanted display name.
    name: str


class Renamed(TypedDict):
    """A participant bears another name."""

    # Who.
    participant: str
    # The name, a text as in `Joined`.
    name: str


# A participant's part in the conference; it says what they may do.
Role = Union[
    Literal[
        # Takes part.
        "participant",
        # Takes part and leads.
        "organizer",
        # A role of a later version; here it gives what every participant has.
        "other",
    ],
    str,
]


class RoleChanged(TypedDict):
    """A participant has another role. Whoever is no organizer any more leaves the back room."""

    # Who.
    participant: str
    # The role.
    role: Role


class Room(TypedDict):
    """A room beside those that every conference has."""

    # Its names.
    names: dict[str, str]
    # Its place in the order in which rooms are shown.
    number: int


class RoomAdded(TypedDict):
    """A room was added."""

    # The room.
    room: str
    # Its names.
    names: dict[str, str]


class RoomClosed(TypedDict):
    """A room was closed. Everyone who stood there stands in the plenary."""

    # The room.
    room: str


class Rooms(TypedDict):
    """The rooms that are open, beside those that every conference has."""

    open: dict[str, Room]
    # The number of rooms that were ever added: no id is given twice.
    added: int


# A class of routes.
Rung = Union[
    Literal[
        # Straight to a conference port.
        "direct",
        # TLS on the HTTPS port.
        "https",
        # Through a proxy.
        "proxy",
    ],
    str,
]


class Said(TypedDict):
    """Someone said something."""

    # Where.
    room: str
    # The message. A text, because the limits of a message bind commands and not events.
    text: str


class SatDown(TypedDict):
    """A participant sits down at a table. The first one makes it."""

    # The table.
    table: str
    # The participant.
    participant: str


class _Say(TypedDict):
    # The message. It is checked when it is decided, so that a text over the limit has a receipt
    # that says so.
    text: str


class Say(_Say, total=False):
    """To say something."""

    # Where; left out, where the participant stands.
    room: Optional[str]


class _Schedule(TypedDict):
    # By number, from 1.
    phases: dict[str, Phase]


class Schedule(_Schedule, total=False):
    """The schedule. Without one a conference is open."""

    # The phase that runs.
    current: Optional[int]
    # When the conference opens; absent once it is open.
    opens: Optional[str]


class Scheduled(TypedDict):
    """The conference has a schedule. Until it opens, people meet in the foyer."""

    # When it opens.
    opens: str
    # What follows then.
    phases: list[PhasePlan]


# How a seat stands.
SeatState = Union[
    Literal[
        # The server has not answered yet.
        "joining",
        # It is a participant's.
        "joined",
        # The participant left, or an organizer removed them: then `code` is `removed`, and they
        # cannot come back.
        "left",
        # The server refused.
        "refused",
        # The server does not have the conference now, and says nothing final: the daemon goes on
        # asking.
        "not_here_now",
    ],
    str,
]


_Setting = TypedDict(
    "_Setting",
    {
        # The value in effect; `null` where nothing sets one and there is no default. Of a secret it
        # says only whether there is one, as `true`.
        "value": Any,
        # The place that sets it.
        "from": "SettingSource",
    },
)


class Setting(_Setting, total=False):
    """One setting of the machine."""

    # Values that other places name and that do not count, the next one in rank first.
    hidden: list[HiddenSetting]
    # Whether a policy fixes it: nothing else can change it.
    managed: bool
    # Whether the value is a secret, such as a password, which is written and never read.
    secret: bool


class _SettingSource(TypedDict):
    # Which kind of place.
    kind: SettingSourceKind


class SettingSource(_SettingSource, total=False):
    """The place that a value comes from."""

    # File and line, the value in the registry, or the system's word for the place, such as
    # `environment`. Left out for what has none.
    place: Optional[str]


# The kinds of places, each of which hides those before it.
SettingSourceKind = Union[
    Literal[
        # Nothing sets it.
        "default",
        # The environment, or what the system says of proxies.
        "system",
        # The configuration file.
        "file",
        # A drop-in beside it.
        "drop_in",
        # The installer's registry key.
        "installer",
        # `settings.patch`.
        "api",
        # A policy.
        "policy",
    ],
    str,
]


class _Settings(TypedDict):
    # Its title: one line.
    title: str


class Settings(_Settings, total=False):
    """The subject of a conference and its frame. Fields are only ever added."""

    # The people or the organization that invites to it: one line.
    hosts: str
    # The languages it is held in, as BCP 47 tags, the first preferred.
    languages: list[str]
    # When it was planned to open.
    start: Optional[str]
    # Its theme: the question that calls people together.
    theme: str


class _SettingsInEffect(TypedDict):
    # Rises by one with each change of what this user sees, and is another one after a restart of
    # the daemon. `settings.patch` may name it.
    number: int
    # `[proxy]`, by key, such as `mode`. Every key stands here, also where nothing sets it.
    proxy: dict[str, Setting]
    # `[policy]`, by key, such as `tls_inspection`.
    policy: dict[str, Setting]
    # `[[server]]`: by `HOST:PORT`, where `PORT` is the HTTPS port, and then by key, such as
    # `contact`.
    server: dict[str, dict[str, Setting]]
    # What counts for this user's seats alone, and anyone may set.
    own: OwnSettings
    # Whether this user may change what counts for the whole machine.
    privileged: bool


class SettingsInEffect(_SettingsInEffect, total=False):
    """All settings, as they are in effect.

    What a conference is about has the name `Settings` in the OpenRPC document.
    """

    # The command that works where this user may not; left out where they may.
    command: Optional[str]


class ShortenPhase(TypedDict):
    """To let the phase that runs end earlier, now at the earliest."""

    # By how much.
    minutes: int


# The stage that an attempt had reached when it failed.
Stage = Union[
    Literal[
        # Looking up a name.
        "dns",
        # Opening the TCP connection, to the server or to the proxy.
        "tcp",
        # Talking to the proxy.
        "proxy",
        # The TLS handshake with the server.
        "tls",
        # The HTTP exchange that opens the carrier.
        "http",
        # Waiting for the server's hello.
        "hello",
    ],
    str,
]


class StoodUp(TypedDict):
    """A participant stands up, and stands where they stood before. An empty table is gone."""

    # The participant.
    participant: str


# Why nothing can be stored.
Storage = Union[
    Literal[
        # The disk is full.
        "full",
        # The disk does not do what it is asked.
        "failed",
    ],
    str,
]


class _SystemConnection(TypedDict):
    # Whose, as the operating system names the user: `uid:1000`, `sid:S-1-5-…`.
    user: str
    # The server's host name.
    server: str
    # How it stands.
    state: ConnectionState
    # Since when it is in this state (RFC 3339).
    since: str
    # Seats on it.
    seats: int
    # Their commands that have no receipt yet.
    waiting: int


class SystemConnection(_SystemConnection, total=False):
    """One user's connection with one server."""

    # What went wrong last, where it does not stand.
    code: Optional[str]
    # The way in use.
    route: Optional[ConnectionRoute]


class _SystemStatusResult(TypedDict):
    # Of the daemon.
    version: str
    # Since when it runs (RFC 3339).
    started: str
    # Where seats, messages and keys are kept.
    state_directory: str
    # Where frontends connect.
    socket: str
    # The configuration files that were read, in the order in which they count.
    configuration: list[str]
    # The forms of what is kept and spoken.
    formats: Formats
    # Frontends that are attached, this one included.
    frontends: int
    # Users who have a seat.
    users: int
    # Their connections.
    connections: list[SystemConnection]


class SystemStatusResult(_SystemStatusResult, total=False):
    """The daemon, and the connections of all users. Nothing of what is said in conferences, and
    no names, is in it.
    """

    # Why nothing can be stored. Left out while all is well.
    storage: Optional[Storage]


class Table(TypedDict):
    """A table."""

    # Its place in the order in which tables are shown.
    number: int
    # Those who sit there, and where each stood before.
    seated: dict[str, str]


class TableDeclined(TypedDict):
    """A participant does not come. Told to those who sit at the table, and to the one who
    declines.
    """

    # The table.
    table: str
    # The participant.
    participant: str


class Tables(TypedDict):
    """The tables at which somebody sits."""

    taken: dict[str, Table]
    # The number of tables that there ever were: no id is given twice.
    made: int


class TellAccess(TypedDict):
    """To let the organizers know how one's access check went."""

    # The outcome.
    verdict: AccessVerdict
    # The version of the program that made the check: letters, digits, dots, `+` and `-`.
    version: str


class Turnout(TypedDict):
    """So many have voted. It says neither who nor by which command."""

    # The ballot.
    ballot: str
    # How many.
    voted: int


class UnwatchResult(TypedDict):
    """Whether it was watched until now."""

    # Whether this connection watched it.
    ended: bool


class View(TypedDict):
    """The state as one participant may know it."""

    # The part that everyone may know.
    public: Public
    # The part that only this participant may know.
    own: Own


class Vote(TypedDict):
    """To vote, or to vote otherwise, as long as the ballot is open."""

    # The ballot.
    ballot: str
    # The option.
    option: str


class Voted(TypedDict):
    """Somebody voted. Told to them alone."""

    # The ballot.
    ballot: str
    # Who.
    participant: str
    # The option.
    option: str


class _WatchResult(TypedDict):
    # Which conference.
    conference: str
    # How the seat stands.
    seat: SeatState
    # What is known here now.
    cursor: int
    # The events above this number follow as notifications, without a gap.
    after: int


class WatchResult(_WatchResult, total=False):
    """Where watching begins."""

    # Milliseconds by which the server's clock is ahead of this machine's, once it was seen.
    clock_offset_ms: Optional[int]
    # Why the server refused the seat, or does not open it now; `removed`, where an organizer
    # removed the participant.
    code: Optional[Refusal]
    # The level with which the daemon folds states.
    level: int
    # Which incarnation of the log the numbers count in.
    log: Optional[str]
    # What the participant may do now, in a watch that wants the state of a seat that takes part;
    # changes follow as `conference.may`.
    may: Optional[May]
    # The log that the server shows in place of the one that the seat knows.
    other_log: Optional[str]
    # Who one is.
    participant: Optional[str]
    # In how many parts the state follows as `conference.state`, before anything else is told; left
    # out where `state` holds it. That is so where one line could not: in conferences of thousands.
    parts: Optional[int]
    # The conference at `cursor`, where the watch begins with it or wants it: `public` is what
    # everyone may know, and `own` what only this participant may know.
    state: Optional[View]
    # The term of the entry with that number.
    term: Optional[str]


class Went(TypedDict):
    """A participant stands in another room."""

    # The participant.
    participant: str
    # The room.
    room: str


class OpenedBody(Opened):
    """The conference began to exist."""

    kind: Literal["opened"]


class JoinedBody(Joined):
    """Someone came, or came back."""

    kind: Literal["joined"]


class LeftBody(Left):
    """Someone left, or was removed."""

    kind: Literal["left"]


class SaidBody(Said):
    """Someone said something."""

    kind: Literal["said"]


class EndedBody(TypedDict):
    """The conference is over: nothing happens in it any more."""

    kind: Literal["ended"]


class RenamedBody(Renamed):
    """A participant bears another name."""

    kind: Literal["renamed"]


class RoleChangedBody(RoleChanged):
    """A participant has another role."""

    kind: Literal["role_changed"]


class CodesToldBody(CodesTold):
    """The codes that open the conference. For an organizer alone."""

    kind: Literal["codes_told"]


class WentBody(Went):
    """A participant stands in another room."""

    kind: Literal["went"]


class RoomAddedBody(RoomAdded):
    """A room was added."""

    kind: Literal["room_added"]


class RoomClosedBody(RoomClosed):
    """A room was closed."""

    kind: Literal["room_closed"]


class AskedToTableBody(AskedToTable):
    """People were asked to a table. For those whom it concerns."""

    kind: Literal["asked_to_table"]


class TableDeclinedBody(TableDeclined):
    """A participant does not come to a table. For those whom it concerns."""

    kind: Literal["table_declined"]


class SatDownBody(SatDown):
    """A participant sits down at a table."""

    kind: Literal["sat_down"]


class StoodUpBody(StoodUp):
    """A participant stands up from their table."""

    kind: Literal["stood_up"]


class ScheduledBody(Scheduled):
    """The conference has a schedule."""

    kind: Literal["scheduled"]


class BeganBody(Began):
    """The conference opens."""

    kind: Literal["began"]


class PhaseBeganBody(PhaseBegan):
    """A phase begins."""

    kind: Literal["phase_began"]


class PhaseEndedBody(PhaseEnded):
    """A phase ends."""

    kind: Literal["phase_ended"]


class PhaseMovedBody(PhaseMoved):
    """The phase that runs is to end at another time."""

    kind: Literal["phase_moved"]


class BallotOpenedBody(BallotOpened):
    """A ballot was opened."""

    kind: Literal["ballot_opened"]


class VotedBody(Voted):
    """Somebody voted. For them alone."""

    kind: Literal["voted"]


class TurnoutBody(Turnout):
    """So many have voted."""

    kind: Literal["turnout"]


class BallotClosedBody(BallotClosed):
    """A ballot was closed."""

    kind: Literal["ballot_closed"]


class AccessToldBody(AccessTold):
    """An access check went so. For organizers, and for the one whose it is."""

    kind: Literal["access_told"]


class AccessesToldBody(AccessesTold):
    """The access checks that are known. For an organizer alone."""

    kind: Literal["accesses_told"]


class CodesReplacedBody(CodesReplaced):
    """Codes were replaced. For organizers alone."""

    kind: Literal["codes_replaced"]


class LinkToldBody(LinkTold):
    """A participant has a personal link. For them alone."""

    kind: Literal["link_told"]


class DoorsLockedBody(TypedDict):
    """No newcomers are let in."""

    kind: Literal["doors_locked"]


class DoorsOpenedBody(TypedDict):
    """Newcomers are let in again."""

    kind: Literal["doors_opened"]


class FilledBody(Filled):
    """The conference holds so much of the data that it may hold."""

    kind: Literal["filled"]


# The event itself, without who and when. Travels as `{"kind":"said",…}`.
#
# Reading never fails: a kind of a later version, and a known kind of another form, read as
# `Body::Unknown`. That keeps nothing of the text, so callers keep the text itself, and fold it
# again once they know more.
Body = Union[
    OpenedBody,
    JoinedBody,
    LeftBody,
    SaidBody,
    EndedBody,
    RenamedBody,
    RoleChangedBody,
    CodesToldBody,
    WentBody,
    RoomAddedBody,
    RoomClosedBody,
    AskedToTableBody,
    TableDeclinedBody,
    SatDownBody,
    StoodUpBody,
    ScheduledBody,
    BeganBody,
    PhaseBeganBody,
    PhaseEndedBody,
    PhaseMovedBody,
    BallotOpenedBody,
    VotedBody,
    TurnoutBody,
    BallotClosedBody,
    AccessToldBody,
    AccessesToldBody,
    CodesReplacedBody,
    LinkToldBody,
    DoorsLockedBody,
    DoorsOpenedBody,
    FilledBody,
]


class JoinCommand(Join):
    """To take part, or to come back."""

    kind: Literal["join"]


class LeaveCommand(TypedDict):
    """To take part no more."""

    kind: Literal["leave"]


class SayCommand(Say):
    """To say something."""

    kind: Literal["say"]


class EndCommand(TypedDict):
    """To end the conference."""

    kind: Literal["end"]


class RenameCommand(Rename):
    """To bear another name."""

    kind: Literal["rename"]


class AddOrganizerCommand(AddOrganizer):
    """To make a participant an organizer."""

    kind: Literal["add_organizer"]


class RemoveOrganizerCommand(RemoveOrganizer):
    """To make an organizer a participant like the others."""

    kind: Literal["remove_organizer"]


class GoCommand(Go):
    """To stand in another room."""

    kind: Literal["go"]


class AddRoomCommand(AddRoom):
    """To add a room."""

    kind: Literal["add_room"]


class CloseRoomCommand(CloseRoom):
    """To close a room."""

    kind: Literal["close_room"]


class AskToTableCommand(AskToTable):
    """To ask people to a café table."""

    kind: Literal["ask_to_table"]


class AcceptTableCommand(AcceptTable):
    """To sit down at a table to which one was asked."""

    kind: Literal["accept_table"]


class DeclineTableCommand(DeclineTable):
    """Not to come to a table to which one was asked."""

    kind: Literal["decline_table"]


class LeaveTableCommand(TypedDict):
    """To stand up from one's table."""

    kind: Literal["leave_table"]


class ExtendPhaseCommand(ExtendPhase):
    """To let the phase that runs last longer."""

    kind: Literal["extend_phase"]


class ShortenPhaseCommand(ShortenPhase):
    """To let the phase that runs end earlier."""

    kind: Literal["shorten_phase"]


class SkipPhaseCommand(TypedDict):
    """To let the next phase begin now."""

    kind: Literal["skip_phase"]


class OpenBallotCommand(OpenBallot):
    """To ask for votes."""

    kind: Literal["open_ballot"]


class VoteCommand(Vote):
    """To vote, or to vote otherwise."""

    kind: Literal["vote"]


class CloseBallotCommand(TypedDict):
    """To close the ballot that is open."""

    kind: Literal["close_ballot"]


class AccessCommand(TellAccess):
    """To let the organizers know how one's access check went."""

    kind: Literal["access"]


class RemoveCommand(Remove):
    """To remove a participant, lock the doors, and replace the codes that they may know."""

    kind: Literal["remove"]


class LockDoorsCommand(TypedDict):
    """To let no newcomers in."""

    kind: Literal["lock_doors"]


class OpenDoorsCommand(TypedDict):
    """To let newcomers in again."""

    kind: Literal["open_doors"]


class MakeLinkCommand(TypedDict):
    """To have a personal link, by which one takes part on another device too."""

    kind: Literal["make_link"]


# Something that someone wants. Travels as `{"kind":"say",…}`; unknown fields are ignored.
Command = Union[
    JoinCommand,
    LeaveCommand,
    SayCommand,
    EndCommand,
    RenameCommand,
    AddOrganizerCommand,
    RemoveOrganizerCommand,
    GoCommand,
    AddRoomCommand,
    CloseRoomCommand,
    AskToTableCommand,
    AcceptTableCommand,
    DeclineTableCommand,
    LeaveTableCommand,
    ExtendPhaseCommand,
    ShortenPhaseCommand,
    SkipPhaseCommand,
    OpenBallotCommand,
    VoteCommand,
    CloseBallotCommand,
    AccessCommand,
    RemoveCommand,
    LockDoorsCommand,
    OpenDoorsCommand,
    MakeLinkCommand,
]


class ConnectionChangedNotification(TypedDict):
    """Something about the connections changed."""

    # Counts the changes.
    number: int
    # As they stand.
    connections: list[Connection]


class AccessChangedNotification(TypedDict):
    """A step of a check went on, a check was begun, or it is over: the whole check as it stands
    now.
    """

    # As it stands.
    check: AccessCheckRecord


class SettingsChangedNotification(TypedDict):
    """The settings are others now."""

    # As they are.
    settings: SettingsInEffect


class ConferenceStateNotification(TypedDict):
    """A part of the state, behind the answer of `conference.watch`, or in a watch that wants the
    state wherever patches cannot tell its change: behind `conference.passed_over`,
    `conference.reset` and `conference.events` without `patches`. All that was told before is
    in it.
    """

    # Which conference.
    conference: str
    # Which part, from 0, in order.
    part: int
    # Of how many.
    parts: int
    # A piece of text; all of them together are the state's JSON.
    data: str


class _ConferenceEventsNotification(TypedDict):
    # Which conference.
    conference: str
    # The number before them.
    after: int
    # Now everything up to here is told.
    through: int
    # In order, as the server wrote them.
    events: list[Event]


class ConferenceEventsNotification(_ConferenceEventsNotification, total=False):
    """Events, without a gap to those before."""

    # In a watch that wants the state: a merge patch (RFC 7396) for each entry of these events, in
    # order, which make of the state before them the state behind them. Left out where the state
    # that was told, or one that follows as `conference.state`, has these events already.
    patches: Optional[list[Any]]
    # The term of the entry with that number.
    term: Optional[str]


class _ConferenceMayNotification(TypedDict):
    # Which conference.
    conference: str


class ConferenceMayNotification(_ConferenceMayNotification, total=False):
    """The participant may do other things than before. Told in a watch that wants the state,
    behind the events or the seat that changed it.
    """

    # What they may do now; left out where the seat takes part no more.
    may: Optional[May]


class _ConferenceReceiptNotification(TypedDict):
    # Which conference.
    conference: str
    # Which.
    command: str
    # How it stands.
    state: CommandState


class ConferenceReceiptNotification(_ConferenceReceiptNotification, total=False):
    """A command has its receipt."""

    # A refused command, which is kept until it is dismissed.
    body: Optional[Command]
    # Why it was refused.
    code: Optional[Refusal]
    # When the conference opens, where that is why (`not_open_yet`).
    opens: Optional[str]
    # The number of its log entry.
    seq: Optional[int]


class ConferenceOutboxNotification(TypedDict):
    """A command waits in the outbox until its receipt. One may be told more than once; its id
    says that it is the same.
    """

    # Which conference.
    conference: str
    # Which command.
    command: str
    # The command.
    body: Command


class ConferenceLostNotification(TypedDict):
    """A command that was accepted is in the conference no more, because a backup of the server
    was restored that does not hold it. Nothing sends it again by itself; `conference.act`
    may, with the same id. The text is kept until it is dismissed.
    """

    # Which conference.
    conference: str
    # Which command.
    command: str
    # The command.
    body: Command


class ConferenceDismissedNotification(TypedDict):
    """The text of a refused or lost command was let go."""

    # Which conference.
    conference: str
    # Which command.
    command: str


class _ConferenceSeatNotification(TypedDict):
    # Which conference.
    conference: str
    # How it stands.
    seat: SeatState


class ConferenceSeatNotification(_ConferenceSeatNotification, total=False):
    """The seat stands otherwise."""

    # Why the server refused, or does not open it now; `removed`, where an organizer removed the
    # participant.
    code: Optional[Refusal]
    # The log that the server shows in place of the one that the seat knows: `conference.join` with
    # `log` turns to it.
    other_log: Optional[str]


class _ConferencePassedOverNotification(TypedDict):
    # Which conference.
    conference: str
    # The number before it.
    after: int
    # The last number of it; what is told next lies above.
    through: int


class ConferencePassedOverNotification(_ConferencePassedOverNotification, total=False):
    """Too much was missed to be told event by event: the watch goes on behind it.
    `conference.history` gives what lies there, and a watch that begins anew without `after`
    the state.
    """

    # The term of the entry with that number.
    term: Optional[str]


class _ConferenceResetNotification(TypedDict):
    # Which conference.
    conference: str
    # The number from which it goes on.
    cursor: int


class ConferenceResetNotification(_ConferenceResetNotification, total=False):
    """What was told above a number is void, because a backup of the server was restored, or the
    state that was folded so far is not what this daemon folds. The watch goes on from that
    number; a state has to be watched anew.
    """

    # The term of the entry with that number.
    term: Optional[str]


class ConferenceClockNotification(TypedDict):
    """The server's clock was seen again, and is ahead by another span."""

    # Which conference.
    conference: str
    # Milliseconds by which it is ahead of this machine's.
    offset_ms: int


class _ConferencePresenceNotification(TypedDict):
    # Which conference.
    conference: str


class ConferencePresenceNotification(_ConferencePresenceNotification, total=False):
    """Other participants are connected than before. "Takes part" (joined and has not left) is
    another thing.
    """

    # Everyone who is connected now. Left out where that is not known, because this machine is not
    # connected itself.
    online: Optional[list[str]]


class DraftChangedNotification(TypedDict):
    """Another frontend of this user set a draft."""

    # In which conference.
    conference: str
    # As it is.
    draft: Draft


class _ProxyPasswordParams(TypedDict):
    # The proxy: `host:port`, with its scheme in front where that is not HTTP.
    proxy: str
    # The server that is to be reached.
    server: str


class ProxyPasswordParams(_ProxyPasswordParams, total=False):
    """The parameters of `proxy.password`."""

    # The user whose password was rejected, or whose login this proxy cannot be shown (a part is
    # empty or too long, or the user has a colon): it is asked for once more, and then no more.
    rejected: Optional[str]


class _ProxyTokenParams(TypedDict):
    # The proxy's name, for whose service `HTTP` the token is.
    host: str
    # The same for all legs of one logon.
    context: str


class ProxyTokenParams(_ProxyTokenParams, total=False):
    """The parameters of `proxy.token`."""

    # What names the channel to the proxy (RFC 5929; base64), where it is inside TLS.
    binding: Optional[str]
    # What the proxy said (base64); left out in the first leg.
    token: Optional[str]


# Answers to the questions of the daemon's. One that raises declines.
Answers = TypedDict(
    "Answers",
    {
        # Asks the person for a login at a proxy. An error as answer declines.
        "proxy.password": Callable[[ProxyPasswordParams], Awaitable[ProxyPasswordAnswer]],
        # Asks the user's session for a token that opens a proxy. Answer it only for proxies that
        # the user's own settings name.
        "proxy.token": Callable[[ProxyTokenParams], Awaitable[ProxyTokenAnswer]],
    },
    total=False,
)


class Calls:
    """The methods of the daemon, by name, and what it says by itself."""

    async def call(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Asks, and waits for the answer. What is `None` is left out."""
        raise NotImplementedError

    def _listen(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        raise NotImplementedError

    async def rpc_discover(
        self,
    ) -> Any:
        """Gives this document."""
        result: Any = await self.call(
            "rpc.discover",
        )
        return result

    async def hello(
        self,
        *,
        answers: Optional[list[str]] = None,
        client: Optional[str] = None,
    ) -> HelloResult:
        """Says who is there, in either direction."""
        result: HelloResult = await self.call(
            "hello",
            {
                "answers": answers,
                "client": client,
            },
        )
        return result

    async def connection_watch(
        self,
    ) -> Connections:
        """Gives the connections, then every change as `connection.changed`."""
        result: Connections = await self.call(
            "connection.watch",
        )
        return result

    async def connection_retry(
        self,
        *,
        server: Optional[str] = None,
    ) -> Empty:
        """Tries to connect at once instead of at the next scheduled time."""
        result: Empty = await self.call(
            "connection.retry",
            {
                "server": server,
            },
        )
        return result

    async def access_check(
        self,
        *,
        server: Optional[str] = None,
        watch_only: Optional[bool] = None,
    ) -> AccessCheckResult:
        """Begins to try every way to the servers, also those that are not needed, and answers at
        once; the steps follow as `access.changed`, as do those of checks that begin by
        themselves: when a seat is taken, and on the day before a conference opens. A check
        that runs is not begun again.
        """
        result: AccessCheckResult = await self.call(
            "access.check",
            {
                "server": server,
                "watch_only": watch_only,
            },
        )
        return result

    async def settings_get(
        self,
    ) -> SettingsInEffect:
        """Gives every setting with the place that it comes from, and what that hides."""
        result: SettingsInEffect = await self.call(
            "settings.get",
        )
        return result

    async def settings_patch(
        self,
        *,
        patch: Any,
        number: Optional[int] = None,
    ) -> SettingsInEffect:
        """Changes settings, all or none, and answers when they are in effect. What counts for
        the machine is for administrators; others get not_privileged.
        """
        result: SettingsInEffect = await self.call(
            "settings.patch",
            {
                "patch": patch,
                "number": number,
            },
        )
        return result

    async def settings_watch(
        self,
    ) -> SettingsInEffect:
        """Gives the settings, then every change as `settings.changed`."""
        result: SettingsInEffect = await self.call(
            "settings.watch",
        )
        return result

    async def system_status(
        self,
    ) -> SystemStatusResult:
        """Says how the daemon and the connections of all users stand. For administrators; others
        get not_privileged.
        """
        result: SystemStatusResult = await self.call(
            "system.status",
        )
        return result

    async def proxy_offer(
        self,
        *,
        sources: list[ProxySource],
    ) -> ProxyOfferResult:
        """Says which proxies this user's session knows; they serve this user's seats alone."""
        result: ProxyOfferResult = await self.call(
            "proxy.offer",
            {
                "sources": sources,
            },
        )
        return result

    async def proxy_test(
        self,
    ) -> ProxyTestResult:
        """Opens a way to each server of this user's through each proxy that is known, and closes
        it again. Takes up to a minute.
        """
        result: ProxyTestResult = await self.call(
            "proxy.test",
        )
        return result

    async def conference_join(
        self,
        *,
        link: str,
        name: str,
        log: Optional[str] = None,
        wait_ms: Optional[int] = None,
    ) -> JoinResult:
        """Joins a conference. Answers as soon as one is in, is refused, or it is known why not;
        the daemon goes on trying.
        """
        result: JoinResult = await self.call(
            "conference.join",
            {
                "link": link,
                "name": name,
                "log": log,
                "wait_ms": wait_ms,
            },
        )
        return result

    async def conference_list(
        self,
    ) -> ListResult:
        """Lists this user's seats."""
        result: ListResult = await self.call(
            "conference.list",
        )
        return result

    async def conference_watch(
        self,
        *,
        conference: str,
        after: Optional[After] = None,
        state: Optional[bool] = None,
    ) -> WatchResult:
        """Gives the state, or nothing behind `after`, and then every event and receipt, the
        outbox, and how the seat stands.
        """
        result: WatchResult = await self.call(
            "conference.watch",
            {
                "conference": conference,
                "after": after,
                "state": state,
            },
        )
        return result

    async def conference_unwatch(
        self,
        *,
        conference: str,
    ) -> UnwatchResult:
        """Ends this connection's watches of a conference. Behind the answer nothing more is told
        of it.
        """
        result: UnwatchResult = await self.call(
            "conference.unwatch",
            {
                "conference": conference,
            },
        )
        return result

    async def conference_presence(
        self,
        *,
        conference: str,
    ) -> PresenceResult:
        """Tells which participants of a conference are connected. A watch tells it too, and each
        change.
        """
        result: PresenceResult = await self.call(
            "conference.presence",
            {
                "conference": conference,
            },
        )
        return result

    async def conference_history(
        self,
        *,
        conference: str,
        after: Optional[int] = None,
        limit: Optional[int] = None,
        newest: Optional[bool] = None,
        through: Optional[int] = None,
        wait_ms: Optional[int] = None,
    ) -> HistoryResult:
        """Gives a page of the past, the oldest or the newest events first, and says whether
        there is more. What was passed over is fetched from the server.
        """
        result: HistoryResult = await self.call(
            "conference.history",
            {
                "conference": conference,
                "after": after,
                "limit": limit,
                "newest": newest,
                "through": through,
                "wait_ms": wait_ms,
            },
        )
        return result

    async def conference_act(
        self,
        *,
        conference: str,
        id: str,
        body: Command,
        seen: Optional[Point] = None,
        wait_ms: Optional[int] = None,
    ) -> ActResult:
        """Wants something. When this answers `accepted` or `queued` it is safe, whatever is
        killed.
        """
        result: ActResult = await self.call(
            "conference.act",
            {
                "conference": conference,
                "id": id,
                "body": body,
                "seen": seen,
                "wait_ms": wait_ms,
            },
        )
        return result

    async def conference_dismiss(
        self,
        *,
        conference: str,
        id: str,
    ) -> DismissResult:
        """Lets the text of a refused or lost command go."""
        result: DismissResult = await self.call(
            "conference.dismiss",
            {
                "conference": conference,
                "id": id,
            },
        )
        return result

    async def draft_get(
        self,
        *,
        conference: str,
        key: Optional[str] = None,
    ) -> DraftGetResult:
        """Gives the drafts of a seat, and tells every change of them as `draft.changed` from
        then on.
        """
        result: DraftGetResult = await self.call(
            "draft.get",
            {
                "conference": conference,
                "key": key,
            },
        )
        return result

    async def draft_set(
        self,
        *,
        conference: str,
        key: str,
        revision: int,
        text: str,
    ) -> DraftSetResult:
        """Keeps a draft. It is safe when this answers, and goes with the seat."""
        result: DraftSetResult = await self.call(
            "draft.set",
            {
                "conference": conference,
                "key": key,
                "revision": revision,
                "text": text,
            },
        )
        return result

    async def conference_leave(
        self,
        *,
        conference: str,
        wait_ms: Optional[int] = None,
    ) -> LeaveResult:
        """Leaves a conference; what is known of it stays readable. A seat that is in none yet is
        given up and removed.
        """
        result: LeaveResult = await self.call(
            "conference.leave",
            {
                "conference": conference,
                "wait_ms": wait_ms,
            },
        )
        return result

    async def conference_forget(
        self,
        *,
        seat: str,
    ) -> Empty:
        """Removes a seat that takes part no more, or never did, with its key and all that is
        kept of its conference.
        """
        result: Empty = await self.call(
            "conference.forget",
            {
                "seat": seat,
            },
        )
        return result

    @overload
    def on(
        self,
        name: Literal["connection.changed"],
        listener: Callable[[ConnectionChangedNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["access.changed"],
        listener: Callable[[AccessChangedNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["settings.changed"],
        listener: Callable[[SettingsChangedNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.state"],
        listener: Callable[[ConferenceStateNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.events"],
        listener: Callable[[ConferenceEventsNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.may"],
        listener: Callable[[ConferenceMayNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.receipt"],
        listener: Callable[[ConferenceReceiptNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.outbox"],
        listener: Callable[[ConferenceOutboxNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.lost"],
        listener: Callable[[ConferenceLostNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.dismissed"],
        listener: Callable[[ConferenceDismissedNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.seat"],
        listener: Callable[[ConferenceSeatNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.passed_over"],
        listener: Callable[[ConferencePassedOverNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.reset"],
        listener: Callable[[ConferenceResetNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.clock"],
        listener: Callable[[ConferenceClockNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["conference.presence"],
        listener: Callable[[ConferencePresenceNotification], object],
    ) -> Callable[[], None]: ...

    @overload
    def on(
        self,
        name: Literal["draft.changed"],
        listener: Callable[[DraftChangedNotification], object],
    ) -> Callable[[], None]: ...

    def on(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Tells each notification of this name. The function that is given ends that."""
        return self._listen(name, listener)
