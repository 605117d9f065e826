"""Keeps the state of a conference as the daemon tells it, and knows nothing but RFC 7396.

Usage: state.py SOCKET CONFERENCE

Prints a line of JSON whenever the state changes: {"through": NUMBER, "state": ...}.
"""

import json
import socket
import sys


def merge(target, patch):
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge(target.get(name), value)
    return target


def show(through, state):
    print(json.dumps({"through": through, "state": state}), flush=True)


def main(path, conference):
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    params = {"conference": conference, "state": True}
    request = {"jsonrpc": "2.0", "id": 1, "method": "conference.watch", "params": params}
    stream.sendall(json.dumps(request).encode() + b"\n")
    state, through, parts = None, 0, []
    for line in stream.makefile(encoding="utf-8"):
        message = json.loads(line)
        params = message.get("params", {})
        if "result" in message:
            state, through = message["result"].get("state"), message["result"]["cursor"]
        elif message["method"] == "conference.state":
            parts.append(params["data"])
            if len(parts) < params["parts"]:
                continue
            state, parts = json.loads("".join(parts)), []
        elif message["method"] == "conference.events":
            for patch in params.get("patches", []):
                state = merge(state, patch)
            through = max(through, params["through"])
        elif message["method"] == "conference.reset":
            through = params["cursor"]
        elif message["method"] == "conference.passed_over":
            through = params["through"]
        else:
            continue
        show(through, state)


main(*sys.argv[1:])
