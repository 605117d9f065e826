"""Listeners by name."""

from __future__ import annotations

import asyncio
from typing import Any, Callable


class Listeners:
    """Those who want to know of something, by its name, in the order in which they came."""

    def __init__(self) -> None:
        self._of: dict[str, list[Callable[[Any], object]]] = {}

    def add(self, name: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Adds one. The function that is given removes it again."""
        listeners = self._of.setdefault(name, [])

        def entry(told: Any) -> None:
            guarded(lambda: listener(told))

        def remove() -> None:
            if entry in listeners:
                listeners.remove(entry)

        listeners.append(entry)
        return remove

    def tell(self, name: str, told: Any) -> None:
        """Tells all of them. An exception of one keeps nothing from the others."""
        for listener in list(self._of.get(name, ())):
            listener(told)


def guarded(call: Callable[[], object]) -> None:
    """Calls code of the user's, whose mistakes are not to break the client."""
    try:
        call()
    except Exception as error:  # noqa: BLE001
        context = {"message": "a listener of convene_client failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
