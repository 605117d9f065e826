import assert from "node:assert/strict";
import { chown } from "node:fs/promises";
import test from "node:test";

import { ImpostorError, Lines, isTrusted, localSocket, sockets } from "../src/node.js";
import { FakeDaemon } from "./fake.js";

const END = { line: () => {}, closed: () => {} };

test("the daemon is looked for where it listens", () => {
  assert.deepEqual(sockets({ CONVENE_SOCKET: "/a", XDG_RUNTIME_DIR: "/b" }, "linux"), ["/a"]);
  assert.deepEqual(sockets({ XDG_RUNTIME_DIR: "/r", HOME: "/h", XDG_STATE_HOME: "relative" }, "linux"), [
    "/r/convene/convened.sock",
    "/h/.local/state/convene/convened.sock",
    "/run/convene/convened.sock",
  ]);
  assert.deepEqual(sockets({ XDG_STATE_HOME: "/s", HOME: "/h" }, "linux"), [
    "/s/convene/convened.sock",
    "/run/convene/convened.sock",
  ]);
  const pipes = ["\\\\.\\pipe\\convened-anna", "\\\\.\\pipe\\convened"];
  assert.deepEqual(sockets({ USERNAME: "anna" }, "win32"), pipes);
});

test("root, the service's user and oneself are trusted, and nobody else", () => {
  const passwd = "root:x:0:0::/root:/bin/sh\nconvene:x:991:991::/:/usr/sbin/nologin\nconvener:x:5:5::/:\n";
  const trusted = [0, 991, 1000, 5, 1001].filter((user) => isTrusted(user, 1000, passwd));
  assert.deepEqual(trusted, [0, 991, 1000]);
});

test("somebody else's socket is passed by, and nothing is said there", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const signal = AbortSignal.timeout(5_000);
  (await localSocket({ socket: daemon.path })(END, signal)).close();
  // Only root can give a socket away.
  if (process.geteuid?.() === 0) {
    await chown(daemon.path, 54_321, 54_321);
    await assert.rejects(localSocket({ socket: daemon.path })(END, signal), (error) => {
      assert.ok(error instanceof ImpostorError && error.user === 54_321, String(error));
      return true;
    });
  }
});

test("lines are the same however the bytes are cut, and are bounded", () => {
  const lines = new Lines();
  const bytes = Buffer.from("eins\n\nzwölf\ndrei");
  const got = [...bytes].flatMap((byte) => lines.push(Uint8Array.of(byte)));
  assert.deepEqual([...got, ...lines.push(Buffer.from("\n"))], ["eins", "zwölf", "drei"]);
  assert.throws(() => new Lines().push(Buffer.alloc(1024 * 1024 + 1, "x")), RangeError);
  assert.throws(() => new Lines().push(Uint8Array.of(0xff, 0x0a)), TypeError);
});
