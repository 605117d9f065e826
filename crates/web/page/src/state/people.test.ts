import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, completed, mentionAt, quoted, speaksTo } from "./mention";
import { everyone, grouped, headcounts, matching } from "./people";
import { byName } from "./time";

const participants = {
  p1: { name: "Änne", role: "participant" as const, takes_part: true, room: "plenary" },
  p2: { name: "Zoë", role: "organizer" as const, takes_part: true, room: "plenary" },
  p3: { name: "Bernd", role: "participant" as const, takes_part: true, room: "foyer" },
  p4: { name: "Anna Maria", role: "participant" as const, takes_part: true, room: "plenary" },
  p5: { name: "weg", role: "participant" as const, takes_part: false, room: "plenary" },
};
const online = new Set(["p2", "p3"]);
const people = everyone(participants, online, byName("de"));
const names = (all: readonly { name: string }[]) => all.map(({ name }) => name);

test("organizers come first, then names as the language sorts them", () => {
  assert.deepEqual(names(people), ["Zoë", "Anna Maria", "Änne", "Bernd"]);
});

test("one is here oneself, also while it is not known who is connected", () => {
  const { here, elsewhere, offline } = grouped(people, "plenary", "p1");
  assert.deepEqual([names(here), names(elsewhere), names(offline)], [["Zoë", "Änne"], ["Bernd"], ["Anna Maria"]]);
  assert.deepEqual([...headcounts(people, "p1")], [["plenary", 2], ["foyer", 1]]);
  const unknown = everyone(participants, undefined, byName("de"));
  assert.equal(grouped(unknown, "plenary", "p1").here.length, 3);
});

test("names are found without accents", () => {
  assert.deepEqual(names(matching(people, " ann")), ["Anna Maria", "Änne"]);
});

test("a name behind an @ is found and completed, and one that is whole is left alone", () => {
  assert.equal(mentionAt("a@b", 3), undefined);
  assert.equal(mentionAt("kein Name", 5), undefined);
  const mention = mentionAt("Hallo @an", 9);
  assert.deepEqual(mention, { start: 6, typed: "an" });
  assert.deepEqual(names(candidates(people, mention, "p1")), ["Anna Maria"]);
  assert.deepEqual(names(candidates(people, mentionAt("@Bernd ", 7), "p1")), []);
  assert.deepEqual(names(candidates(people, mentionAt("@anna m", 7), "p1")), ["Anna Maria"]);
  assert.deepEqual(completed("Hallo @an und", 9, { start: 6, typed: "an" }, "Anna Maria"), { text: "Hallo @Anna Maria und", caret: 18 });
});

test("an answer quotes, and whoever is named is spoken to", () => {
  assert.equal(quoted("Bernd", "eins\nzwei"), "> Bernd: eins\n> zwei\n");
  assert.ok(quoted("Bernd", "x".repeat(999)).length < 250);
  assert.ok(speaksTo("@Änne kommst du?", "Änne") && !speaksTo("Änne", "Änne") && !speaksTo("@", ""));
});
