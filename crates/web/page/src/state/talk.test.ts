import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "convene-client";
import * as talks from "./talk";
import type { Line, Page, Talk } from "./talk";

function line(seq: number, room: string | undefined = "plenary", step = 1): Line {
  return { seq, step, at: seq * 1_000, text: `${seq}`, by: "p1", ...(room === undefined ? {} : { room }) };
}

function span(first: number, last: number, room = "plenary"): Line[] {
  return Array.from({ length: last - first + 1 }, (_, index) => line(first + index, room));
}

function page(after: number, through: number, complete = after === 0): Page {
  return { lines: span(after + 1, through), after, through, complete };
}

function numbers({ lines }: Talk): number[] {
  return lines.map(({ seq }) => seq);
}

test("events become lines, and what is nothing to read becomes none", () => {
  const said = { seq: 7, at: "2026-12-01T09:00:00Z", by: "p2", command: "c", body: { kind: "said", room: "foyer", text: "Hallo" } };
  const [first, second, ...rest] = talks.linesOf([
    said as Event,
    { seq: 8, at: "2026-12-01T09:00:01Z", body: { kind: "ended" } } as Event,
    { seq: 9, at: "2026-12-01T09:00:02Z", by: "p2", body: { kind: "went", participant: "p2", room: "foyer" } } as Event,
    { seq: 10, at: "2026-12-01T09:00:02Z", body: { kind: "of_a_later_version" } } as unknown as Event,
  ]);
  assert.deepEqual(first, { seq: 7, step: 1, at: Date.UTC(2026, 11, 1, 9), room: "foyer", text: "Hallo", by: "p2", command: "c" });
  assert.equal(second?.notice?.kind, "ended");
  assert.equal(rest.length, 0);
});

test("a live talk takes what is said in its room and what concerns everybody, each once", () => {
  const talk = talks.told(talks.fresh("plenary", 5), [line(6), line(7, "foyer"), line(8, undefined)]);
  assert.deepEqual(numbers(talk), [6, 8]);
  assert.deepEqual(numbers(talks.told(talk, [line(8, undefined), line(9)])), [6, 8, 9]);
  assert.equal(talks.told(talk, [line(9, "foyer")]), talk);
});

test("scrolling back has no gap: each page ends where the one behind it begins", () => {
  let talk = talks.fresh("plenary", 100);
  for (const [after, through] of [[70, 100], [40, 70], [0, 40]] as const) talk = talks.older(talk, page(after, through));
  assert.deepEqual(numbers(talk), span(1, 100).map(({ seq }) => seq));
  assert.ok(talk.complete);
  assert.ok(talks.isLive(talk));
});

test("what was let go in front is fetched again, and entries are never torn", () => {
  const torn = { ...talks.fresh("plenary", 0), lines: [line(1), line(2), line(2, "plenary", 2), line(3)] };
  const talk = talks.trimStart(torn, 2);
  assert.deepEqual(numbers(talk), [3]);
  assert.deepEqual([talk.after, talk.complete], [2, false]);
  assert.deepEqual(numbers(talks.older(talk, { lines: torn.lines.slice(0, 3), after: 0, through: 2, complete: true })), [1, 2, 2, 3]);
});

test("what was let go at the end makes it live no more, until a page reaches what was told", () => {
  const full = { ...talks.fresh("plenary", 0), lines: span(1, 10) };
  const cut = talks.trimEnd(full, 4);
  assert.deepEqual([numbers(cut), cut.through], [[1, 2, 3, 4], 4]);
  assert.equal(talks.told(cut, [line(11)]), cut);
  const half = talks.newer(cut, { ...page(4, 8), complete: false }, 11);
  assert.deepEqual([numbers(half), half.through], [[1, 2, 3, 4, 5, 6, 7, 8], 8]);
  const whole = talks.newer(half, { ...page(8, 11), complete: false }, 11);
  assert.ok(talks.isLive(whole));
  assert.deepEqual(numbers(talks.told(whole, [line(12)])).slice(-2), [11, 12]);
});

test("the cut at the end leaves whole entries", () => {
  const torn = { ...talks.fresh("plenary", 0), lines: [line(1), line(2), line(2, "plenary", 2), line(3)] };
  const cut = talks.trimEnd(torn, 2);
  assert.deepEqual([numbers(cut), cut.through], [[1], 1]);
});

test("what was passed over is read on, not shown as if nothing lay there", () => {
  const before = talks.told(talks.fresh("plenary", 0), span(1, 5));
  const talk = talks.passedOver(before, 5);
  assert.deepEqual([numbers(talk), talk.through], [[1, 2, 3, 4, 5], 5]);
  assert.equal(talks.told(talk, [line(900)]), talk);
  assert.deepEqual(numbers(talks.newer(talk, { ...page(5, 7), complete: false }, 900)), [1, 2, 3, 4, 5, 6, 7]);
});

test("what a restored backup made void is gone", () => {
  const talk = talks.told(talks.fresh("plenary", 0), span(1, 9));
  const back = talks.reset(talk, 4);
  assert.deepEqual(numbers(back), [1, 2, 3, 4]);
  assert.ok(talks.isLive(back));
  assert.deepEqual(talks.reset(talks.fresh("plenary", 9), 4), talks.fresh("plenary", 4));
  const cut = talks.trimEnd(talk, 3);
  assert.equal(talks.reset(cut, 8).through, 3);
});
