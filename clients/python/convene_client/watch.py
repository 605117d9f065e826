"""One conference as a client watches it, over all connections."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Optional,
    Union,
)

from .errors import DaemonError, DisconnectedError
from .generated import (
    ActResult,
    Command,
    ConferenceClockNotification,
    ConferenceDismissedNotification,
    ConferenceEventsNotification,
    ConferenceLostNotification,
    ConferenceMayNotification,
    ConferenceOutboxNotification,
    ConferencePassedOverNotification,
    ConferencePresenceNotification,
    ConferenceReceiptNotification,
    ConferenceResetNotification,
    ConferenceSeatNotification,
    ConferenceStateNotification,
    Event,
    May,
    Point,
    Refusal,
    SeatState,
    View,
    WatchResult,
)
from .patch import merge_patch

if TYPE_CHECKING:
    from .client import Client

#: News that may wait to be taken: more than the daemon itself lets wait.
UNTAKEN_MAX = 4 * 1_024
#: The longest state that is taken in parts, in characters: one of thousands has some megabytes.
STATE_CHARACTERS_MAX = 64 * 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A command whose text is kept by the daemon."""

    command: str
    body: Command
    #: `waiting`: it is on the daemon's disk, and has no receipt yet. `refused`: `code` says why.
    #: `lost`: it was accepted, and a backup of the server does not hold it; `act` with this id
    #: sends it again. The last two are kept until they are dismissed.
    state: str
    code: Optional[Refusal] = None
    #: When the conference opens, where that is why.
    opens: Optional[str] = None


@dataclass(frozen=True)
class Happened:
    """Events happened. Each is told once, in order, and the state has them."""

    events: list[Event]


@dataclass(frozen=True)
class PassedOver:
    """Everything above `after` up to `through` is told no more; `conference_history` gives it."""

    after: int
    through: int


@dataclass(frozen=True)
class Reset:
    """Everything that was told above this number is void, and the watch goes on from there."""

    to: int


@dataclass(frozen=True)
class Decided:
    """A command was accepted or refused, of whichever frontend."""

    receipt: ConferenceReceiptNotification


@dataclass(frozen=True)
class Lost:
    """A command that was accepted is in the conference no more."""

    lost: ConferenceLostNotification


@dataclass(frozen=True)
class Changed:
    """Something else that the watch holds is another now."""


#: The news of a watch.
News = Union[Happened, PassedOver, Reset, Decided, Lost, Changed]


class ConferenceWatch:
    """One conference: its state, and what is told of it, for `async for`.

    It goes on behind what was taken, whatever is restarted. What it holds is as new as the news
    that were taken last. Everything is replaced, never changed. One task takes them at a time.
    """

    def __init__(self, client: Client, conference: str, forget: Callable[[], object]) -> None:
        """Made by `Client.watch`."""
        #: The name by which it is watched.
        self.conference = conference
        #: The conference; `None` until it is known.
        self.state: Optional[View] = None
        #: The things that the participant may do now; `None` where they take part no more, or it
        #: is not known.
        self.may: Optional[May] = None
        #: Who one is.
        self.participant: Optional[str] = None
        #: The incarnation of the log in which the numbers count.
        self.log: Optional[str] = None
        #: How the seat stands; `None` until that is known.
        self.seat: Optional[SeatState] = None
        #: Why the server refused the seat, or does not open it now.
        self.code: Optional[Refusal] = None
        #: The log that the server shows in place of the one that the seat knows.
        self.other_log: Optional[str] = None
        #: Milliseconds by which the server's clock is ahead of this machine's, once it was seen.
        self.clock_offset_ms: Optional[int] = None
        #: The participants who are connected; `None` where that is not known.
        self.online: Optional[list[str]] = None
        #: Commands that wait, or came back, by their ids, in the order in which they were told.
        self.kept: Mapping[str, Kept] = {}
        #: Whether what is held is as the daemon knew it: the watch has begun on the connection
        #: there is, and no part of the state is still to come.
        self.is_live = False

        self._client = client
        self._forget = forget
        # News that were told and not taken yet.
        self._untaken: deque[Callable[[], Optional[News]]] = deque()
        self._woken = asyncio.Event()
        self._is_stopped = False
        # The watch has to begin anew on this connection, once somebody takes again.
        self._is_void = False
        # The answer is not here: what is told meanwhile is of an earlier watch.
        self._is_asked = False
        self._error: Optional[DaemonError] = None
        # Up to where all is taken.
        self._number: Optional[int] = None
        self._term: Optional[str] = None
        self._level = 0
        # The parts of the state that are here, while some are missing.
        self._parts: list[str] = []
        # The state that was told does not hold any more, or is not whole; another one follows.
        self._is_state_awaited = False
        handlers: dict[str, Callable[[Any], Optional[News]]] = {
            "state": self._handle_state,
            "events": self._handle_events,
            "passed_over": self._handle_passed_over,
            "reset": self._handle_reset,
            "may": self._handle_may,
            "presence": self._handle_presence,
            "clock": self._handle_clock,
            "seat": self._handle_seat,
            "outbox": self._handle_outbox,
            "receipt": self._handle_receipt,
            "lost": self._handle_lost,
            "dismissed": self._handle_dismissed,
        }
        self._endings = [self._listen(name, handle) for name, handle in handlers.items()]
        self._endings.append(client.on_status(lambda _: self._handle_status()))
        self._following = client.follow(
            "conference.watch", self._params, self._handle_answer, self._handle_refusal
        )

    async def __aiter__(self) -> AsyncIterator[News]:
        """The news, until the watch is stopped. Raises where the daemon does not let it be watched,
        such as a `DaemonError` of `conference_unknown`; then it goes on with the next connection."""
        while True:
            news = await self.next()
            if news is None:
                return
            yield news

    async def next(self) -> Optional[News]:
        """The next thing that happens; `None` once the watch is stopped. Cancelled, nothing is
        lost."""
        while not self._is_stopped:
            if self._untaken:
                news = self._untaken.popleft()()
                if news is not None:
                    return news
            elif self._error is not None:
                error, self._error = self._error, None
                raise error
            elif self._is_void:
                self._is_void = False
                self._unwatch(lambda _: self._following.again())
            else:
                self._woken.clear()
                await self._woken.wait()
        return None

    async def ready(self) -> View:
        """Takes news until the state is here. Raises as `next` does."""
        while self.state is None or not self.is_live:
            if await self.next() is None:
                raise DisconnectedError("the watch was stopped")
        return self.state

    @property
    def point(self) -> Optional[Point]:
        """Where the watch is: number and term, for `seen` of a command."""
        if self._number is None or self._term is None:
            return None
        return {"number": self._number, "term": self._term}

    async def act(self, body: Command, *, id: Optional[str] = None, wait_ms: int = 0) -> ActResult:
        """Wants something.

        Once this answers `accepted` or `queued` the command is safe, whatever is killed. The same
        id is the same command, however often it is sent.
        """
        return await self._client.conference_act(
            conference=self.conference,
            id=id or str(uuid.uuid4()),
            body=body,
            seen=self.point,
            wait_ms=wait_ms,
        )

    async def dismiss(self, command: str) -> None:
        """Lets the text of a refused or lost command go."""
        await self._client.conference_dismiss(conference=self.conference, id=command)

    def stop(self) -> None:
        """Watches no more."""
        if not self._is_stopped:
            self._is_stopped = True
            self._woken.set()
            self._following.stop()
            for end in self._endings:
                end()
            self._forget()
            self.is_live = False
            self._unwatch(lambda _: None)

    def _listen(self, name: str, handle: Callable[[Any], Optional[News]]) -> Callable[[], None]:
        def told(params: Any) -> None:
            if params["conference"] == self.conference and self._is_asked:
                self._put(lambda: handle(params))

        return self._client._listen(f"conference.{name}", told)

    def _put(self, take: Callable[[], Optional[News]]) -> None:
        """Keeps something until it is taken."""
        self._untaken.append(take)
        if len(self._untaken) > UNTAKEN_MAX:
            self._begin_anew()
        self._woken.set()

    def _begin_anew(self) -> None:
        """The news do not fit to those that were taken: they are told anew, behind these."""
        self._untaken.clear()
        self._is_asked, self._is_void, self.is_live = False, True, False
        self._woken.set()

    def _unwatch(self, ended: Callable[[Any], None]) -> None:
        """Ends the watch on this connection, and calls where that is done."""
        # Where it fails the connection has ended, and the watch with it.
        params = {"conference": self.conference}
        self._client._ask_here("conference.unwatch", lambda: params, ended, lambda _: None)

    def _params(self) -> dict[str, Any]:
        """With what the watch begins on a connection."""
        # News that were not taken are told anew.
        self._untaken.clear()
        self._is_asked, self._is_void, self._error = False, False, None
        self.is_live = False
        params: dict[str, Any] = {"conference": self.conference, "state": True}
        if self._number is not None and self._term is not None:
            params["after"] = {"number": self._number, "term": self._term, "level": self._level}
        elif self._number is not None:
            params["after"] = self._number
        return params

    def _handle_refusal(self, error: DaemonError) -> None:
        self._error = error
        self._woken.set()

    def _handle_status(self) -> None:
        if not self._client.is_connected and self._is_asked:
            self._is_asked = False
            self._put(self._interrupted)

    def _interrupted(self) -> News:
        self.is_live = False
        return Changed()

    def _handle_answer(self, answer: WatchResult) -> None:
        self._is_asked = True
        self._put(lambda: self._begin(answer))

    def _begin(self, answer: WatchResult) -> News:
        before, self._number, self._term = self._number, answer["after"], answer.get("term")
        self._level = answer.get("level", 0)
        self.participant = answer.get("participant")
        self.log = answer.get("log")
        self.may = answer.get("may")
        self.clock_offset_ms = answer.get("clock_offset_ms")
        self.online = None
        # Commands that wait, or came back, are told anew.
        self.kept = {}
        self._handle_seat(answer)
        self._parts = []
        self._is_state_awaited = answer.get("parts") is not None
        self.state = answer.get("state") or self.state
        self.is_live = not self._is_state_awaited
        if before is not None and before < answer["after"]:
            return PassedOver(before, answer["after"])
        return Changed()

    def _handle_state(self, told: ConferenceStateNotification) -> Optional[News]:
        if told["part"] == 0:
            self._parts = []
        self._is_state_awaited, self.is_live = True, False
        self._parts.append(told["data"])
        length = sum(map(len, self._parts))
        if told["part"] + 1 != len(self._parts) or length > STATE_CHARACTERS_MAX:
            self._begin_anew()
            return None
        if len(self._parts) < told["parts"]:
            return None
        try:
            self.state = json.loads("".join(self._parts))
        except ValueError:
            self._begin_anew()
            return None
        self._parts = []
        self._is_state_awaited, self.is_live = False, True
        return Changed()

    def _handle_events(self, told: ConferenceEventsNotification) -> Optional[News]:
        number = self._number or 0
        if told["through"] <= number:
            return None
        if told["after"] > number:
            self._begin_anew()
            return None
        patches = told.get("patches")
        if patches is not None and not self._is_state_awaited:
            self.state = reduce(merge_patch, patches, self.state)
        self._number, self._term = told["through"], told.get("term")
        fresh = [event for event in told["events"] if event["seq"] > number]
        return Happened(fresh) if fresh else Changed()

    def _handle_passed_over(self, told: ConferencePassedOverNotification) -> Optional[News]:
        after = self._number or 0
        if told["through"] <= after:
            return None
        self._number, self._term = told["through"], told.get("term")
        return PassedOver(after, told["through"])

    def _handle_reset(self, told: ConferenceResetNotification) -> News:
        self._number, self._term = told["cursor"], told.get("term")
        return Reset(told["cursor"])

    def _handle_may(self, told: ConferenceMayNotification) -> News:
        self.may = told.get("may")
        return Changed()

    def _handle_presence(self, told: ConferencePresenceNotification) -> News:
        self.online = told.get("online")
        return Changed()

    def _handle_clock(self, told: ConferenceClockNotification) -> News:
        self.clock_offset_ms = told["offset_ms"]
        return Changed()

    def _handle_seat(self, told: Union[ConferenceSeatNotification, WatchResult]) -> News:
        self.seat, self.code = told["seat"], told.get("code")
        self.other_log = told.get("other_log")
        return Changed()

    def _handle_outbox(self, told: ConferenceOutboxNotification) -> News:
        return self._keep(Kept(told["command"], told["body"], "waiting"))

    def _handle_receipt(self, told: ConferenceReceiptNotification) -> News:
        body = told.get("body")
        if told["state"] == "refused" and body is not None:
            kept = Kept(told["command"], body, "refused", told.get("code"), told.get("opens"))
            self._keep(kept)
        else:
            self._let_go(told["command"])
        return Decided(told)

    def _handle_lost(self, told: ConferenceLostNotification) -> News:
        self._keep(Kept(told["command"], told["body"], "lost"))
        return Lost(told)

    def _handle_dismissed(self, told: ConferenceDismissedNotification) -> News:
        return self._let_go(told["command"])

    def _keep(self, kept: Kept) -> News:
        self.kept = {**self.kept, kept.command: kept}
        return Changed()

    def _let_go(self, command: str) -> News:
        self.kept = {id: kept for id, kept in self.kept.items() if id != command}
        return Changed()
