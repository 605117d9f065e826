"""A daemon that does as its test says."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import unittest
from collections.abc import Awaitable
from typing import Any, Callable, Optional, TypeVar

from convene_client import Client, local_socket
from convene_client.generated import Answers

#: How long anything may take, in seconds.
PATIENCE = 120.0

T = TypeVar("T")
Told = tuple[str, dict[str, Any]]


async def soon(awaited: Awaitable[T]) -> T:
    """Waits, and not without end."""
    return await asyncio.wait_for(awaited, PATIENCE)


async def until(
    holds: Callable[[], bool], on: Callable[[Callable[[Any], None]], Callable[[], None]]
) -> None:
    """Waits until something holds, looking whenever `on` tells of a change."""
    changed = asyncio.Event()
    off = on(lambda _: changed.set())
    try:
        while not holds():
            changed.clear()
            await soon(changed.wait())
    finally:
        off()


class Asked:
    """A request, as it came."""

    def __init__(
        self, daemon: FakeDaemon, writer: asyncio.StreamWriter, message: dict[str, Any]
    ) -> None:
        self.method: str = message["method"]
        self.params: dict[str, Any] = message["params"]
        self._daemon, self._writer, self._id = daemon, writer, message["id"]

    def answer(self, result: Any, *behind: Told) -> None:
        """Answers, and tells what is behind the answer in the same write."""
        told = [{"method": method, "params": params} for method, params in behind]
        self._write([{"id": self._id, "result": result}, *told])

    def refuse(self, word: str, code: int = -32000, **data: Any) -> None:
        error = {"code": code, "message": word, "data": {"code": word, **data}}
        self._write([{"id": self._id, "error": error}])

    def _write(self, messages: list[dict[str, Any]]) -> None:
        self._daemon.under_way -= 1
        write(self._writer, messages)


def write(writer: asyncio.StreamWriter, messages: list[dict[str, Any]]) -> None:
    lines = [json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages]
    writer.write("".join(lines).encode())


class FakeDaemon:
    """Listens on a socket of its own."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="convene-fake-")
        self.path = os.path.join(self.folder, "convened.sock")
        #: Lines that are no requests: answers to questions.
        self.replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.hello: Any = {"daemon": "fake", "api": 3}
        self.under_way = 0
        self.under_way_max = 0
        self._asked: asyncio.Queue[Asked] = asyncio.Queue()
        self._writers: set[asyncio.StreamWriter] = set()
        self._attending: set[asyncio.Task[None]] = set()
        self._server: Optional[asyncio.AbstractServer] = None

    async def listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, self.path, limit=2**21)

    async def stop(self) -> None:
        """Cuts every connection, and listens no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        await asyncio.gather(*self._attending)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def asked(self, method: str) -> Asked:
        """The next request but `hello`, which has to be of this method."""
        asked = await soon(self._asked.get())
        assert asked.method == method, f"{asked.method} instead of {method}"
        return asked

    def say(self, *messages: dict[str, Any]) -> None:
        """Says something on every connection."""
        for writer in self._writers:
            write(writer, list(messages))

    def tell(self, *told: Told) -> None:
        self.say(*({"method": method, "params": params} for method, params in told))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._attend(reader, writer))
        self._attending.add(task)
        task.add_done_callback(self._attending.discard)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                line = await reader.readline()
                if not line:
                    break
                self._read(writer, json.loads(line))
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _read(self, writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
        if "method" not in message:
            self.replies.put_nowait(message)
        elif message["method"] == "hello":
            write(writer, [{"id": message["id"], "result": self.hello}])
        else:
            self.under_way += 1
            self.under_way_max = max(self.under_way_max, self.under_way)
            self._asked.put_nowait(Asked(self, writer, message))


class FakeCase(unittest.IsolatedAsyncioTestCase):
    """A test with a fake daemon, and a client of it."""

    async def asyncSetUp(self) -> None:
        # It tells of everything that takes long, which on a busy machine is all.
        asyncio.get_running_loop().set_debug(False)
        self.daemon = FakeDaemon()
        await self.daemon.listen()
        self.client = await self.begin()

    async def asyncTearDown(self) -> None:
        await self.client.close()
        await self.daemon.stop()
        shutil.rmtree(self.daemon.folder)

    async def begin(self, answers: Optional[Answers] = None) -> Client:
        client = Client(program="test 1", opener=local_socket(self.daemon.path), answers=answers)
        return await client.__aenter__()

    async def status(self, kind: type) -> None:
        """Waits until the client stands so."""
        await until(lambda: isinstance(self.client.status, kind), self.client.on_status)
