import assert from "node:assert/strict";
import { test } from "node:test";
import { back, DRAWN_MAX, FOLLOWED, held, on, range, STEP, type Slice } from "./slice";
import type { Line } from "./talk";

function lines(count: number, first = 1): Line[] {
  return Array.from({ length: count }, (_, index) => ({ seq: first + index, step: 1, at: 0, text: "", room: "plenary" }));
}

const END: Slice = { following: true };

test("at the end only the last lines are drawn", () => {
  assert.deepEqual(range(lines(10), END), { from: 0, to: 10 });
  assert.deepEqual(range(lines(1_000), END), { from: 1_000 - FOLLOWED, to: 1_000 });
});

test("in the past the stretch stays where it is, whatever comes behind it or goes before it", () => {
  const slice = back(lines(1_000), END);
  const { from } = range(lines(1_000), slice);
  assert.equal(from, 1_000 - FOLLOWED - STEP);
  assert.deepEqual(range(lines(1_100), slice), { from, to: from + DRAWN_MAX });
  assert.equal(range(lines(900, 101), slice).from, from - 100);
});

test("a stretch never draws more than it may", () => {
  let slice: Slice = END;
  for (let step = 0; step < 50; step += 1) {
    slice = back(lines(1_000), slice);
    const { from, to } = range(lines(1_000), slice);
    assert.ok(to - from <= DRAWN_MAX);
  }
  assert.equal(range(lines(1_000), slice).from, 0);
});

test("going on reaches the end, and follows it where it is live", () => {
  const all = lines(300);
  let slice = back(all, back(all, END));
  for (let step = 0; step < 5; step += 1) slice = on(all, slice, true);
  assert.deepEqual(slice, END);
  assert.notDeepEqual(on(all, held(all, END), false), END);
});

test("a line that is gone leaves the stretch at the next one", () => {
  const slice: Slice = { following: false, seq: 5, step: 1 };
  assert.equal(range([...lines(3), ...lines(10, 8)], slice).from, 3);
  assert.deepEqual(range([], slice), { from: 0, to: 0 });
});
