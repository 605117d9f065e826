"""The calls of a client: those that wait, and those that are under way."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Callable, Optional

from .errors import DaemonError, DisconnectedError, LineTooLongError, TooManyCallsError
from .sockets import LINE_BYTES_MAX

#: Calls under way on one connection: the daemon works on no more.
UNDER_WAY_MAX = 32
#: Calls that wait for their turn or for a connection.
WAITING_MAX = 1_024
#: Before a daemon that starts or stops is asked again, in seconds: soon enough for a person.
ASK_AGAIN = 0.1


@dataclass(eq=False)
class Call:
    """A call, until it is answered."""

    method: str
    params: dict[str, Any]
    #: Whether it is asked on `this one` connection alone, on `one`, or on `any`.
    on: str
    #: How long it waits without being worked on, in seconds; without end where it is `None`.
    patience: Optional[float]
    #: Called while the line is read, before what comes behind it.
    answered: Callable[[Any], None]
    failed: Callable[[Exception], None]
    #: Since when it waits without being worked on.
    since: float = 0.0
    timer: Optional[asyncio.TimerHandle] = None
    done: bool = False

    def fail(self, error: Exception) -> None:
        """Ends it, if it is not over."""
        self.end_wait()
        if not self.done:
            self.done = True
            self.failed(error)

    def end_wait(self) -> None:
        """It does not wait for its turn any more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def has_patience(self, now: float) -> bool:
        return self.patience is None or now - self.since < self.patience


class CallQueue:
    """All calls of a client. Each is answered or fails once."""

    def __init__(self, why: Callable[[], Optional[Exception]]) -> None:
        """`why` says why there is no connection."""
        self._why = why
        self._under_way: dict[int, Call] = {}
        self._waiting: list[Call] = []
        self._last_id = 0
        self._send: Callable[[bytes], None] = lambda _: None
        #: Whether calls are asked now: the daemon has greeted.
        self.is_open = False
        # Set while nothing is asked, because the daemon starts or stops.
        self._pausing: Optional[asyncio.TimerHandle] = None
        self._closed: Optional[Exception] = DisconnectedError("the client was not begun")

    def begin(self) -> None:
        """Calls may come from now on."""
        self._closed = None

    def connect(self, send: Callable[[bytes], None], hello: Call) -> None:
        """There is a connection, on which this is asked first; the others once it is open."""
        self._send = send
        self._ask(hello)

    def add(self, call: Call) -> None:
        """Takes a call."""
        request = _request(2**53, call)
        if self._closed is not None:
            call.fail(self._closed)
        elif len(self._waiting) >= WAITING_MAX and call.on != "this one":
            call.fail(TooManyCallsError(f"{WAITING_MAX} calls wait already"))
        elif len(request) > LINE_BYTES_MAX:
            call.fail(LineTooLongError(f"a request has at most {LINE_BYTES_MAX} bytes"))
        else:
            call.since = _now()
            self._wait(call)
            self.send_waiting()

    def send_waiting(self) -> None:
        """Asks those that wait, as many as may be under way."""
        while self.is_open and self._pausing is None and len(self._under_way) < UNDER_WAY_MAX:
            if not self._waiting:
                return
            call = self._waiting.pop(0)
            call.end_wait()
            if not call.done:
                self._ask(call)

    def settle(self, id: Any, error: Optional[DaemonError], result: Any) -> bool:
        """Takes an answer. Gives whether it was one to a call that is under way."""
        call = self._under_way.pop(id, None) if isinstance(id, int) else None
        if call is None:
            return False
        if call.done:
            pass
        elif error is None:
            call.done = True
            call.answered(result)
        elif error.passes and call.has_patience(_now()):
            # Its word counts for every call.
            self._wait(call)
            if self._pausing is None:
                loop = asyncio.get_running_loop()
                self._pausing = loop.call_later(ASK_AGAIN, self._go_on)
        else:
            call.fail(error)
        self.send_waiting()
        return True

    def disconnect(self) -> None:
        """The connection is gone. What was under way is asked again where it may be."""
        self._send, self.is_open = lambda _: None, False
        if self._pausing is not None:
            self._pausing.cancel()
            self._pausing = None
        under_way, waiting = list(self._under_way.values()), self._waiting
        self._under_way, self._waiting = {}, []
        for call in under_way:
            if call.on == "any" and not call.done:
                call.since = _now()
                self._wait(call)
            else:
                call.fail(DisconnectedError("the connection ended before the answer"))
        for call in waiting:
            if call.on == "this one":
                call.fail(DisconnectedError("the connection ended before the call"))
            else:
                self._waiting.append(call)

    def close(self, error: Exception) -> None:
        """Ends every call, and those to come. There is no connection any more."""
        self._closed = error
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.fail(error)

    def _go_on(self) -> None:
        self._pausing = None
        self.send_waiting()

    def _wait(self, call: Call) -> None:
        """Has a call wait for its turn, or for a connection, as long as its patience lasts."""

        def impatient() -> None:
            self._waiting.remove(call)
            error = DisconnectedError("the daemon was not reached in time")
            error.__cause__ = self._why()
            call.fail(error)

        if call.patience is not None:
            loop = asyncio.get_running_loop()
            call.timer = loop.call_at(call.since + call.patience, impatient)
        # Everyone waits for calls that follow something, and these are few.
        self._waiting.insert(0 if call.on == "this one" else len(self._waiting), call)

    def _ask(self, call: Call) -> None:
        self._last_id += 1
        self._under_way[self._last_id] = call
        self._send(_request(self._last_id, call))


def message(**fields: Any) -> bytes:
    """A message as it travels, without the end of its line."""
    whole = {"jsonrpc": "2.0", **fields}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _request(id: int, call: Call) -> bytes:
    return message(id=id, method=call.method, params=call.params)


def _now() -> float:
    return asyncio.get_running_loop().time()
