"""A server, daemons and a conference on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from typing import Any, Optional

from convene_client import Client, local_socket

from .fake import PATIENCE

#: Where the programs are, as `cargo xtask test` says.
PROGRAMS = os.environ.get("CONVENE_BIN_DIR")
#: Of a server: conference ports, and the HTTPS port behind them.
PORTS = 3


class Place:
    """Everything that belongs to one test."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="convene-place-")
        self._port = _free_ports()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._write("convene-server.toml", 'name = "localhost"\n')
        self._write("convened.toml", '[[server]]\nhost = "localhost"\n')
        self._write("conference.toml", 'title = "A test"\n')

    async def server(self) -> None:
        """Starts the server, and waits until it listens."""
        ports = (f"{self._port}-{self._port + PORTS - 1}", f"{self._port + PORTS}")
        listen = [word for port in ports for word in ("--listen", f"127.0.0.1:{port}")]
        config, state = self._path("convene-server.toml"), self._path("server")
        self._start(
            "server", "convene-server", ["run", "--config", config, "--state-dir", state, *listen]
        )
        await asyncio.wait_for(self._listening(), PATIENCE)

    async def _listening(self) -> None:
        for port in range(self._port, self._port + PORTS + 1):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break

    def daemon(self, name: str) -> None:
        """Starts a daemon, or starts it again."""
        at = ["--state-dir", self._path(name), "--socket", self._path(f"{name}.sock")]
        self._start(name, "convened", ["--config", self._path("convened.toml"), *at])

    def kill(self, name: str) -> None:
        """Kills a program, and waits until it is gone."""
        program = self._running.pop(name)
        assert program.poll() is None, f"{name} had ended by itself"
        program.kill()
        program.wait(PATIENCE)

    def client(self, daemon: str) -> Client:
        opener = local_socket(self._path(f"{daemon}.sock"))
        return Client(program="test 1", opener=opener, patience=PATIENCE)

    def create(self) -> dict[str, Any]:
        """Makes a conference: its id and the link for participants."""
        command = [
            _program("convene-server"),
            "conference",
            "create",
            self._path("conference.toml"),
        ]
        command += ["--json", "--state-dir", self._path("server")]
        done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
        created: dict[str, Any] = json.loads(done.stdout)
        return created

    async def example(self, daemon: str, conference: str) -> None:
        """Starts the example at a daemon, and waits until it listens."""
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        own = {"CONVENE_SOCKET": self._path(f"{daemon}.sock"), "PYTHONPATH": folder}
        command = [sys.executable, os.path.join(folder, "examples", "echo.py"), conference]
        self._spawn("example", command, {**os.environ, **own})
        await asyncio.wait_for(self._logged("example", "listens"), PATIENCE)

    async def _logged(self, name: str, word: str) -> None:
        while True:
            with open(self._path(f"{name}.log"), encoding="utf-8") as log:
                if word in log.read():
                    return
            await asyncio.sleep(0.05)

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)
        shutil.rmtree(self._folder)

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _write(self, name: str, text: str) -> None:
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def _start(self, name: str, program: str, arguments: list[str]) -> None:
        self._spawn(name, [_program(program), *arguments], None)

    def _spawn(self, name: str, command: list[str], environment: Optional[dict[str, str]]) -> None:
        quiet = subprocess.DEVNULL
        with open(self._path(f"{name}.log"), "ab") as log:
            self._running[name] = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=log, env=environment
            )


def _program(name: str) -> str:
    return os.path.join(PROGRAMS or "", name)


def _free_ports() -> int:
    """The first of some ports in a row that nobody has."""
    for first in range(21_000 + os.getpid() % 400 * 20, 65_000, PORTS + 1):
        if all(_is_free(port) for port in range(first, first + PORTS + 1)):
            return first
    raise OSError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
