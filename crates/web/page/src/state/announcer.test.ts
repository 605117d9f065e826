import assert from "node:assert/strict";
import { test } from "node:test";
import { digest, due, heard, SILENT } from "./announcer";

const from = (...names: string[]) => names.map((by) => ({ by, text: "Hallo" }));

test("one message is told as it is, after a moment of quiet", () => {
  const announcer = heard(SILENT, from("Bernd"), 1_000);
  assert.equal(due(announcer), 2_000);
  assert.deepEqual(digest(announcer), { kind: "one", by: "Bernd", text: "Hallo" });
});

test("a burst is one sentence, and waits no longer than five seconds", () => {
  let announcer = SILENT;
  for (let at = 0; at <= 20_000; at += 500) announcer = heard(announcer, from("Bernd", "Olga"), at);
  assert.equal(due(announcer), 5_000);
  assert.deepEqual(digest(announcer), { kind: "many", count: 82, people: 2 });
});

test("what is kept is bounded, and still counted", () => {
  const announcer = heard(SILENT, Array.from({ length: 1_000 }, () => from("Bernd")).flat(), 0);
  assert.equal(announcer.waiting.length, 100);
  assert.deepEqual(digest(announcer), { kind: "many", count: 1_000, people: 1 });
});

test("silence is not told, and a long message is not read to its end", () => {
  assert.equal(due(SILENT), undefined);
  assert.equal(digest(SILENT), undefined);
  assert.equal(heard(SILENT, [], 5), SILENT);
  const told = digest(heard(SILENT, [{ by: "Bernd", text: "a".repeat(4_000) }], 0));
  assert.equal(told?.kind === "one" ? told.text.length : 0, 300);
});
