import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf } from "../session";
import { find, preferred, say, word } from "../words";
import * as ballots from "./ballot";
import { check, nameProblem } from "./joining";
import { mayGo } from "./places";
import * as proxies from "./proxy";
import * as routes from "./route";
import * as unread from "./unread";

test("views have addresses that lead back to them, and a code is none of them", () => {
  for (const route of [
    { view: "conferences" },
    { view: "check" },
    { view: "settings" },
    { view: "talk", conference: "s1" },
    { view: "talk", conference: "q7x2abcdef@conference.test:8443", room: "r1" },
    { view: "ballot", conference: "s1" },
  ] as routes.Route[]) {
    assert.deepEqual(routes.read(routes.write(route)), route);
    assert.equal(codeOf(routes.write(route)), undefined);
  }
  assert.equal(routes.write({ view: "join", link: "https://a.test/j/x" }), "#/join");
  assert.deepEqual(routes.read("#/c/s1/nothing"), { view: "talk", conference: "s1" });
  assert.deepEqual(routes.read("#/%E0"), { view: "conferences" });
  assert.equal(codeOf(`#${"a".repeat(43)}`), "a".repeat(43));
  assert.equal(codeOf("#abc"), undefined);
});

test("nobody is offered to go to a room before it is open", () => {
  const opens = "2026-12-01T09:00:00Z";
  const may = {
    acts: { go: { allowed: true } },
    speak: { foyer: { allowed: true }, r1: { allowed: false, code: "not_open_yet" as const, opens } },
  };
  assert.deepEqual(mayGo(may, "r1"), { allowed: false, code: "not_open_yet", opens });
  assert.deepEqual(mayGo(may, "foyer"), { allowed: true });
  assert.deepEqual(mayGo(may, "news"), { allowed: true });
  assert.deepEqual(mayGo(undefined, "foyer"), { allowed: false });
});

test("both languages speak, with their plurals", () => {
  assert.equal(say("de", "page-new-messages", { count: 1 }), "Eine neue Nachricht");
  assert.equal(say("de", "page-new-messages", { count: 12 }), "12 neue Nachrichten");
  assert.equal(say("en", "page-announce-many", { messages: "5 new messages", people: "3 people" }), "5 new messages from 3 people");
  assert.equal(preferred(["fr-FR", "de-AT", "en"]), "de");
  assert.equal(preferred(["fr"]), "en");
});

test("texts of others do not turn a sentence or act in it, and unknown words stay", () => {
  assert.equal(say("de", "page-announce-one", { person: "a\u202eb\u001b", text: "x" }), "a b : x");
  assert.equal(say("de", "page-announce-one", { person: "שרה", text: "x" }), "\u2068שרה\u2069: x");
  assert.equal(word("de", "quite_new"), "Quite_new");
  assert.equal(word("de", "conference_full"), "Die Konferenz ist voll");
  assert.ok(!word("de", "name_taken").includes("--name"));
  assert.equal(find("de", "page-nothing"), undefined);
});

test("nothing on the page speaks of the command line, but where nothing else helps", () => {
  for (const code of ["conference_unknown", "name_taken", "name_of_role", "other_log", "seat_full", "id_reused", "still_joined", "too_many_seats", "person_unknown"]) {
    for (const language of ["de", "en"] as const) assert.doesNotMatch(word(language, code), /convene |--/, code);
  }
});

test("a name is checked while it is typed", () => {
  assert.equal(nameProblem("  "), "empty");
  assert.equal(nameProblem("a".repeat(61)), "long");
  assert.equal(nameProblem("a\u0007"), "control");
  assert.equal(nameProblem(" Änne "), undefined);
  assert.ok(check(`https://a.test/j/${"A".repeat(22)}`, "Änne").isReady);
  assert.ok(!check("https://a.test/", "Änne").isReady);
});

test("a ballot that is written is whole or waits", () => {
  assert.deepEqual(ballots.parse("{"), ballots.EMPTY);
  assert.deepEqual(ballots.parse(ballots.write({ question: "Q", options: ["a", "b"] })), { question: "Q", options: ["a", "b"] });
  assert.equal(ballots.write(ballots.EMPTY), "");
  assert.ok(ballots.isWhole({ question: "Q", options: ["a", " b ", ""] }));
  assert.ok(!ballots.isWhole({ question: "Q", options: ["a", "a"] }));
  assert.ok(!ballots.isWhole({ question: " ", options: ["a", "b"] }));
});

test("a login never stands in an address that is shown, and goes where it is wanted", () => {
  const form = proxies.formOf({ name: "user", proxies: ["http://anna@proxy.test:3128"], exceptions: ["a", "b"] });
  assert.deepEqual([form.mode, form.address, form.user, form.exceptions], ["hand", "http://proxy.test:3128", "anna", "a, b"]);
  const patch = proxies.patchOf({ ...form, password: "50%off@x" });
  assert.deepEqual(patch, {
    own: { proxy: { proxies: ["http://anna:50%25off%40x@proxy.test:3128"], exceptions: ["a", "b"], pac_url: null, wpad: null } },
  });
  assert.deepEqual(proxies.patchOf({ ...form, mode: "auto" }), { own: { proxy: null } });
  assert.ok(!proxies.isWhole({ ...form, mode: "script", script: "proxy.pac" }));
});

test("what was read is remembered, and the past counts as read", () => {
  const line = (seq: number, room: string, by = "p2") => ({ seq, step: 1, at: 0, text: "", room, by });
  const lines = [line(1, "foyer"), line(5, "foyer"), line(6, "foyer", "p1"), line(7, "plenary")];
  assert.deepEqual([...unread.unread(lines, { [unread.FIRST]: 4 }, 99, "p1")], [["foyer", 1], ["plenary", 1]]);
  assert.deepEqual([...unread.unread(lines, {}, 99, "p1")], []);
  const marks = unread.read({ [unread.FIRST]: 4 }, "foyer", 5);
  assert.deepEqual(unread.parse(unread.write(marks)), marks);
  assert.deepEqual(unread.merged(marks, { [unread.FIRST]: 2, foyer: 3 }), { [unread.FIRST]: 2, foyer: 5 });
  assert.deepEqual(unread.parse("nonsense"), {});
});
