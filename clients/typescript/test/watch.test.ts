import assert from "node:assert/strict";
import test from "node:test";
import type { TestContext } from "node:test";

import { DaemonError } from "../src/index.js";
import type { Client, ConferenceWatch } from "../src/index.js";
import { FakeDaemon, clientOf, until } from "./fake.js";
import type { Asked } from "./fake.js";

const CONFERENCE = "q7x2abcdef";
const TERM = "0000000000000001";

const STATE = {
  public: {
    settings: { title: "A test" },
    ended: false,
    participants: { p1: { name: "Anna", role: "participant", room: "foyer", takes_part: true } },
    schedule: { phases: {} },
  },
  own: {},
};

function answer(fields: object = {}): object {
  const begin = { conference: CONFERENCE, participant: "p1", log: "l", seat: "joined", cursor: 5, after: 5 };
  return { ...begin, term: TERM, level: 2, state: STATE, may: { acts: {}, speak: {} }, ...fields };
}

function said(seq: number, text = `text ${seq}`): object {
  return { seq, at: "2026-12-01T09:00:00.000Z", by: "p1", body: { kind: "said", room: "foyer", text } };
}

function events(after: number, through: number, fields: object = {}): [string, object] {
  const list = Array.from({ length: through - after }, (_, index) => said(after + 1 + index));
  return [
    "conference.events",
    { conference: CONFERENCE, after, through, term: TERM, events: list, ...fields },
  ];
}

/** A watch of a conference that a fake daemon tells of, with what it told. */
async function watched(test: TestContext): Promise<{
  daemon: FakeDaemon;
  client: Client;
  watch: ConferenceWatch;
  told: unknown[];
}> {
  const daemon = await FakeDaemon.start(test);
  const client = clientOf(test, daemon);
  const watch = client.watch(CONFERENCE);
  const told: unknown[] = [];
  watch.on("events", (events) => told.push(...events.map(({ seq }) => seq)));
  watch.on("passedOver", (passed) => told.push(passed));
  watch.on("reset", (reset) => told.push(reset));
  return { daemon, client, watch, told };
}

async function begin(daemon: FakeDaemon, ...behind: [string, object][]): Promise<Asked> {
  const asked = await daemon.asked("conference.watch");
  asked.answer(answer(), ...behind);
  return asked;
}

const changed = (watch: ConferenceWatch, holds: () => boolean): Promise<void> =>
  until(holds, (look) => watch.on("change", look));

test("patches make the state, and what one may do is kept", async (test) => {
  const { daemon, watch, told } = await watched(test);
  const patch = { public: { participants: { p2: { name: "Bernd" } }, ended: true } };
  const may = { acts: { say: { allowed: false, code: "conference_ended" } }, speak: {} };
  const { params } = await begin(daemon);
  assert.deepEqual(params, { conference: CONFERENCE, state: true });
  const state = await watch.ready();
  daemon.tell(
    events(5, 7, { patches: [{}, patch] }),
    ["conference.may", { conference: CONFERENCE, may }],
    ["conference.presence", { conference: CONFERENCE, online: ["p1"] }],
    ["conference.clock", { conference: CONFERENCE, offset_ms: -20 }],
  );
  await changed(watch, () => watch.clockOffsetMs !== undefined);
  assert.equal(state.public.ended, false);
  assert.equal(watch.state?.public.participants["p2"]?.name, "Bernd");
  assert.equal(watch.state?.public.participants["p1"], state.public.participants["p1"]);
  assert.equal(watch.may?.acts["say"]?.code, "conference_ended");
  assert.deepEqual([watch.participant, watch.seat, watch.isLive], ["p1", "joined", true]);
  assert.deepEqual([watch.online, watch.clockOffsetMs, told], [["p1"], -20, [6, 7]]);
});

test("a watch goes on behind what was told, and tells each event once", async (test) => {
  const { daemon, watch, told } = await watched(test);
  await begin(daemon, events(5, 7, { patches: [{}, {}] }));
  await changed(watch, () => told.length === 2);
  daemon.cut();
  await changed(watch, () => !watch.isLive);
  assert.notEqual(watch.state, undefined);
  const asked = await daemon.asked("conference.watch");
  assert.deepEqual(asked.params["after"], { number: 7, term: TERM, level: 2 });
  const ended = { ...STATE, public: { ...STATE.public, ended: true } };
  // The state has what comes behind it; what was told already comes with it.
  asked.answer(answer({ cursor: 9, after: 7, state: ended, may: undefined }), events(5, 7), events(6, 9));
  await changed(watch, () => told.length === 4);
  assert.deepEqual([told, watch.state?.public.ended, watch.may], [[6, 7, 8, 9], true, undefined]);
  assert.deepEqual(watch.point, { number: 9, term: TERM });
});

test("a state in parts replaces all, at the beginning and behind a reset", async (test) => {
  const { daemon, watch, told } = await watched(test);
  const text = JSON.stringify(STATE);
  const part = (part: number, data: string): [string, object] => [
    "conference.state",
    { conference: CONFERENCE, part, parts: 2, data },
  ];
  const asked = await daemon.asked("conference.watch");
  asked.answer(answer({ state: null, parts: 2 }), part(0, text.slice(0, 10)));
  await changed(watch, () => watch.participant === "p1");
  assert.deepEqual([watch.isLive, watch.state], [false, undefined]);
  daemon.tell(part(1, text.slice(10)), events(5, 6, { patches: [{ public: { ended: true } }] }));
  await changed(watch, () => told.length === 1);
  assert.deepEqual([watch.isLive, watch.state?.public.ended], [true, true]);

  daemon.tell(
    ["conference.reset", { conference: CONFERENCE, cursor: 4, term: "0000000000000002" }],
    part(0, text.slice(0, 20)),
    part(1, text.slice(20)),
    events(4, 5, { patches: [{}] }),
  );
  await changed(watch, () => told.length === 3);
  assert.deepEqual([told, watch.state?.public.ended], [[6, { to: 4 }, 5], false]);
});

test("what is passed over is told, and its state follows", async (test) => {
  const { daemon, watch, told } = await watched(test);
  await begin(
    daemon,
    ["conference.passed_over", { conference: CONFERENCE, after: 5, through: 90, term: TERM }],
    [
      "conference.state",
      { conference: CONFERENCE, part: 0, parts: 1, data: '{"public":{"ended":true},"own":{}}' },
    ],
    events(90, 91, { patches: [{}] }),
  );
  await changed(watch, () => told.length === 2);
  assert.deepEqual([told, watch.state?.public.ended], [[{ after: 5, through: 90 }, 91], true]);
});

test("where something is missing the watch begins anew, behind what was told", async (test) => {
  const { daemon, watch, told } = await watched(test);
  await begin(daemon, events(5, 6, { patches: [{}] }), events(8, 9, { patches: [{}] }));
  const unwatch = await daemon.asked("conference.unwatch");
  assert.deepEqual([told, watch.isLive], [[6], false]);
  unwatch.answer({ ended: true });
  const again = await daemon.asked("conference.watch");
  assert.deepEqual(again.params["after"], { number: 6, term: TERM, level: 2 });
  again.answer(answer({ after: 6, cursor: 9 }), events(6, 9));
  await changed(watch, () => told.length === 4);
  assert.deepEqual([told, watch.isLive], [[6, 7, 8, 9], true]);
});

test("commands that wait or came back are kept until they are let go", async (test) => {
  const { daemon, watch } = await watched(test);
  const body = { kind: "say", text: "x" };
  const told = (name: string, command: string, fields: object = {}): [string, object] => [
    `conference.${name}`,
    { conference: CONFERENCE, command, ...fields },
  ];
  const states = (): string[] =>
    [...watch.kept.values()].map(({ command, is, code }) => `${command} ${is} ${code}`);
  await begin(
    daemon,
    told("outbox", "a", { body }),
    told("outbox", "b", { body }),
    told("lost", "c", { body }),
  );
  await changed(watch, () => watch.kept.size === 3);
  assert.deepEqual(states(), ["a waiting undefined", "b waiting undefined", "c lost undefined"]);
  daemon.tell(
    told("receipt", "a", { state: "accepted", seq: 6 }),
    told("receipt", "b", { state: "refused", code: "room_closed", body }),
  );
  await changed(watch, () => watch.kept.size === 2);
  assert.deepEqual(states(), ["b refused room_closed", "c lost undefined"]);
  daemon.tell(told("dismissed", "b"), told("dismissed", "c"));
  await changed(watch, () => watch.kept.size === 0);
});

test("a command bears a new id, and where its author saw the conference", async (test) => {
  const { daemon, watch } = await watched(test);
  await begin(daemon);
  await watch.ready();
  const acted = watch.act({ kind: "say", text: "x" }, { waitMs: 5 });
  const { params, answer } = await daemon.asked("conference.act");
  assert.match(String(params["id"]), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.deepEqual([params["seen"], params["wait_ms"]], [{ number: 5, term: TERM }, 5]);
  answer({ command: params["id"], state: "accepted", seq: 6 });
  assert.equal((await acted).seq, 6);
});

test("a conference that may not be watched says why, until the next connection", async (test) => {
  const { daemon, watch } = await watched(test);
  const ready = watch.ready();
  (await daemon.asked("conference.watch")).refuse("conference_unknown", -32003);
  await assert.rejects(ready, (error) => error instanceof DaemonError && error.is("conference_unknown"));
  daemon.cut();
  await begin(daemon);
  await watch.ready();
  assert.deepEqual([watch.error, watch.isLive], [undefined, true]);
});

test("a watch that is stopped tells nothing more, and the daemon is told", async (test) => {
  const { daemon, client, watch, told } = await watched(test);
  assert.equal(client.watch(CONFERENCE), watch);
  await begin(daemon);
  await watch.ready();
  watch.stop();
  const unwatch = await daemon.asked("conference.unwatch");
  unwatch.answer({ ended: true }, events(5, 6));
  const next = client.watch(CONFERENCE);
  assert.notEqual(next, watch);
  await begin(daemon, events(5, 6));
  await changed(next, () => next.point?.number === 6);
  assert.deepEqual(told, []);
});
