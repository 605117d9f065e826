import assert from "node:assert/strict";
import { test } from "node:test";
import type { Phase, Public } from "convene-client";
import { isMoved, left, nextChange, running, timed } from "./schedule";

const START = Date.UTC(2026, 11, 1, 8);
const MINUTE = 60_000;
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

function phase(minutes: number, change: Partial<Phase> = {}): Phase {
  return { kind: "workshops", minutes, round: 1, rounds: 1, ...change };
}

function shared(phases: Phase[], current?: number): Public {
  const numbered = Object.fromEntries(phases.map((one, index) => [String(index + 1), one]));
  const schedule = { phases: numbered, ...(current === undefined ? { opens: at(0) } : { current }) };
  return { settings: { title: "", start: at(0) }, ended: false, participants: {}, schedule };
}

test("planned times follow from the start, and expected ones from the phase that runs", () => {
  const phases = timed(shared([phase(15, { began: at(0), ends: at(20) }), phase(30, { began: at(20), ends: at(50) }), phase(10)], 2));
  assert.deepEqual(phases.map(({ standing }) => standing), ["over", "running", "coming"]);
  assert.deepEqual(phases[2]?.planned, { begins: START + 45 * MINUTE, ends: START + 55 * MINUTE });
  assert.deepEqual(phases[2]?.actual, { begins: START + 50 * MINUTE, ends: START + 60 * MINUTE });
  assert.equal(running(phases)?.number, 2);
  assert.ok(phases.every(isMoved));
});

test("before it opens everything is as planned", () => {
  const phases = timed(shared([phase(15), phase(30)]));
  assert.deepEqual(phases.map(({ standing }) => standing), ["coming", "coming"]);
  assert.ok(!phases.some(isMoved));
});

test("phases are in the order of their numbers, beyond nine too", () => {
  assert.deepEqual(timed(shared(Array.from({ length: 12 }, () => phase(1)))).map(({ number }) => number).slice(8), [9, 10, 11, 12]);
});

test("what is left is told in minutes, and at last in seconds", () => {
  assert.deepEqual(left(23 * MINUTE, 0), { unit: "minutes", count: 23 });
  assert.deepEqual(left(MINUTE + 1, 0), { unit: "minutes", count: 2 });
  assert.deepEqual(left(59_001, 0), { unit: "minutes", count: 1 });
  assert.deepEqual(left(59_000, 0), { unit: "seconds", count: 59 });
  assert.deepEqual(left(0, 5), { unit: "seconds", count: 0 });
});

test("it is looked at again when it changes, and not before", () => {
  for (const rest of [1, 900, 5_500, 59_999, 60_001, 3_600_000]) {
    const wait = nextChange(rest, 0);
    assert.ok(wait >= 50 && wait <= MINUTE, `${rest}: ${wait}`);
  }
  assert.equal(nextChange(5_500, 0), 500);
  assert.equal(nextChange(150_000, 0), 30_000);
});
