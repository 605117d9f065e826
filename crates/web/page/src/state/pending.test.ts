import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, Kept } from "convene-client";
import * as pending from "./pending";

const SAY: Command = { kind: "say", room: "plenary", text: "Hallo" };
const NOBODY: ReadonlySet<string> = new Set();

function kept(...all: Kept[]): ReadonlyMap<string, Kept> {
  return new Map(all.map((one) => [one.command, one]));
}

function standings(all: pending.Pending[]): string[] {
  return all.map(({ id, standing }) => `${id} ${standing}`);
}

test("a message waits from the first moment, and once, whoever tells of it", () => {
  const begun = pending.begin(new Map(), "a", SAY);
  assert.deepEqual(standings(pending.pendings(new Map(), begun, NOBODY)), ["a waiting"]);
  const told = kept({ command: "a", body: SAY, is: "waiting" });
  assert.deepEqual(standings(pending.pendings(told, begun, NOBODY)), ["a waiting"]);
  assert.deepEqual([...pending.answered(begun, { command: "a", state: "queued" }).keys()], []);
});

test("what was accepted is shown as sent until its event is told", () => {
  const sent = pending.answered(pending.begin(new Map(), "a", SAY), { command: "a", state: "accepted", seq: 9 });
  assert.deepEqual(standings(pending.pendings(new Map(), sent, NOBODY)), ["a sent"]);
  assert.deepEqual([...pending.told(sent, 8).keys()], ["a"]);
  assert.deepEqual([...pending.told(sent, 9).keys()], []);
});

test("a message whose event was told is not shown beside it while its receipt is on its way", () => {
  const waiting = kept({ command: "a", body: SAY, is: "waiting" });
  assert.deepEqual(pending.pendings(waiting, new Map(), new Set(["a"])), []);
});

test("what came back is shown with its reason, in its room, or above everything", () => {
  const vote: Command = { kind: "vote", ballot: "b1", option: "o1" };
  const all = pending.pendings(
    kept(
      { command: "a", body: SAY, is: "refused", code: "room_closed" },
      { command: "b", body: SAY, is: "lost" },
      { command: "c", body: vote, is: "refused", code: "ballot_closed" },
      { command: "d", body: { kind: "say", room: "t1", text: "leise" }, is: "refused", code: "room_closed" },
      { command: "e", body: vote, is: "waiting" },
    ),
    new Map(),
    NOBODY,
  );
  assert.deepEqual(standings(pending.inRoom(all, "plenary")), ["a refused", "b lost"]);
  assert.equal(pending.inRoom(all, "plenary")[0]?.code, "room_closed");
  const above = pending.returned(all, (room) => room === "plenary");
  assert.deepEqual(standings(above), ["c refused", "d refused"]);
  assert.ok(pending.isUnderWay(all, "vote") && !pending.isUnderWay(all, "go"));
});

test("where the disk failed it is told, and the same may be sent again", () => {
  const unsure = pending.answered(pending.begin(new Map(), "a", SAY), { command: "a", state: "unsure" });
  assert.deepEqual(standings(pending.pendings(new Map(), unsure, NOBODY)), ["a unsure"]);
  assert.deepEqual(standings(pending.pendings(new Map(), pending.begin(unsure, "a", SAY), NOBODY)), ["a waiting"]);
});
