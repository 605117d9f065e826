import assert from "node:assert/strict";
import test from "node:test";

import { mergePatch } from "../src/index.js";

// RFC 7396, appendix A.
const CASES: [target: unknown, patch: unknown, result: unknown][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [
    ["a", "b"],
    ["c", "d"],
    ["c", "d"],
  ],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test("patches do what the RFC says", () => {
  for (const [target, patch, result] of CASES) {
    assert.deepEqual(mergePatch(target, patch), result, JSON.stringify([target, patch]));
  }
});

test("what a patch does not name stays the same object, and nothing is changed", () => {
  const target = Object.freeze({ a: Object.freeze({ x: 1 }), b: Object.freeze({ y: 1 }) });
  const patched = mergePatch(target, { b: { z: 2 } }) as typeof target;
  assert.equal(patched.a, target.a);
  assert.deepEqual(target.b, { y: 1 });
});

test("a name that objects have by themselves is a name like others", () => {
  const patched = mergePatch({}, JSON.parse('{"__proto__":{"x":1},"constructor":1}')) as object;
  assert.deepEqual(Object.keys(patched), ["__proto__", "constructor"]);
  assert.equal(Object.getPrototypeOf(patched), Object.prototype);
  assert.equal(({} as { x?: number }).x, undefined);
});
