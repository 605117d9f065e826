// What is played: one conference in the middle of its workshops, and everything around it.
import { Machine } from "./daemon.mjs";
import { World } from "./world.mjs";

const MINUTE_MS = 60_000;
export const LINK = "https://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA";
export const ORGANIZER_LINK = "https://conference.example.org/j/BBBBBBBBBBBBBBBBBBBBBA";

/** One way to the server, as it stands. */
export function connection(change = {}) {
  return {
    server: "conference.example.org",
    ports: "4500-4506",
    https_port: 443,
    state: "connected",
    route: { rung: "direct", target: "conference.example.org:4503", proxy: null, carrier: "websocket" },
    since: new Date().toISOString(),
    attempts: [],
    clock_offset_ms: 40,
    ...change,
  };
}

const LATE = { proxy: "proxy.example.org:3128" };
export const BLOCKED = [
  { stage: "tcp", target: "conference.example.org:4500", code: "timed_out", ms: 10_000, remedy: "allow_server" },
  { stage: "tls", target: "conference.example.org:443", code: "reset", ms: 212, remedy: "allow_server", evidence: { name: "Filterkasten 7" } },
  { stage: "proxy", target: `conference.example.org:443 via ${LATE.proxy}`, code: "proxy_login_needed", ms: 35, remedy: "set_proxy_login" },
];

export function settings() {
  const unset = { value: null, from: { kind: "default" } };
  return {
    number: 1,
    proxy: {
      mode: unset,
      url: { value: "http://proxy.example.org:3128", from: { kind: "file", place: "/etc/convene/convened.toml:12" } },
      password: { value: true, secret: true, from: { kind: "file", place: "/etc/convene/convened.toml:14" } },
      pac_url: unset,
    },
    policy: { tls_inspection: { value: "notify", from: { kind: "policy", place: "/etc/convene/policies.d/company.toml:3" }, managed: true } },
    server: {},
    own: { offered: [{ name: "gnome", proxies: ["http://proxy.example.org:3128"], exceptions: ["localhost"] }] },
    privileged: false,
    command: "sudo convene settings set proxy.url URL",
  };
}

export function check(verdict) {
  const began = new Date(Date.now() - 9_000).toISOString();
  const ports = Array.from({ length: 7 }, (_, index) => 4500 + index);
  const fails = verdict === "red";
  const steps = [
    { kind: "name", target: "conference.example.org", state: "good", ms: 12 },
    ...ports.map((port) => ({
      kind: "port",
      target: `conference.example.org:${port}`,
      ...(verdict === "green" || (verdict === "yellow" && port === 4500)
        ? { state: "good", ms: 40 + port % 7, rung: "direct", carrier: "websocket" }
        : { state: "failed", ms: 10_000, attempt: { ...BLOCKED[0], target: `conference.example.org:${port}` } }),
    })),
    fails
      ? { kind: "https", target: "conference.example.org:443", state: "failed", ms: 212, attempt: BLOCKED[1] }
      : { kind: "https", target: "conference.example.org:443", state: "good", ms: 61, rung: "https", carrier: "websocket" },
    { kind: "proxy", target: "proxy.example.org:3128", state: fails ? "failed" : "warned", ms: 35, named_by: "gnome", logins: ["Negotiate", "NTLM"], ...(fails ? { attempt: BLOCKED[2] } : {}) },
    { kind: "portal", target: "conference.example.org", state: "good", ms: 18 },
    { kind: "inspection", target: "conference.example.org:443", state: fails ? "skipped" : "good" },
    { kind: "clock", target: "conference.example.org", state: "good", clock_offset_ms: 40 },
    { kind: "version", target: "conference.example.org", state: fails ? "skipped" : "good" },
  ];
  const base = { server: "conference.example.org", ports: "4500-4506", https_port: 443, reason: "asked", began, contact: "hilfe@example.org" };
  if (verdict === undefined) {
    const running = steps.map((step, index) => (index < 3 ? step : { kind: step.kind, target: step.target, state: index < 5 ? "running" : "waiting" }));
    return { ...base, steps: running };
  }
  return { ...base, ended: new Date().toISOString(), verdict, steps };
}

const NAMES = ["Olga Petrowa", "Bernd", "Çiğdem", "John Doe", "Änne", "Marie-Claire Dubois-Lefèvre", "שרה כהן", "山田太郎", "Zoë", "Jürgen Müller", "Anna Maria", "Ali"];

/** An open conference in its first workshops; the seat is that of an organizer or a participant. */
export function openSpace({ role = "participant" } = {}) {
  const now = Date.now();
  const start = new Date(now - 67 * MINUTE_MS).toISOString();
  const world = new World({
    id: "q7x2abcdef",
    title: "Unser nächstes Jahr",
    theme: "Was wollen wir beginnen?",
    start,
    rooms: [{ de: "Werkstatt", en: "Workshop room" }, { und: "Garten" }],
    phases: [
      { kind: "opening", minutes: 15 },
      { kind: "marketplace", minutes: 30 },
      { kind: "workshops", minutes: 45, rounds: 2 },
      { kind: "break", minutes: 15 },
      { kind: "closing", minutes: 20 },
    ],
  });
  const ago = (minutes) => new Date(now - minutes * MINUTE_MS).toISOString();
  const ids = NAMES.map((name, index) => world.join(name, index === 0 ? "organizer" : "participant", ago(80 - index)));
  const [olga, bernd, cigdem, john, anne, marie, sara, yamada, zoe, jurgen] = ids;
  world.say(bernd, "Guten Morgen zusammen", "foyer", { at: ago(70) });
  world.begin(start);
  world.say(olga, "Willkommen! Heute geht es um unser nächstes Jahr. Wer ein Anliegen hat, sagt es hier.", "plenary", { at: ago(66) });
  world.say(bernd, "Ich hätte ein Thema: weniger Sitzungen, mehr Zeit.", "plenary", { at: ago(65) });
  world.say(bernd, "Treffpunkt wäre die Werkstatt.", "plenary", { at: ago(64.5) });
  world.endPhase(ago(52));
  world.beginPhase(2, ago(52));
  world.say(cigdem, "Der Plan steht hier: https://example.org/plan?jahr=2027 (bitte lesen).\nDanach reden wir.", "plenary", { at: ago(40) });
  world.say(sara, "אני רוצה לדבר על הגינה", "plenary", { at: ago(39) });
  world.say(yamada, "おはようございます 🌱", "plenary", { at: ago(38) });
  world.endPhase(ago(22));
  world.beginPhase(3, ago(22));
  for (const id of [bernd, john, marie]) world.go(id, "r1");
  world.go(zoe, "foyer");
  world.say(john, "Wer bringt den Beamer mit?", "r1", { at: ago(18) });
  world.say(marie, "Ich!", "r1", { at: ago(17) });
  world.say(zoe, "Noch jemand einen Kaffee?", "foyer", { at: ago(12) });
  world.say(jurgen, "@Änne kommst du nachher in den Garten?", "plenary", { at: ago(4) });
  world.online.delete(ids[10]);
  world.ask(cigdem, [yamada]);
  world.sit(yamada, "t1");
  const ballot = world.openBallot(olga, "Wie machen wir nach der Pause weiter?", ["Noch eine Runde Workshops", "Alle zusammen im Plenum", "Im Garten"]);
  for (const [id, option] of [[bernd, "o1"], [john, "o1"], [marie, "o3"], [zoe, "o2"]]) world.vote(id, ballot, option);
  const me = role === "organizer" ? olga : anne;
  const verdicts = ["green", "green", "yellow", "red", "green"];
  world.own[olga].accesses = Object.fromEntries(ids.slice(0, 5).map((id, index) => [id, { verdict: verdicts[index], version: "0.1.0", seq: 3 }]));
  return { world, me, ids };
}

/** A machine with that conference, one that is to come, one that was left, one that was refused. */
export function machine({ role = "participant" } = {}) {
  const played = new Machine();
  const { world, me, ids } = openSpace({ role });
  played.addSeat({ world, me });
  const later = new World({
    id: "k2k2k2k2k2",
    title: "Ein Tag für den Garten",
    start: new Date(Date.now() + 26 * 60 * MINUTE_MS).toISOString(),
    phases: [{ kind: "opening", minutes: 15 }],
  });
  played.addSeat({ world: later, me: later.join("Änne") });
  const left = new World({ id: "l3l3l3l3l3", title: "Das vorige Jahr" });
  played.addSeat({ world: left, me: left.join("Änne"), state: "left" });
  played.addSeat({ name: "Änne", state: "refused", code: "conference_full", title: "" });
  played.links.set("AAAAAAAAAAAAAAAAAAAAAA", { world, role: "participant" });
  played.links.set("BBBBBBBBBBBBBBBBBBBBBA", { world, role: "organizer" });
  played.settings = settings();
  played.connections = [connection()];
  return { machine: played, world, me, ids };
}

/** A machine that takes part nowhere yet, with a conference to which the links lead. */
export function newcomer() {
  const played = new Machine();
  const world = new World({ id: "q7x2abcdef", title: "Unser nächstes Jahr", theme: "Was wollen wir beginnen?" });
  world.join("Bernd");
  world.say("p1", "Guten Morgen zusammen");
  played.links.set("AAAAAAAAAAAAAAAAAAAAAA", { world, role: "participant" });
  played.links.set("BBBBBBBBBBBBBBBBBBBBBA", { world, role: "organizer" });
  played.settings = settings();
  played.connections = [connection()];
  return { machine: played, world };
}

/** A conference with so many people and so many messages. */
export function crowd({ people, messages }) {
  const played = new Machine();
  const world = new World({ id: "c4c4c4c4c4", title: "Fünfhundert" });
  const me = world.join("Änne");
  const ids = [me];
  for (let index = 1; index < people; index += 1) ids.push(world.join(`Mensch ${index}`));
  for (let index = 0; index < messages; index += 1) {
    world.say(ids[1 + (index % (people - 1))], `Nachricht ${index} über das, was wir im nächsten Jahr beginnen wollen`, "plenary");
  }
  played.addSeat({ world, me });
  played.settings = settings();
  played.connections = [connection()];
  return { machine: played, world, me, ids };
}
