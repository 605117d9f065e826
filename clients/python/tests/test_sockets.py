import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from convene_client import ImpostorError, local_socket, sockets
from convene_client.sockets import is_trusted

#: Listens as another user, and says when it does.
LISTENER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
os.setuid(54321)
listener.bind(sys.argv[1])
listener.listen()
print("listening", flush=True)
sys.stdin.read()
"""


class Sockets(unittest.TestCase):
    def test_the_daemon_is_looked_for_where_it_listens(self) -> None:
        self.assertEqual(sockets({"CONVENE_SOCKET": "/a", "XDG_RUNTIME_DIR": "/b"}), ["/a"])
        self.assertEqual(
            sockets({"XDG_RUNTIME_DIR": "/r", "HOME": "/h", "XDG_STATE_HOME": "relative"}),
            [
                "/r/convene/convened.sock",
                "/h/.local/state/convene/convened.sock",
                "/run/convene/convened.sock",
            ],
        )
        self.assertEqual(
            sockets({"XDG_STATE_HOME": "/s", "HOME": "/h"}),
            ["/s/convene/convened.sock", "/run/convene/convened.sock"],
        )

    def test_root_the_services_user_and_oneself_are_trusted_and_nobody_else(self) -> None:
        trusted = [user for user in (0, 991, 1000, 1001) if is_trusted(user, 1000, 991)]
        self.assertEqual(trusted, [0, 991, 1000])
        self.assertFalse(is_trusted(1001, 1000, None))


class Impostors(unittest.IsolatedAsyncioTestCase):
    async def test_nothing_is_said_to_somebody_else(self) -> None:
        # Only root can listen as somebody else.
        if os.geteuid() != 0:
            return
        folder = tempfile.mkdtemp(prefix="convene-impostor-")
        os.chmod(folder, 0o777)
        path = os.path.join(folder, "convened.sock")
        command = [sys.executable, "-c", LISTENER, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as listener:
            try:
                assert listener.stdout is not None
                self.assertEqual(listener.stdout.readline(), b"listening\n")
                with self.assertRaises(ImpostorError) as raised:
                    await local_socket(path)()
                self.assertEqual((raised.exception.path, raised.exception.user), (path, 54321))
            finally:
                listener.kill()
                shutil.rmtree(folder)
