"""Where the daemon listens, and whether it is the daemon."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from collections.abc import Awaitable, Mapping
from typing import Callable, Optional

from .errors import DisconnectedError, ImpostorError

#: The longest line that either side sends, in bytes.
LINE_BYTES_MAX = 1024 * 1024
#: The user that the packages make for the daemon.
SERVICE_USER = "convene"

#: Opens a connection, or raises.
Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


def sockets(environment: Optional[Mapping[str, str]] = None) -> list[str]:
    """Where to look for the daemon, best first: a daemon of this user's, then the system's."""
    known = os.environ if environment is None else environment
    named = known.get("CONVENE_SOCKET")
    if named:
        return [named]
    places = []
    runtime, state, home = (
        known.get(name, "") for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME")
    )
    if os.path.isabs(runtime):
        places.append(runtime)
    if os.path.isabs(state):
        places.append(state)
    elif os.path.isabs(home):
        places.append(os.path.join(home, ".local/state"))
    own = [os.path.join(place, "convene", "convened.sock") for place in places]
    return [*own, "/run/convene/convened.sock"]


def local_socket(path: Optional[str] = None) -> Open:
    """Opens the first of the daemon's places at which a daemon listens that can be trusted.

    Somebody else's socket is passed by, so that nobody is locked out by one who takes a name, and
    is the error if there is no other. With a path it looks there alone.
    """

    async def open_first() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not sys.platform.startswith("linux"):
            raise DisconnectedError("this package can tell who listens on Linux alone")
        places = sockets() if path is None else [path]
        last: Optional[Exception] = None
        impostor: Optional[ImpostorError] = None
        for place in places:
            try:
                return await _open(place)
            except ImpostorError as error:
                impostor = impostor or error
            except OSError as error:
                last = error
        if impostor is not None:
            raise impostor
        raise DisconnectedError(f"convened does not answer at {' or '.join(places)}") from last

    return open_first


async def _open(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # One more byte is the end of the line.
    reader, writer = await asyncio.open_unix_connection(path, limit=LINE_BYTES_MAX + 1)
    user = _listener(writer)
    if not is_trusted(user, os.geteuid(), _service_user()):
        writer.transport.abort()
        raise ImpostorError(path, user)
    return reader, writer


def _listener(writer: asyncio.StreamWriter) -> int:
    """The user who listens at the other end, as the kernel says."""
    credentials = writer.get_extra_info("socket").getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    _, user, _ = struct.unpack("3i", credentials)
    return int(user)


def is_trusted(user: int, own: int, service: Optional[int]) -> bool:
    """Whether the daemon may run as this user: root, its service's user, or oneself."""
    return user in (0, own) or user == service


def _service_user() -> Optional[int]:
    import pwd

    try:
        return pwd.getpwnam(SERVICE_USER).pw_uid
    except KeyError:
        return None
