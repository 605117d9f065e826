import assert from "node:assert/strict";
import test from "node:test";

import { DaemonError, DisconnectedError, TooManyCallsError, VersionError } from "../src/index.js";
import type { ClientStatus } from "../src/index.js";
import { FakeDaemon, clientOf, status, until } from "./fake.js";

test("a call is answered, and an error has its code, its word and its fields", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const list = client.call("conference.list");
  const asked = await daemon.asked("conference.list");
  assert.deepEqual(asked.params, {});
  asked.answer({ conferences: [] });
  assert.deepEqual(await list, { conferences: [] });
  assert.deepEqual(client.status, { is: "connected", daemon: "fake", api: 3 });

  const presence = client.call("conference.presence", { conference: "q7x2abcdef" });
  (await daemon.asked("conference.presence")).refuse("conference_ambiguous", -32021, { servers: ["a", "b"] });
  await assert.rejects(presence, (error) => {
    assert.ok(error instanceof DaemonError && error.is("conference_ambiguous") && error.code === -32021);
    assert.deepEqual(error.data["servers"], ["a", "b"]);
    return true;
  });
});

test("a daemon that starts is waited for, within patience", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const list = client.call("conference.list");
  for (let times = 0; times < 3; times += 1) {
    (await daemon.asked("conference.list")).refuse("starting", -32023);
  }
  (await daemon.asked("conference.list")).answer({ conferences: [] });
  assert.deepEqual(await list, { conferences: [] });

  const impatient = client.call("conference.list", {}, { patienceMs: 0 });
  (await daemon.asked("conference.list")).refuse("starting", -32023);
  await assert.rejects(impatient, (error) => error instanceof DaemonError && error.is("starting"));
});

test("a call goes on over a cut, but for one that is not to be repeated", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const act = { conference: "q7x2abcdef", id: "1", body: { kind: "say", text: "x" } } as const;
  const first = client.call("conference.act", act);
  await daemon.asked("conference.act");
  const second = client.call("proxy.test", {}, { repeat: false });
  await daemon.asked("proxy.test");
  daemon.cut();
  await assert.rejects(second, DisconnectedError);
  const again = await daemon.asked("conference.act");
  assert.deepEqual(again.params, act);
  again.answer({ command: "1", state: "queued" });
  assert.equal((await first).state, "queued");
});

test("a call waits for a daemon that is not there, and not longer than its patience", async (test) => {
  const daemon = await FakeDaemon.start(test);
  await daemon.stop();
  const client = clientOf(test, daemon);
  const list = client.call("conference.list");
  const isRefused = (): boolean => client.status.is === "connecting" && client.status.error !== undefined;
  await until(isRefused, (look) => client.onStatus(look));
  await assert.rejects(client.call("conference.list", {}, { patienceMs: 1 }), (error) => {
    assert.ok(error instanceof DisconnectedError && error.cause instanceof DisconnectedError, String(error));
    return true;
  });
  await daemon.listen();
  (await daemon.asked("conference.list")).answer({ conferences: [] });
  assert.deepEqual(await list, { conferences: [] });
});

test("32 calls are under way, 1,024 wait, and more are refused at once", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  await status(client, "connected");
  const calls = Array.from({ length: 32 + 1_024 }, () => client.call("conference.list"));
  await assert.rejects(client.call("conference.list"), TooManyCallsError);
  for (const call of calls.slice(0, -1)) {
    (await daemon.asked("conference.list")).answer({ conferences: [] });
    assert.deepEqual(await call, { conferences: [] });
  }
  assert.equal(daemon.underWayMax, 32);
  await daemon.asked("conference.list");
  client.close();
  await assert.rejects(calls.at(-1) ?? Promise.resolve(), DisconnectedError);
  await assert.rejects(client.call("conference.list"), DisconnectedError);
});

test("what is longer than a line is refused at once", async (test) => {
  const client = clientOf(test, await FakeDaemon.start(test));
  const text = "ü".repeat(512 * 1024);
  await assert.rejects(
    client.call("draft.set", { conference: "s1", key: "room:foyer", revision: 0, text }),
    RangeError,
  );
});

test("a call ends with its signal", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const controller = new AbortController();
  const list = client.call("conference.list", {}, { signal: controller.signal });
  const asked = await daemon.asked("conference.list");
  controller.abort(new Error("enough"));
  await assert.rejects(list, /enough/);
  await assert.rejects(client.call("conference.list", {}, { signal: controller.signal }), /enough/);
  asked.answer({ conferences: [] });
  const next = client.call("conference.list");
  (await daemon.asked("conference.list")).answer({ conferences: [] });
  await next;
});

test("questions are answered, and declined where nobody answers", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon, {
    answers: {
      "proxy.password": async ({ proxy, rejected }) => {
        assert.equal(proxy, "proxy.example.org:3128");
        if (rejected != null) {
          throw new Error("not again");
        }
        return { user: "anna", password: "secret" };
      },
    },
  });
  await status(client, "connected");
  const params = { proxy: "proxy.example.org:3128", server: "conference.example.org" };
  daemon.say({ id: "question-1", method: "proxy.password", params });
  const answered = await daemon.replies.next();
  assert.deepEqual(
    [answered["id"], answered["result"]],
    ["question-1", { user: "anna", password: "secret" }],
  );
  daemon.say({ id: "question-2", method: "proxy.password", params: { ...params, rejected: "anna" } });
  daemon.say({ id: "question-3", method: "proxy.token", params: {} });
  const replies = [await daemon.replies.next(), await daemon.replies.next()];
  const words = new Map(
    replies.map((reply) => [reply["id"], (reply["error"] as { message: string }).message]),
  );
  assert.deepEqual([words.get("question-2"), words.get("question-3")], ["declined", "method_not_found"]);
});

test("a daemon that is too old is told apart, and a later one will do", async (test) => {
  const daemon = await FakeDaemon.start(test);
  daemon.hello = { daemon: "earlier", api: 2 };
  const client = clientOf(test, daemon);
  const error = (): unknown => (client.status.is === "connecting" ? client.status.error : undefined);
  await until(
    () => error() instanceof VersionError,
    (look) => client.onStatus(look),
  );
  assert.equal((error() as VersionError).api, 2);
  daemon.hello = { daemon: "later", api: 9 };
  await status(client, "connected");
});

test("the last word of a daemon that cuts is the reason", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  await status(client, "connected");
  const reasons: unknown[] = [];
  client.onStatus((status: ClientStatus) =>
    reasons.push(status.is === "connecting" ? status.error : status.is),
  );
  daemon.say({ id: null, error: { code: -32010, message: "frontend_too_slow", data: {} } });
  // It comes behind what was said.
  const list = client.call("conference.list");
  await daemon.asked("conference.list");
  daemon.cut();
  await status(client, "connecting");
  (await daemon.asked("conference.list")).answer({ conferences: [] });
  await list;
  assert.ok(reasons[0] instanceof DaemonError && reasons[0].is("frontend_too_slow"), String(reasons[0]));
});

test("a line that is no JSON costs the connection", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  await status(client, "connected");
  const reasons: unknown[] = [];
  client.onStatus((status) => reasons.push(status.is === "connecting" ? status.error : status.is));
  daemon.tell();
  daemon.say({ toJSON: () => "no object" });
  await until(
    () => reasons.length > 0,
    (look) => client.onStatus(look),
  );
  assert.ok(reasons[0] instanceof SyntaxError, String(reasons[0]));
  await status(client, "connected");
});

test("what is followed is asked on each connection, and its answer comes first", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const told: unknown[] = [];
  client.on("connection.changed", ({ number }) => told.push(["changed", number]));
  const following = client.follow(
    "connection.watch",
    () => ({}),
    ({ number }) => told.push(["answered", number]),
  );
  const behind = (number: number): [string, object] => ["connection.changed", { number, connections: [] }];
  (await daemon.asked("connection.watch")).answer({ number: 1, connections: [] }, behind(2));
  await until(
    () => told.length === 2,
    (look) => client.on("connection.changed", look),
  );
  daemon.cut();
  (await daemon.asked("connection.watch")).answer({ number: 7, connections: [] }, behind(8));
  await until(
    () => told.length === 4,
    (look) => client.on("connection.changed", look),
  );
  assert.deepEqual(told, [
    ["answered", 1],
    ["changed", 2],
    ["answered", 7],
    ["changed", 8],
  ]);
  following.stop();
  daemon.cut();
  await status(client, "connecting");
  const list = client.call("conference.list");
  (await daemon.asked("conference.list")).answer({ conferences: [] });
  await list;
});

test("what is followed comes before calls that wait", async (test) => {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  await status(client, "connected");
  await daemon.stop();
  await status(client, "connecting");
  const calls = Array.from({ length: 1_024 }, () => client.call("conference.list"));
  client.follow(
    "connection.watch",
    () => ({}),
    () => {},
  );
  await daemon.listen();
  await daemon.asked("connection.watch");
  await daemon.asked("conference.list");
  client.close();
  for (const call of calls) {
    await assert.rejects(call, DisconnectedError);
  }
});
