"""A client of the daemon that outlives connections."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Set, Tuple, Union, cast

from .errors import (
    ConveneError,
    DaemonError,
    DisconnectedError,
    LineTooLongError,
    TooManyCallsError,
    VersionError,
)
from .generated import API_VERSION, ERROR_CODES, Answers, Calls
from .sockets import LINE_BYTES_MAX, Open, local_socket
from .watch import ConferenceWatch

#: How long the daemon may take to accept and to greet, in seconds: it has nothing to do for that.
CONNECT = 5.0
#: Calls under way on one connection: the daemon works on no more.
CALLS_MAX = 32
#: Calls that wait for their turn or for a connection.
WAITING_MAX = 1_024
#: Questions that are answered at the same time.
QUESTIONS_MAX = 16
#: Before a daemon that starts or stops is asked again, in seconds: soon enough for a person.
ASK_AGAIN = 0.1
#: Before a daemon whose disk fails is asked again what is followed, in seconds.
DISK = 1.0
#: The pause before the second attempt to connect, in seconds. It doubles.
PAUSE_MIN = 0.05
#: The longest pause between two attempts, in seconds.
PAUSE_MAX = 1.0
#: A connection that has lasted so long was a good one, in seconds.
LASTING = 10.0
#: How long a call waits for a connection where nothing else is said, in seconds.
PATIENCE = 30.0


@dataclass(frozen=True)
class Connecting:
    """The client looks for the daemon."""

    #: Why the last attempt failed, or the connection ended.
    error: Optional[Exception] = None


@dataclass(frozen=True)
class Connected:
    """The client is connected."""

    #: The daemon and its version.
    daemon: str
    #: The version of the language that it speaks.
    api: int


@dataclass(frozen=True)
class Closed:
    """The client was closed, or not begun."""


#: How a client stands.
Status = Union[Connecting, Connected, Closed]


@dataclass(eq=False)
class _Call:
    method: str
    params: Dict[str, Any]
    #: Whether it is asked on this connection alone, on one, or on any.
    on: str
    patience: Optional[float]
    #: Called while the line is read, before what comes behind it.
    answered: Callable[[Any], None]
    failed: Callable[[Exception], None]
    #: Since when it waits without being worked on.
    since: Optional[float] = None
    timer: Optional[asyncio.TimerHandle] = None
    done: bool = False

    def fail(self, error: Exception) -> None:
        """Ends it, if it is not over."""
        self.be_patient()
        if not self.done:
            self.done = True
            self.failed(error)

    def be_patient(self) -> None:
        """Nobody waits for its turn any more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


@dataclass(eq=False)
class Following:
    """Something that is asked anew on each connection."""

    _client: Client
    _method: str
    _params: Callable[[], Dict[str, Any]]
    _answered: Callable[[Any], None]
    _failed: Callable[[DaemonError], None]
    _attempt: int = 0

    def again(self) -> None:
        """Asks once more on this connection."""
        self._attempt += 1
        attempt = self._attempt

        def answered(result: Any) -> None:
            if attempt == self._attempt:
                self._answered(result)

        def failed(error: Exception) -> None:
            # One that the connection took with it is asked anew on the next.
            if attempt == self._attempt and isinstance(error, DaemonError):
                self._failed(error)
                if error.word == "storage_failed":
                    asyncio.get_running_loop().call_later(DISK, again)

        def again() -> None:
            if attempt == self._attempt:
                self.again()

        self._client._ask_here(self._method, self._params, answered, failed)

    def stop(self) -> None:
        """Asks no more."""
        self._attempt += 1
        self._client._following.discard(self)


@dataclass
class _Listeners:
    of: Dict[str, List[Callable[[Any], object]]] = field(default_factory=dict)

    def add(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        listeners = self.of.setdefault(name, [])

        def entry(told: Any) -> None:
            _guarded(lambda: listener(told))

        def remove() -> None:
            if entry in listeners:
                listeners.remove(entry)

        listeners.append(entry)
        return remove

    def tell(self, name: str, told: Any) -> None:
        for listener in list(self.of.get(name, ())):
            listener(told)


def _guarded(call: Callable[[], object]) -> None:
    """Calls code of the user's, whose mistakes are not to break the client."""
    try:
        call()
    except Exception as error:  # noqa: BLE001
        context = {"message": "a listener of convene_client failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)


class Client(Calls):
    """A client of the daemon, for `async with`.

    It looks for the daemon by itself, again and again, and greets it. Calls may be made at any
    time, and wait for a connection.
    """

    def __init__(
        self,
        *,
        program: str,
        opener: Optional[Open] = None,
        answers: Optional[Answers] = None,
        patience: float = PATIENCE,
    ) -> None:
        """`program` is the program and its version, as it says hello. `opener` opens a connection:
        the daemon's local socket where it is left out. `patience` is how long a call waits for a
        connection, in seconds."""
        self._open = opener or local_socket()
        self._program = program
        self._answers = cast(Dict[str, Callable[[Any], Any]], answers or {})
        self._patience = patience
        self._listeners = _Listeners()
        self._following: Set[Following] = set()
        self._watches: Dict[str, ConferenceWatch] = {}
        self._status: Status = Closed()
        self._running: Optional[asyncio.Task[None]] = None
        self._questions: Set[asyncio.Task[None]] = set()
        self._writer: Optional[asyncio.StreamWriter] = None
        self._is_greeted = False
        # Set while nothing is asked, because the daemon starts or stops.
        self._pausing: Optional[asyncio.TimerHandle] = None
        self._last_id = 0
        self._under_way: Dict[int, _Call] = {}
        self._waiting: List[_Call] = []
        # What the daemon says last before it cuts.
        self._last_word: Optional[DaemonError] = None

    async def __aenter__(self) -> Client:
        if self._running is not None:
            raise ConveneError("a client is begun once")
        self._status = Connecting()
        self._running = asyncio.get_running_loop().create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connection, and every call that waits. Of no more use then."""
        if self._running is None or self._running.done():
            return
        self._running.cancel()
        await asyncio.gather(self._running, *self._questions, return_exceptions=True)
        self._set_status(Closed())
        calls, self._waiting = self._waiting, []
        for call in calls:
            call.fail(DisconnectedError("the client was closed"))

    @property
    def status(self) -> Status:
        """How it stands."""
        return self._status

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, and the daemon has greeted."""
        return self._is_greeted

    def on_status(self, listener: Callable[[Status], object]) -> Callable[[], None]:
        """Tells each change of the status. The function that is given ends that."""
        return self._listeners.add("", listener)

    def _listen(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        return self._listeners.add(name, listener)

    async def call(
        self,
        method: str,
        params: Optional[Mapping[str, Any]] = None,
        *,
        repeat: bool = True,
        patience: Optional[float] = None,
    ) -> Any:
        """Asks, and waits for the answer; a daemon that has just been started is waited for.

        Parameters that are `None` are left out. Where the connection ends before the answer, asks
        again on the next one, unless `repeat` is false. All methods may come twice: a command bears
        its id, and a join its link. Cancelled, the daemon may have done what was asked.

        Raises `DaemonError` where the daemon refuses, `DisconnectedError` where there is no
        connection within its patience, `TooManyCallsError` where 1,024 wait already, and
        `LineTooLongError` where it is longer than a line may be.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        call = _Call(
            method,
            {name: value for name, value in (params or {}).items() if value is not None},
            "any" if repeat else "one",
            self._patience if patience is None else patience,
            answer.set_result,
            answer.set_exception,
        )
        self._begin(call)
        try:
            return await answer
        finally:
            call.done = True
            call.be_patient()

    def follow(
        self,
        method: str,
        params: Callable[[], Dict[str, Any]],
        answered: Callable[[Any], None],
        failed: Callable[[DaemonError], None] = lambda _: None,
    ) -> Following:
        """Asks now and anew on each later connection.

        For what the daemon tells from then on, such as `connection.watch` or `draft.get`.
        `answered` comes before any notification behind the answer. `failed` says that it was
        refused: it is asked anew on the next connection, or once a disk that failed works again.
        """
        following = Following(self, method, params, answered, failed)
        self._following.add(following)
        following.again()
        return following

    def watch(self, conference: str) -> ConferenceWatch:
        """Watches a conference, over all connections to come.

        One that is watched already is given again.
        """
        known = self._watches.get(conference)
        if known is None:
            known = ConferenceWatch(self, conference, lambda: self._watches.pop(conference, None))
            self._watches[conference] = known
        return known

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pause = 0.0
        while True:
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))
            began = loop.time()
            error = await self._attach()
            self._set_status(Connecting(error))
            lasted = loop.time() - began >= LASTING
            pause = 0.0 if lasted else min(max(2 * pause, PAUSE_MIN), PAUSE_MAX)

    async def _attach(self) -> Exception:
        """One connection, from its attempt to its end. Gives the reason why it ended."""
        self._last_word = None
        try:
            reader, writer = await self._connect()
        except Exception as error:  # noqa: BLE001
            return error
        self._writer = writer
        slow = asyncio.get_running_loop().call_later(CONNECT, writer.transport.abort)
        try:
            self._greet(slow)
            await self._read_lines(reader)
            why = "the daemon closed the connection" if self._is_greeted else "the daemon does not greet"
            return self._last_word or DisconnectedError(why)
        except Exception as error:  # noqa: BLE001
            return error
        finally:
            slow.cancel()
            for question in self._questions:
                question.cancel()
            writer.transport.abort()
            self._lose()

    async def _connect(self) -> Tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Opens a connection in time. `wait_for` would swallow a cancellation that comes as it is
        opened, and lose it."""
        opening = asyncio.ensure_future(self._open())
        in_time = False
        try:
            await asyncio.wait({opening}, timeout=CONNECT)
            in_time = opening.done()
        finally:
            if not in_time:
                opening.cancel()
                (late,) = await asyncio.gather(opening, return_exceptions=True)
                if not isinstance(late, BaseException):
                    late[1].transport.abort()
        if not in_time:
            raise DisconnectedError("the daemon does not accept")
        return opening.result()

    def _greet(self, slow: asyncio.TimerHandle) -> None:
        """Says hello."""

        def answered(result: Any) -> None:
            slow.cancel()
            if result["api"] != API_VERSION:
                raise VersionError(result["api"])
            self._is_greeted = True
            self._set_status(Connected(result["daemon"], result["api"]))
            for following in list(self._following):
                following.again()
            self._send_waiting()

        def failed(error: Exception) -> None:
            self._last_word = error if isinstance(error, DaemonError) else self._last_word

        params = {"client": self._program, "answers": list(self._answers)}
        self._send(_Call("hello", params, "this one", None, answered, failed))

    async def _read_lines(self, reader: asyncio.StreamReader) -> None:
        while True:
            line = await reader.readline()
            if not line.endswith(b"\n"):
                return
            if line.strip():
                self._read(json.loads(line))

    def _ask_here(
        self,
        method: str,
        params: Callable[[], Dict[str, Any]],
        answered: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Asks on the connection there is, before everything that waits.

        Where there is none, or it ends before the answer, it fails. The answer comes before any
        notification behind it.
        """
        if not self._is_greeted:
            failed(DisconnectedError("there is no connection"))
        else:
            guarded = _Call(
                method,
                params(),
                "this one",
                None,
                lambda result: _guarded(lambda: answered(result)),
                lambda error: _guarded(lambda: failed(error)),
            )
            self._begin(guarded)

    def _begin(self, call: _Call) -> None:
        line = _request(2**53, call)
        if self._running is None or self._running.done():
            call.fail(DisconnectedError("the client was closed, or not begun"))
        elif len(self._waiting) >= WAITING_MAX and call.on != "this one":
            call.fail(TooManyCallsError(f"{WAITING_MAX} calls wait already"))
        elif len(line) > LINE_BYTES_MAX:
            call.fail(LineTooLongError(f"a request has at most {LINE_BYTES_MAX} bytes"))
        else:
            self._wait(call)
            self._send_waiting()

    def _wait(self, call: _Call) -> None:
        """Has a call wait for its turn, or for a connection, as long as its patience lasts."""
        loop = asyncio.get_running_loop()
        if call.since is None:
            call.since = loop.time()

        def impatient() -> None:
            self._waiting.remove(call)
            error = DisconnectedError("the daemon was not reached in time")
            error.__cause__ = self._status.error if isinstance(self._status, Connecting) else None
            call.fail(error)

        if call.patience is not None:
            call.timer = loop.call_at(call.since + call.patience, impatient)
        # What is followed is waited for by everyone, and is not much.
        self._waiting.insert(0 if call.on == "this one" else len(self._waiting), call)

    def _send_waiting(self) -> None:
        while self._is_greeted and self._pausing is None and len(self._under_way) < CALLS_MAX:
            if not self._waiting:
                return
            call = self._waiting.pop(0)
            call.be_patient()
            if not call.done:
                self._send(call)

    def _send(self, call: _Call) -> None:
        self._last_id += 1
        self._under_way[self._last_id] = call
        self._write(_request(self._last_id, call))

    def _write(self, line: bytes) -> None:
        if self._writer is not None:
            self._writer.write(line + b"\n")

    def _lose(self) -> None:
        """The connection is gone. What was under way is asked again where it may be."""
        self._writer, self._is_greeted = None, False
        if self._pausing is not None:
            self._pausing.cancel()
            self._pausing = None
        under_way, waiting = list(self._under_way.values()), self._waiting
        self._under_way, self._waiting = {}, []
        for call in under_way:
            if call.on == "any" and not call.done:
                call.since = None
                self._wait(call)
            else:
                call.fail(DisconnectedError("the connection ended before the answer"))
        for call in waiting:
            if call.on == "this one":
                call.fail(DisconnectedError("the connection ended before the call"))
            else:
                self._waiting.append(call)

    def _read(self, message: Any) -> None:
        if not isinstance(message, dict):
            raise ConveneError("a line of the daemon is no object")
        id, method = message.get("id"), message.get("method")
        if isinstance(method, str) and "id" in message:
            self._begin_answer(id, method, message.get("params"))
            return
        if isinstance(method, str):
            self._listeners.tell(method, message.get("params"))
            return
        error = DaemonError.read(message["error"]) if "error" in message else None
        call = self._under_way.pop(id, None) if isinstance(id, int) else None
        if call is None:
            self._last_word = error or self._last_word
        else:
            self._settle(call, error, message.get("result"))
            self._send_waiting()

    def _settle(self, call: _Call, error: Optional[DaemonError], result: Any) -> None:
        loop = asyncio.get_running_loop()
        if call.done:
            return
        if error is None:
            call.done = True
            call.answered(result)
        elif error.passes and _has_patience(call, loop.time()):
            # What it says counts for every call.
            self._wait(call)
            if self._pausing is None:
                self._pausing = loop.call_later(ASK_AGAIN, self._go_on)
        else:
            call.fail(error)

    def _go_on(self) -> None:
        self._pausing = None
        self._send_waiting()

    def _begin_answer(self, id: Any, method: str, params: Any) -> None:
        """Answers a question of the daemon's, beside everything else."""
        answer = self._answers.get(method)
        if answer is None:
            self._refuse(id, "method_not_found")
        elif len(self._questions) >= QUESTIONS_MAX:
            self._refuse(id, "declined")
        else:
            task = asyncio.get_running_loop().create_task(self._answer(id, answer, params))
            self._questions.add(task)
            task.add_done_callback(self._questions.discard)

    async def _answer(self, id: Any, answer: Callable[[Any], Any], params: Any) -> None:
        try:
            result = await answer(params)
            self._write(_line({"jsonrpc": "2.0", "id": id, "result": result}))
        except Exception:  # noqa: BLE001
            self._refuse(id, "declined")

    def _refuse(self, id: Any, word: str) -> None:
        error = {"code": ERROR_CODES[word], "message": word, "data": {"code": word}}
        self._write(_line({"jsonrpc": "2.0", "id": id, "error": error}))

    def _set_status(self, status: Status) -> None:
        self._status = status
        self._listeners.tell("", status)


def _has_patience(call: _Call, now: float) -> bool:
    return call.patience is None or call.since is None or now - call.since < call.patience


def _request(id: int, call: _Call) -> bytes:
    return _line({"jsonrpc": "2.0", "id": id, "method": call.method, "params": call.params})


def _line(message: Dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
