import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccessCheckRecord, AccessStep, Attempt, Connection } from "convene-client";
import { lines, verdictOf } from "./access";
import { sentence } from "./connection";
import { invitations, ownLink } from "./invitations";
import { failures, grouped, letter, mailto } from "./letter";
import { addressee, decisive } from "./remedies";
import { troubleOf } from "./trouble";

const closed: Attempt = { stage: "tcp", target: "conference.test:4501", code: "timed_out", ms: 10_000, remedy: "allow_server" };

function step(port: number, state: "good" | "failed"): AccessStep {
  const target = `conference.test:${port}`;
  return { kind: "port", target, state, ms: port, ...(state === "failed" ? { attempt: { ...closed, target } } : {}) };
}

const check: AccessCheckRecord = {
  server: "conference.test",
  ports: "4500-4503",
  https_port: 443,
  reason: "asked",
  began: "2026-12-01T08:00:00Z",
  ended: "2026-12-01T08:00:11Z",
  verdict: "red",
  steps: [
    { kind: "name", target: "conference.test", state: "good" },
    step(4500, "good"),
    step(4501, "failed"),
    step(4502, "failed"),
    step(4503, "failed"),
    { kind: "https", target: "conference.test:443", state: "failed", attempt: { ...closed, target: "conference.test:443" } },
  ],
};

const connection: Connection = {
  server: "conference.test",
  ports: "4500-4506",
  https_port: 443,
  state: "connected",
  since: "2026-12-01T08:00:00Z",
  attempts: [],
};

test("ports of which the same is to be said are one line", () => {
  assert.deepEqual(lines(check).map(({ step: { kind }, ports }) => `${kind} ${ports ?? ""}`.trim()), ["name", "port 4500", "port 4501-4503", "https"]);
  assert.equal(verdictOf("other"), undefined);
});

test("the letter has every failure once, and is a mail where it fits", () => {
  const say = (key: string, values: Record<string, string> = {}) => `${key} ${values["server"]} ${values["ports"]}`;
  const doubled = { ...check, steps: [...check.steps, step(4501, "failed")] };
  assert.equal(failures(doubled).length, 4);
  assert.deepEqual(grouped(failures(doubled)).map(({ target }) => target), ["conference.test:443, 4501-4503"]);
  const text = letter(check, say) ?? "";
  assert.ok(text.startsWith("letter-subject conference.test 4500-4503\n\nletter conference.test"), text);
  assert.equal(text.split("letter-line").length, 2, "one line for all ports");
  const tried = letter(check, (key, values = {}) => (key === "letter-tried" ? `${values["time"]}` : key), "Europe/Berlin");
  assert.match(tried ?? "", /^2026-12-01 09:00$/m);
  const version = { ...closed, code: "version_unsupported" as const, remedy: "update_server" as const };
  const updated = { ...check, steps: [{ ...step(4500, "failed"), attempt: version }] };
  assert.equal(letter(updated, say), undefined, "no administrator can change it");
  assert.equal(mailto("hilfe@example.org", "Zugang", "a\nb"), "mailto:hilfe@example.org?subject=Zugang&body=a%0D%0Ab");
  assert.equal(mailto("Zimmer 7", "Zugang", "x".repeat(5_000)), "mailto:?subject=Zugang");
});

test("the connection is a sentence with what to do, and green only where all is well", () => {
  assert.deepEqual(sentence(connection, true), { tone: "good", key: "page-connected" });
  assert.equal(sentence(connection, false).tone, "bad");
  assert.equal(sentence({ ...connection, storage: "full" }, true).key, "page-disk-full");
  assert.equal(sentence({ ...connection, state: "connecting", attempts: [closed] }, true).target, "conference.test:4501");
  assert.deepEqual(sentence({ ...connection, state: "blocked", attempts: [closed] }, true).remedy, { kind: "check" });
  assert.equal(sentence({ ...connection, state: "of_a_later_version" as never }, true).tone, "busy");
});

test("what came furthest says whose turn it is", () => {
  const other = { ...closed, code: "fingerprint_mismatch" as const, remedy: "ask_for_new_link" as const };
  const blocked = sentence({ ...connection, state: "blocked", attempts: [closed, other, closed] }, true);
  assert.equal(blocked.attempt, other);
  assert.equal(addressee(other), "inviter");
  assert.equal(decisive([closed, { ...closed, code: "name_not_found", remedy: "check_server_name" }]), closed);
  assert.equal(decisive([]), undefined);
});

test("the network's login page can be opened, and nothing but a web page can", () => {
  const portal = (page: string): Connection => ({
    ...connection,
    state: "blocked",
    attempts: [{ ...closed, code: "captive_portal", evidence: { page } }],
  });
  assert.deepEqual(sentence(portal("http://login.test/x"), true).remedy, { kind: "open", href: "http://login.test/x" });
  assert.deepEqual(sentence(portal("javascript:alert(1)"), true).remedy, { kind: "retry" });
});

test("join links hold all that is needed to reach and trust the server", () => {
  const own = { codes: { by_code: { BBB: "organizer" as const, AAA: "participant" as const }, seq: 2 } };
  const seat = { seat: "s1", server: "conference.test", name: "Änne", state: "joined" as const, waiting: 0, cursor: 1, fingerprint: "F" };
  assert.deepEqual(invitations(own, seat, { ...connection, https_port: 8443, ports: "1-2" }).map(({ link }) => link), [
    "https://conference.test:8443/j/AAA#fp=F,ports=1-2",
    "https://conference.test:8443/j/BBB#fp=F,ports=1-2",
  ]);
  assert.deepEqual(invitations({}, seat, connection), []);
  const link = { code: "CCC", seq: 3 };
  assert.equal(ownLink({ ...own, link }, seat, connection), "https://conference.test/j/CCC#fp=F");
  assert.equal(ownLink(own, seat, connection), undefined);
  assert.equal(ownLink({ link }, seat, undefined), undefined);
});

test("trouble is told apart, and a moment without the daemon is none", () => {
  const connected = { is: "connected", daemon: "convened", api: 3 } as const;
  const away = (message: string) => ({ is: "connecting", error: new Error(message) }) as const;
  assert.equal(troubleOf(connected, false, [connection], "UTC"), undefined);
  assert.equal(troubleOf(away("x"), false, [], "UTC"), undefined);
  assert.equal(troubleOf(away("the connection ended with 4000 daemon_not_running"), true, [], "UTC")?.kind, "no_daemon");
  assert.equal(troubleOf(away("the connection ended with 4000 daemon_impostor"), true, [], "UTC")?.kind, "impostor");
  assert.equal(troubleOf(away("the connection ended with 1006"), true, [], "UTC")?.kind, "no_bridge");
  assert.equal(troubleOf(connected, false, [{ ...connection, storage: "full" }], "UTC")?.kind, "disk_full");
  assert.equal(troubleOf(connected, false, [], undefined)?.kind, "no_zone");
});
