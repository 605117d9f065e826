// The local API as one page sees it, over one connection: what `convened` would say of a world.
import { readFileSync } from "node:fs";

/** The version of the language that the page speaks. */
const LANGUAGE = readFileSync(new URL("../../../clients/typescript/src/generated.ts", import.meta.url), "utf8");
const API = Number(/API_VERSION = ([0-9]+)/.exec(LANGUAGE)?.[1]);
const EVENTS_MAX = 1_000;

/** A played machine: its seats, connections, settings and drafts, which outlive pages. */
export class Machine {
  constructor() {
    this.seats = [];
    this.connections = [];
    this.drafts = new Map();
    this.checks = [];
    this.settings = {};
    this.attached = new Set();
    this.number = 1;
    /** Links that lead to a world, by their code: `{ world, role }`. */
    this.links = new Map();
    /** Whether commands reach their server. */
    this.isOnline = true;
    this.waiting = [];
    /** Settled when the disk takes commands. */
    this.disk = undefined;
    /** Settled when pages before the last one are given. */
    this.past = undefined;
    /** Settled when conferences are told. */
    this.present = undefined;
    /** By how many events a page lags whose end nobody named. */
    this.lag = 0;
    this.tested = [];
  }

  addSeat({ world, me, server = "conference.example.org", state = "joined", code, name, title }) {
    const seat = `s${this.seats.length + 1}`;
    this.seats.push({ seat, world, me, server, state, code, name, title, kept: new Map() });
    return seat;
  }

  setConnections(connections) {
    this.connections = connections;
    this.number += 1;
    this.tell("connection.changed", { number: this.number, connections });
  }

  setChecks(checks) {
    for (const check of checks) {
      this.checks = [...this.checks.filter(({ server }) => server !== check.server), check];
      this.tell("access.changed", { check });
    }
  }

  tell(method, params) {
    for (const attendant of this.attached) attendant.tell(method, params);
  }

  listed({ seat, world, me, server, state, code, name, title, kept }) {
    const one = world?.public.participants[me];
    const schedule = world?.public.schedule;
    const open = Object.entries(world?.public.ballots ?? {}).find(([, ballot]) => ballot.result === undefined);
    const current = schedule?.current;
    const now = one?.takes_part === true && !world.public.ended && {
      ...(schedule?.opens === undefined ? {} : { opens: schedule.opens }),
      ...(current === undefined ? {} : { phase: { number: current, ...schedule.phases[current] } }),
      room: one.room,
      room_names: world.public.rooms?.open[one.room]?.names ?? {},
      asked_to: Object.keys(world.own[me]?.invitations ?? {}),
      ...(open === undefined ? {} : { question: open[1].question, voted: world.own[me]?.votes?.[open[0]] !== undefined }),
    };
    return {
      seat,
      conference: world?.id ?? null,
      server,
      name: one?.name ?? name,
      title: world?.public.settings.title ?? title ?? "",
      participant: me ?? null,
      state,
      code: code ?? null,
      waiting: [...kept.values()].filter(({ is }) => is === "waiting").length,
      cursor: world?.cursor ?? 0,
      ...(state === "joined" && now ? { now } : {}),
    };
  }

  /** The server is reached again: what waits is decided, in order. */
  reconnect() {
    this.isOnline = true;
    const waiting = this.waiting;
    this.waiting = [];
    for (const decide of waiting) decide();
  }
}

/** One page's connection. */
export class Attendant {
  constructor(machine, send) {
    this.machine = machine;
    this.send = send;
    this.watches = new Map();
    machine.attached.add(this);
  }

  close() {
    this.machine.attached.delete(this);
    for (const { world, listener } of this.watches.values()) world.listeners.delete(listener);
  }

  tell(method, params) {
    this.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  read(line) {
    const { id, method, params = {} } = JSON.parse(line);
    if (method === undefined) return;
    const answer = (result) => this.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
    const refuse = (word, fields = {}) =>
      this.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: word, data: { code: word, ...fields } } }));
    const handle = METHODS[method];
    if (handle === undefined) return refuse("method_not_found");
    handle.call(this, params, answer, refuse);
  }

  seat(name) {
    return this.machine.seats.find(({ seat, world }) => seat === name || world?.id === name);
  }

  watch(seat, name, after, answer) {
    const { world, me } = seat;
    const begin = typeof after === "number" ? after : (after?.number ?? world.cursor);
    const isState = after === undefined;
    let pending = { events: [], patches: [], through: begin };
    const flush = () => {
      const { events, patches, through } = pending;
      if (through === told) return;
      this.tell("conference.events", { conference: name, after: told, through, term: world.term, events, patches });
      told = through;
      pending = { events: [], patches: [], through };
      const may = JSON.stringify(world.may(me));
      if (may !== lastMay) this.tell("conference.may", { conference: name, may: world.may(me) });
      lastMay = may;
    };
    let told = begin;
    let lastMay = JSON.stringify(world.may(me));
    const listener = {
      me,
      happened: (event, seq, patch) => {
        if (event !== undefined) {
          pending.events.push(event);
          pending.patches.push(patch);
        }
        pending.through = seq;
        queueMicrotask(flush);
      },
    };
    this.watches.get(name)?.world.listeners.delete(this.watches.get(name).listener);
    this.watches.set(name, { world, listener });
    answer({
      conference: name,
      participant: me,
      log: "AAAAAAAAAAA",
      seat: seat.state,
      code: seat.code ?? null,
      clock_offset_ms: 0,
      cursor: world.cursor,
      after: isState ? world.cursor : begin,
      term: world.term,
      level: 2,
      state: isState ? world.state(me) : null,
      may: world.may(me),
    });
    if (!isState) {
      // What was missed: the patches are not played again, so the state follows whole.
      const events = world.visible(me, begin, world.cursor);
      this.tell("conference.events", { conference: name, after: begin, through: world.cursor, term: world.term, events });
      this.tell("conference.state", { conference: name, part: 0, parts: 1, data: JSON.stringify(world.state(me)) });
      told = world.cursor;
    }
    world.listeners.add(listener);
    this.tell("conference.presence", { conference: name, online: [...world.online] });
    for (const { command, body, is, code, opens } of seat.kept.values()) {
      if (is === "waiting") this.tell("conference.outbox", { conference: name, command, body });
      else if (is === "lost") this.tell("conference.lost", { conference: name, command, body });
      else this.tell("conference.receipt", { conference: name, command, state: "refused", seq: null, code, opens, body });
    }
  }

  act(seat, { conference, id, body }, answer) {
    const { machine } = this;
    const decide = () => {
      seat.kept.delete(id);
      const { seq = null, code } = seat.world.act(seat.me, body, id);
      const result = { command: id, state: code === undefined ? "accepted" : "refused", seq, code: code ?? null };
      if (code !== undefined) seat.kept.set(id, { command: id, body, is: "refused", code });
      // The receipt comes behind its event.
      setImmediate(() => machine.tell("conference.receipt", { conference, ...result, ...(code === undefined ? {} : { body }) }));
      return result;
    };
    if (machine.isOnline) return answer(decide());
    seat.kept.set(id, { command: id, body, is: "waiting" });
    machine.waiting.push(decide);
    answer({ command: id, state: "queued", seq: null, code: null });
    machine.tell("conference.outbox", { conference, command: id, body });
  }
}

const METHODS = {
  hello(_, answer) {
    answer({ daemon: "played", api: API });
  },
  "connection.watch"(_, answer) {
    answer({ number: this.machine.number, connections: this.machine.connections });
  },
  "connection.retry"(_, answer) {
    answer({});
  },
  "conference.list"(_, answer) {
    answer({ conferences: this.machine.seats.map((seat) => this.machine.listed(seat)) });
  },
  "conference.join"({ link, name }, answer, refuse) {
    const code = /\/j\/([^#]*)/.exec(link)?.[1];
    const target = this.machine.links.get(code);
    if (target === undefined) return refuse("refused", { refusal: "code_unknown" });
    const { world, role } = target;
    if (Object.values(world.public.participants).some((one) => one.name === name)) {
      return refuse("refused", { refusal: "name_taken" });
    }
    const me = world.join(name, role);
    this.machine.addSeat({ world, me });
    answer({ conference: world.id, participant: me, state: "joined" });
    this.machine.tell("connection.changed", { number: ++this.machine.number, connections: this.machine.connections });
  },
  async "conference.watch"({ conference, after }, answer, refuse) {
    await this.machine.present;
    const seat = this.seat(conference);
    if (seat?.world === undefined) return refuse("conference_unknown");
    this.watch(seat, conference, after ?? undefined, answer);
  },
  "conference.unwatch"({ conference }, answer) {
    const watch = this.watches.get(conference);
    watch?.world.listeners.delete(watch.listener);
    answer({ ended: this.watches.delete(conference) });
  },
  "conference.presence"({ conference }, answer) {
    answer({ online: [...this.seat(conference).world.online] });
  },
  async "conference.history"({ conference, after = 0, through, newest = false, limit = 100 }, answer) {
    const { world, me } = this.seat(conference);
    if (through < world.cursor) await this.machine.past;
    const end = Math.min(through ?? world.cursor - this.machine.lag, world.cursor);
    const all = world.visible(me, after, end);
    const events = newest ? all.slice(-Math.min(limit, EVENTS_MAX)) : all.slice(0, Math.min(limit, EVENTS_MAX));
    const isCut = events.length < all.length;
    const first = newest && isCut ? events[0].seq - 1 : after;
    const last = !newest && isCut ? events[events.length - 1].seq : end;
    answer({ events, after: first, through: Math.max(last, first), complete: !isCut });
  },
  async "conference.act"(params, answer) {
    await this.machine.disk;
    this.act(this.seat(params.conference), params, answer);
  },
  "conference.dismiss"({ conference, id }, answer) {
    const dismissed = this.seat(conference).kept.delete(id);
    answer({ dismissed });
    this.machine.tell("conference.dismissed", { conference, command: id });
  },
  "conference.leave"({ conference }, answer) {
    const seat = this.seat(conference);
    seat.world.act(seat.me, { kind: "leave" });
    seat.state = "left";
    answer({ state: "left" });
  },
  "conference.forget"({ seat }, answer) {
    this.machine.seats = this.machine.seats.filter((one) => one.seat !== seat);
    answer({});
  },
  "draft.get"({ conference }, answer) {
    const drafts = [...this.machine.drafts.values()].filter((one) => one.conference === conference && one.draft.text !== "");
    answer({ drafts: drafts.map(({ draft }) => draft) });
  },
  "draft.set"({ conference, key, revision, text }, answer) {
    const place = `${conference} ${key}`;
    const known = this.machine.drafts.get(place)?.draft ?? { key, revision: 0, text: "" };
    const isSeen = revision === known.revision || known.text === "" || known.text === text;
    const draft = { key, revision: known.revision + 1, text, ...(isSeen ? {} : { other: known.text }) };
    this.machine.drafts.set(place, { conference, draft });
    answer({ draft });
    for (const attendant of this.machine.attached) {
      if (attendant !== this) attendant.tell("draft.changed", { conference, draft });
    }
  },
  "settings.get"(_, answer) {
    answer(this.machine.settings);
  },
  "settings.watch"(_, answer) {
    answer(this.machine.settings);
  },
  "settings.patch"({ patch }, answer) {
    const { own = {} } = this.machine.settings;
    const next = { ...own };
    for (const [key, value] of Object.entries(patch.own ?? {})) {
      if (value === null) delete next[key];
      else next[key] = typeof value === "object" ? { name: "user", ...withoutNulls(value) } : value;
    }
    this.machine.settings = { ...this.machine.settings, number: (this.machine.settings.number ?? 1) + 1, own: next };
    answer(this.machine.settings);
    this.machine.tell("settings.changed", { settings: this.machine.settings });
  },
  "access.check"({ watch_only: isWatching = false }, answer) {
    if (!isWatching) this.machine.begins?.();
    answer({ checks: this.machine.checks });
  },
  "proxy.test"(_, answer) {
    answer({ offered: this.machine.settings.own?.offered ?? [], tested: this.machine.tested });
  },
};

function withoutNulls(value) {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));
}
