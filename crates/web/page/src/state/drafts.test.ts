import assert from "node:assert/strict";
import { test } from "node:test";
import * as drafts from "./drafts";

const draft = (revision: number, text: string, other?: string) => ({ key: "room:plenary", revision, text, ...(other === undefined ? {} : { other }) });

test("what is typed is sent once, and again where it changed meanwhile", () => {
  let writing = drafts.typed(drafts.EMPTY, "Hal");
  assert.deepEqual(drafts.toKeep(writing), { text: "Hal", revision: 0 });
  writing = drafts.typed(drafts.sending(writing, "Hal"), "Hallo");
  assert.equal(drafts.toKeep(writing), undefined);
  writing = drafts.answered(writing, draft(1, "Hal"));
  assert.equal(writing.text, "Hallo");
  assert.deepEqual(drafts.toKeep(writing), { text: "Hallo", revision: 1 });
  writing = drafts.answered(drafts.sending(writing, "Hallo"), draft(2, "Hallo"));
  assert.ok(drafts.isKept(writing));
});

test("what could not be sent is tried again", () => {
  const writing = drafts.unsent(drafts.sending(drafts.typed(drafts.EMPTY, "a"), "a"));
  assert.deepEqual(drafts.toKeep(writing), { text: "a", revision: 0 });
});

test("what another window writes is taken over where nothing is written here", () => {
  assert.equal(drafts.changed(drafts.EMPTY, draft(1, "von dort")).text, "von dort");
  const gone = drafts.changed(drafts.changed(drafts.EMPTY, draft(1, "von dort")), draft(2, ""));
  assert.equal(gone.text, "");
});

test("two texts are both kept until one is chosen", () => {
  const here = drafts.typed(drafts.EMPTY, "hier");
  const both = drafts.changed(here, draft(1, "dort"));
  assert.deepEqual([both.text, both.other], ["hier", "dort"]);
  assert.equal(drafts.toKeep(both), undefined);
  assert.deepEqual(drafts.toKeep(drafts.chosen(both, "hier")), { text: "hier", revision: 1 });
  assert.deepEqual(drafts.toKeep(drafts.chosen(both, "dort")), { text: "dort", revision: 1 });
  const first = drafts.answered(drafts.sending(here, "hier"), draft(2, "hier", "dort"));
  assert.deepEqual([first.text, first.other], ["hier", "dort"]);
  const second = drafts.changed(drafts.answered(drafts.sending(drafts.typed(drafts.EMPTY, "dort"), "dort"), draft(1, "dort")), draft(2, "hier", "dort"));
  assert.deepEqual([second.text, second.other], ["dort", "hier"]);
});

test("what a tab remembers over a reload goes on, and is no other text", () => {
  const before = drafts.typed(drafts.changed(drafts.EMPTY, draft(3, "Noch nicht")), "Noch nicht fertig");
  const after = drafts.changed(drafts.parse(drafts.write(before)), draft(3, "Noch nicht"));
  assert.deepEqual([after.text, after.other], ["Noch nicht fertig", undefined]);
  assert.deepEqual(drafts.toKeep(after), { text: "Noch nicht fertig", revision: 3 });
  assert.deepEqual(drafts.parse("{"), drafts.EMPTY);
});

test("a draft that is gone was sent elsewhere, and comes back only where somebody writes on", () => {
  const known = drafts.changed(drafts.EMPTY, draft(3, "Hallo"));
  assert.equal(drafts.absent(known).text, "");
  assert.equal(drafts.absent(drafts.typed(known, "Hallo zusammen")).text, "Hallo zusammen");
});

test("an earlier revision changes nothing, and a draft that is too long stays here", () => {
  const writing = drafts.changed(drafts.EMPTY, draft(3, "neu"));
  assert.equal(drafts.changed(writing, draft(2, "alt")), writing);
  assert.equal(drafts.toKeep(drafts.typed(drafts.EMPTY, "ä".repeat(8_193))), undefined);
});

test("a text that leaves the field is kept until it has arrived, and comes back where it cannot go", () => {
  const known = drafts.typed(drafts.changed(drafts.EMPTY, draft(3, "eins")), "eins");
  const left = drafts.left(known);
  assert.equal(left.text, "");
  assert.ok(drafts.isKept(left), "the daemon has it");
  const both = drafts.left(drafts.typed(left, "zwei"));
  assert.deepEqual(drafts.toKeep(drafts.typed(both, "drei")), { text: "eins\nzwei\ndrei", revision: 3 });
  assert.equal(drafts.parse(drafts.write(both)).text, "eins\nzwei");
  assert.deepEqual(drafts.toKeep(drafts.arrived(both, "eins")), { text: "zwei", revision: 3 });
  assert.deepEqual(drafts.toKeep(drafts.arrived(drafts.arrived(both, "zwei"), "eins")), { text: "", revision: 3 });
  const back = drafts.returned(drafts.typed(left, "weiter"), "eins");
  assert.deepEqual([back.text, back.leaving], ["eins\nweiter", undefined]);
});
