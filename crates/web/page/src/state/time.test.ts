import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, dayKey, dayName, moment } from "./time";

const ZONE = "Europe/Berlin";
const NOW = Date.UTC(2026, 11, 1, 11, 30);

test("times are those of the person's zone", () => {
  assert.equal(clock(Date.UTC(2026, 11, 1, 9, 42), "de", ZONE), "10:42");
  assert.equal(clock(Date.UTC(2026, 6, 1, 9, 42), "de", ZONE), "11:42");
  assert.equal(clock(Date.UTC(2026, 11, 1, 21, 5), "en", ZONE), "22:05");
  assert.equal(clock(Date.UTC(2026, 11, 1, 23, 5), "en", ZONE), "00:05");
});

test("days are named as near as they are", () => {
  const at = (day: number, month = 11, year = 2026) => Date.UTC(year, month, day, 15, 5);
  assert.equal(moment(at(1), NOW, "de", ZONE), "16:05");
  assert.equal(moment(Date.UTC(2026, 10, 30, 15, 5), NOW, "de", ZONE), "gestern 16:05");
  assert.equal(moment(Date.UTC(2026, 10, 30, 15, 5), NOW, "en", ZONE), "yesterday 16:05");
  assert.equal(moment(at(2), NOW, "de", ZONE), "morgen 16:05");
  assert.equal(moment(at(5), NOW, "en", ZONE), "5 Dec 16:05");
  assert.equal(dayName(at(5, 2, 2025), NOW, "de", ZONE), "5. März 2025");
  assert.equal(dayName(at(1), NOW, "de", ZONE), "heute");
});

test("a day ends at midnight of the zone, not of the world", () => {
  const late = Date.UTC(2026, 10, 30, 23, 30);
  assert.equal(dayKey(late, ZONE), dayKey(NOW, ZONE));
  assert.notEqual(dayKey(late, "UTC"), dayKey(NOW, "UTC"));
});

test("a time that cannot be read is nothing", () => {
  assert.equal(dayKey(Number.NaN, ZONE), "");
});
