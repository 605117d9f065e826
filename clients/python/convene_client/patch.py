"""JSON merge patches (RFC 7396)."""

from __future__ import annotations

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """The value that a patch makes of another one.

    Neither is changed, and what the patch does not name is shared: a part that is the same object
    as before is the same.
    """
    if not isinstance(patch, dict):
        return patch
    fields = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = merge_patch(fields.get(name), value)
    return fields
