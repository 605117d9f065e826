import assert from "node:assert/strict";
import { test } from "node:test";
import { turn } from "./turning";

const LINK = `https://conference.test/j/${"A".repeat(22)}`;
const KEY = `#fp=${"A".repeat(43)}`;
const seat = {
  seat: "s1",
  server: "conference.test",
  name: "Änne",
  state: "not_here_now" as const,
  code: "other_log" as const,
  other_log: "7SeR_ap-_1c",
  waiting: 1,
  cursor: 42,
};

test("a seat turns to the other log under its own name, by the link of its conference", () => {
  const turned = turn(`Einladung: ${LINK}${KEY}.`, seat, seat.other_log);
  assert.deepEqual(turned, {
    params: { link: `${LINK}${KEY}`, name: "Änne", log: "7SeR_ap-_1c", wait_ms: 20_000 },
  });
  const bracketed = turn(`https://[2001:db8::1]/j/${"A".repeat(22)}`, { ...seat, server: "2001:db8::1" }, seat.other_log);
  assert.ok("params" in bracketed);
});

test("without the link of its own server a seat stays as it is", () => {
  assert.deepEqual(turn(" ", seat, seat.other_log), { problem: "empty" });
  assert.deepEqual(turn("https://conference.test/j/short", seat, seat.other_log), { problem: "code" });
  const elsewhere = LINK.replace("conference.test", "other.test");
  assert.deepEqual(turn(elsewhere, seat, seat.other_log), { problem: "elsewhere" });
});
