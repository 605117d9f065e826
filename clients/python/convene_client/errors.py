"""Why a call has no result."""

from __future__ import annotations

from typing import Any

from .generated import ErrorWord


class ConveneError(Exception):
    """Any error of this package."""


class DaemonError(ConveneError):
    """The daemon refused."""

    def __init__(self, code: int, word: ErrorWord, data: dict[str, Any]) -> None:
        super().__init__(word)
        #: The number, such as -32003.
        self.code = code
        #: The word, such as `conference_unknown`: by it an error is told from another.
        self.word = word
        #: `code`, which is the word, and the fields that go with it.
        self.data = data

    @property
    def passes(self) -> bool:
        """Whether it passes by itself: the daemon starts or stops."""
        return self.word in ("starting", "stopping")

    @classmethod
    def read(cls, error: Any) -> DaemonError:
        """Reads the `error` of an answer."""
        fields = error if isinstance(error, dict) else {}
        code, word, data = fields.get("code"), fields.get("message"), fields.get("data")
        return cls(
            code if isinstance(code, int) else 0,
            word if isinstance(word, str) else "",
            data if isinstance(data, dict) else {},
        )


class DisconnectedError(ConveneError):
    """There is no connection to the daemon.

    Within the patience of a call, because it broke before the answer to a call that is not to be
    repeated, or because the client was closed.
    """


class TooManyCallsError(ConveneError):
    """Too many calls wait already. Nothing was asked."""


class LineTooLongError(ConveneError):
    """A request is longer than a line may be. Nothing was asked."""


class VersionError(ConveneError):
    """The daemon is too old for this package.

    A later one never is: what it knows beside is passed over, and it keeps what this package knows.
    """

    def __init__(self, api: int) -> None:
        super().__init__(f"the daemon speaks version {api} of the local API")
        #: The version that the daemon speaks.
        self.api = api


class ImpostorError(ConveneError):
    """Somebody else has the socket's name. Nothing was said to them."""

    def __init__(self, path: str, user: int) -> None:
        super().__init__(f"{path} belongs to user {user}, and not to the system, convene, or you")
        #: The socket.
        self.path = path
        #: The number of the user who listens there.
        self.user = user
