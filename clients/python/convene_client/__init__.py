"""A client of Convene's daemon: typed calls, notifications and reconnecting watches."""

from .client import Client, Closed, Connected, Connecting, Following, Status
from .errors import (
    ConveneError,
    DaemonError,
    DisconnectedError,
    ImpostorError,
    LineTooLongError,
    TooManyCallsError,
    VersionError,
)
from .generated import API_VERSION, ERROR_CODES
from .patch import merge_patch
from .sockets import local_socket, sockets
from .watch import (
    Changed,
    ConferenceWatch,
    Decided,
    Happened,
    Kept,
    Lost,
    News,
    PassedOver,
    Reset,
)

__all__ = [
    "API_VERSION",
    "ERROR_CODES",
    "Changed",
    "Client",
    "Closed",
    "ConferenceWatch",
    "Connected",
    "Connecting",
    "ConveneError",
    "DaemonError",
    "Decided",
    "DisconnectedError",
    "Following",
    "Happened",
    "ImpostorError",
    "Kept",
    "LineTooLongError",
    "Lost",
    "News",
    "PassedOver",
    "Reset",
    "Status",
    "TooManyCallsError",
    "VersionError",
    "local_socket",
    "merge_patch",
    "sockets",
]
