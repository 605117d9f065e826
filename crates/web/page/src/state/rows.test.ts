import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf } from "./rows";
import type { Line } from "./talk";

const MINUTE = 60_000;

function said(seq: number, at: number, by = "p1"): Line {
  return { seq, step: 1, at, by, room: "plenary", text: "x" };
}

test("whoever goes on is not named again, until they pause, the day ends or somebody else speaks", () => {
  const noon = Date.UTC(2026, 11, 1, 11);
  const lines = [said(1, noon), said(2, noon + MINUTE), said(3, noon + 2 * MINUTE, "p2"), said(4, noon + 9 * MINUTE, "p2")];
  assert.deepEqual(rowsOf(lines, 0, 4, "Europe/Berlin").map(({ isContinued }) => isContinued), [false, true, false, false]);
});

test("a new day is told once, also where only a part is drawn", () => {
  const late = Date.UTC(2026, 11, 1, 22, 58);
  const lines = [said(1, late), said(2, late + MINUTE), said(3, late + 3 * MINUTE), said(4, late + 4 * MINUTE)];
  assert.deepEqual(rowsOf(lines, 0, 4, "Europe/Berlin").map(({ isNewDay }) => isNewDay), [true, false, true, false]);
  assert.deepEqual(rowsOf(lines, 1, 4, "Europe/Berlin").map(({ isNewDay }) => isNewDay), [false, true, false]);
  assert.equal(rowsOf(lines, 0, 4, "Europe/Berlin")[2]?.isContinued, false);
});

test("a stretch beyond the lines draws what there is", () => {
  assert.equal(rowsOf([said(1, 0)], 0, 5).length, 1);
  assert.deepEqual(rowsOf([], 0, 0), []);
});
