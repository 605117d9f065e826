"""A client of the daemon that outlives connections."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union, cast

from .calls import Call, CallQueue, message
from .errors import ConveneError, DaemonError, DisconnectedError, VersionError
from .generated import ERROR_CODES, Answers, Calls
from .listeners import Listeners, guarded
from .sockets import Open, local_socket
from .watch import ConferenceWatch

#: How long the daemon may take to accept and to greet, in seconds: it has nothing to do for that.
CONNECT = 5.0
#: Questions that are answered at the same time.
QUESTIONS_MAX = 16
#: Before a daemon whose disk fails is asked again what is followed, in seconds.
DISK = 1.0
#: The pause before the second attempt to connect, in seconds. It doubles.
PAUSE_MIN = 0.05
#: The longest pause between two attempts, in seconds.
PAUSE_MAX = 1.0
#: A connection that has lasted so long was a good one, in seconds.
LASTING = 10.0
#: The oldest version of the language that will do: a watch tells the state since then.
API_OLDEST = 3
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
class Following:
    """Something that is asked anew on each connection."""

    _client: Client
    _method: str
    _params: Callable[[], dict[str, Any]]
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
        self._answers = cast(dict[str, Callable[[Any], Any]], answers or {})
        self._patience = patience
        self._listeners = Listeners()
        self._following: set[Following] = set()
        self._watches: dict[str, ConferenceWatch] = {}
        self._status: Status = Closed()
        self._running: Optional[asyncio.Task[None]] = None
        self._questions: set[asyncio.Task[None]] = set()
        self._calls = CallQueue(self._trouble)
        self._writer: Optional[asyncio.StreamWriter] = None
        # The last word of a daemon that cuts.
        self._last_word: Optional[DaemonError] = None

    async def __aenter__(self) -> Client:
        if self._running is not None:
            raise ConveneError("a client is begun once")
        self._status = Connecting()
        self._calls.begin()
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
        self._calls.close(DisconnectedError("the client was closed"))

    @property
    def status(self) -> Status:
        """How it stands."""
        return self._status

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, and the daemon has greeted."""
        return self._calls.is_open

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
        call = Call(
            method,
            {name: value for name, value in (params or {}).items() if value is not None},
            "any" if repeat else "one",
            self._patience if patience is None else patience,
            answer.set_result,
            answer.set_exception,
        )
        self._calls.add(call)
        try:
            return await answer
        finally:
            call.done = True
            call.end_wait()

    def follow(
        self,
        method: str,
        params: Callable[[], dict[str, Any]],
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
            why = (
                "the daemon closed the connection"
                if self._calls.is_open
                else "the daemon does not greet"
            )
            return self._last_word or DisconnectedError(why)
        except Exception as error:  # noqa: BLE001
            return error
        finally:
            slow.cancel()
            for question in self._questions:
                question.cancel()
            writer.transport.abort()
            self._writer = None
            self._calls.disconnect()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
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
            if result["api"] < API_OLDEST:
                raise VersionError(result["api"])
            self._calls.is_open = True
            self._set_status(Connected(result["daemon"], result["api"]))
            for following in list(self._following):
                following.again()
            self._calls.send_waiting()

        def failed(error: Exception) -> None:
            self._last_word = error if isinstance(error, DaemonError) else self._last_word

        params = {"client": self._program, "answers": list(self._answers)}
        self._calls.connect(self._write, Call("hello", params, "this one", None, answered, failed))

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
        params: Callable[[], dict[str, Any]],
        answered: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Asks on the connection there is, before everything that waits.

        Where there is none, or it ends before the answer, it fails. The answer comes before any
        notification behind it.
        """
        if not self._calls.is_open:
            failed(DisconnectedError("there is no connection"))
            return

        def guarded_answered(result: Any) -> None:
            guarded(lambda: answered(result))

        def guarded_failed(error: Exception) -> None:
            guarded(lambda: failed(error))

        here = Call(method, params(), "this one", None, guarded_answered, guarded_failed)
        self._calls.add(here)

    def _write(self, line: bytes) -> None:
        if self._writer is not None:
            self._writer.write(line + b"\n")

    def _read(self, told: Any) -> None:
        if not isinstance(told, dict):
            raise ConveneError("a line of the daemon is no object")
        id, method = told.get("id"), told.get("method")
        if isinstance(method, str) and "id" in told:
            self._begin_answer(id, method, told.get("params"))
        elif isinstance(method, str):
            self._listeners.tell(method, told.get("params"))
        else:
            error = DaemonError.read(told["error"]) if "error" in told else None
            if not self._calls.settle(id, error, told.get("result")):
                self._last_word = error or self._last_word

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
            self._write(message(id=id, result=result))
        except Exception:  # noqa: BLE001
            self._refuse(id, "declined")

    def _refuse(self, id: Any, word: str) -> None:
        error = {"code": ERROR_CODES[word], "message": word, "data": {"code": word}}
        self._write(message(id=id, error=error))

    def _trouble(self) -> Optional[Exception]:
        """Why there is no connection."""
        return self._status.error if isinstance(self._status, Connecting) else None

    def _set_status(self, status: Status) -> None:
        self._status = status
        self._listeners.tell("", status)
