// A conference as a story needs it: people, rooms, talk, ballots, the clock. It plays what the
// daemon tells of it, and decides only what the page asks for. The rules themselves are tested in
// `crates/conference`.
import { randomUUID } from "node:crypto";

const MINUTE_MS = 60_000;
const FIXED = ["plenary", "foyer", "news", "organizers"];

/** A patch (RFC 7396) applied to a value, which is changed. */
export function merge(target, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result = target !== null && typeof target === "object" ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

export class World {
  constructor({ id, title, theme = "", start, phases = [], rooms = [] }) {
    this.id = id;
    this.term = "AAAAAAAAAAAAAAAAAAAAAA";
    this.events = [];
    /** The own parts, by participant: nobody is told another one's. */
    this.own = {};
    this.public = {};
    this.online = new Set();
    this.listeners = new Set();
    const open = Object.fromEntries(
      rooms.map((names, index) => [`r${index + 1}`, { names, number: index + 1 }]),
    );
    this.happen(undefined, { kind: "opened", settings: { title, theme, start } }, {
      settings: { title, theme, ...(start === undefined ? {} : { start }) },
      ended: false,
      participants: {},
      schedule: { phases: {} },
      ...(rooms.length === 0 ? {} : { rooms: { open, added: rooms.length } }),
    });
    if (phases.length > 0) {
      const numbered = phases.flatMap(({ kind, minutes, rounds = 1 }) =>
        Array.from({ length: rounds }, (_, round) => ({ kind, minutes, round: round + 1, rounds })),
      );
      const all = Object.fromEntries(numbered.map((phase, index) => [String(index + 1), phase]));
      this.happen(undefined, { kind: "scheduled", opens: start, phases }, { schedule: { opens: start, phases: all } });
    }
  }

  get cursor() {
    return this.events.length;
  }

  /** Something happens: for everyone, or for some. `change` is the patch of the public part. */
  happen(by, body, change = {}, { audience, own, command, at = new Date().toISOString() } = {}) {
    const event = { seq: this.events.length + 1, at, ...(by === undefined ? {} : { by, command: command ?? randomUUID() }), body };
    merge(this.public, structuredClone(change));
    if (own !== undefined) merge((this.own[own.whose] ??= {}), structuredClone(own.change));
    this.events.push({ event, audience });
    for (const listener of this.listeners) {
      const isTold = audience === undefined || audience.includes(listener.me);
      const patch = Object.keys(change).length === 0 ? {} : { public: change };
      if (own?.whose === listener.me) patch.own = own.change;
      listener.happened(isTold ? event : undefined, event.seq, isTold || own?.whose === listener.me ? patch : {});
    }
    return event;
  }

  /** The events that somebody may know, above `after` and up to `through`. */
  visible(me, after, through) {
    return this.events
      .slice(after, through)
      .filter(({ audience }) => audience === undefined || audience.includes(me))
      .map(({ event }) => event);
  }

  state(me) {
    return { public: structuredClone(this.public), own: structuredClone(this.own[me] ?? {}) };
  }

  join(name, role = "participant", at) {
    const id = `p${Object.keys(this.public.participants).length + 1}`;
    const room = this.public.schedule.opens === undefined ? "plenary" : "foyer";
    this.happen(id, { kind: "joined", participant: id, name, role }, { participants: { [id]: { name, role, takes_part: true, room } } }, { at });
    if (role === "organizer") {
      const codes = { by_code: { AAAAAAAAAAAAAAAAAAAAAA: "participant", BBBBBBBBBBBBBBBBBBBBBB: "organizer" }, seq: this.cursor };
      this.own[id] = { ...this.own[id], codes };
    }
    this.online.add(id);
    return id;
  }

  say(by, text, room = this.public.participants[by].room, options = {}) {
    const seated = this.public.tables?.taken[room]?.seated;
    const audience = seated === undefined ? undefined : Object.keys(seated);
    return this.happen(by, { kind: "said", room, text }, {}, { audience, ...options });
  }

  go(by, room, options) {
    this.stand(by);
    return this.happen(by, { kind: "went", participant: by, room }, { participants: { [by]: { room } } }, options);
  }

  /** Whoever sits at a table stands up; an empty one is gone. */
  stand(by, options) {
    const table = this.public.participants[by].room;
    const seated = this.public.tables?.taken[table]?.seated;
    if (seated === undefined) return;
    const before = seated[by];
    const isLast = Object.keys(seated).length === 1;
    const taken = { [table]: isLast ? null : { seated: { [by]: null } } };
    this.happen(by, { kind: "stood_up", participant: by }, { tables: { taken }, participants: { [by]: { room: before } } }, options);
  }

  ask(by, people, options) {
    let table = this.public.participants[by].room;
    if (this.public.tables?.taken[table] === undefined) {
      const number = (this.public.tables?.made ?? 0) + 1;
      table = `t${number}`;
      this.sit(by, table, number, options);
    }
    const audience = [...Object.keys(this.public.tables.taken[table].seated), ...people];
    for (const one of people) {
      this.happen(by, { kind: "asked_to_table", table, participant: by, people: [one] }, {}, {
        audience,
        own: { whose: one, change: { invitations: { [table]: { by, seq: this.cursor + 1 } } } },
      });
    }
    return table;
  }

  sit(by, table, number = this.public.tables.taken[table].number, options = {}) {
    const from = this.public.participants[by].room;
    const change = {
      tables: { made: Math.max(this.public.tables?.made ?? 0, number), taken: { [table]: { number, seated: { [by]: from } } } },
      participants: { [by]: { room: table } },
    };
    const own = { whose: by, change: { invitations: { [table]: null } } };
    return this.happen(by, { kind: "sat_down", table, participant: by }, change, { ...options, own });
  }

  decline(by, table, options = {}) {
    const own = { whose: by, change: { invitations: { [table]: null } } };
    return this.happen(by, { kind: "table_declined", table, participant: by }, {}, { ...options, audience: [by], own });
  }

  openBallot(by, question, options, more) {
    const id = `b${Object.keys(this.public.ballots ?? {}).length + 1}`;
    const numbered = Object.fromEntries(options.map((text, index) => [`o${index + 1}`, text]));
    const phase = this.public.schedule.current;
    const ballot = { question, options: numbered, ...(phase === undefined ? {} : { phase }) };
    this.happen(by, { kind: "ballot_opened", ballot: id, ...ballot }, { ballots: { [id]: { ...ballot, turnout: 0 } } }, more);
    return id;
  }

  vote(by, ballot, option, options = {}) {
    const isFirst = this.own[by]?.votes?.[ballot] === undefined;
    const own = { whose: by, change: { votes: { [ballot]: { option, seq: this.cursor + 1 } } } };
    const told = this.happen(by, { kind: "voted", ballot, participant: by, option }, {}, { ...options, audience: [by], own });
    if (isFirst) {
      const voted = this.public.ballots[ballot].turnout + 1;
      this.happen(undefined, { kind: "turnout", ballot, voted }, { ballots: { [ballot]: { turnout: voted } } });
    }
    return told;
  }

  closeBallot(by, options) {
    const [id, ballot] = Object.entries(this.public.ballots).find(([, one]) => one.result === undefined);
    const votes = Object.fromEntries(Object.keys(ballot.options).map((option) => [option, 0]));
    for (const own of Object.values(this.own)) {
      const vote = own.votes?.[id];
      if (vote !== undefined) votes[vote.option] += 1;
    }
    return this.happen(by, { kind: "ballot_closed", ballot: id, votes }, { ballots: { [id]: { result: votes } } }, options);
  }

  /** The conference opens, and its first phase begins. */
  begin(at = new Date().toISOString()) {
    const moved = Object.entries(this.public.participants).filter(([, one]) => one.room === "foyer");
    const participants = Object.fromEntries(moved.map(([id]) => [id, { room: "plenary" }]));
    this.happen(undefined, { kind: "began", planned: at }, { schedule: { opens: null }, participants }, { at });
    if (Object.keys(this.public.schedule.phases).length > 0) this.beginPhase(1, at);
  }

  beginPhase(number, at = new Date().toISOString(), options = {}) {
    const { minutes } = this.public.schedule.phases[number];
    const ends = new Date(Date.parse(at) + minutes * MINUTE_MS).toISOString();
    const change = { schedule: { current: number, phases: { [number]: { began: at, ends } } } };
    return this.happen(undefined, { kind: "phase_began", phase: number, planned: at, ends }, change, { at, ...options });
  }

  endPhase(at = new Date().toISOString(), options = {}) {
    const number = this.public.schedule.current;
    const change = { schedule: { current: null, phases: { [number]: { ends: at } } } };
    return this.happen(undefined, { kind: "phase_ended", phase: number, planned: at }, change, { at, ...options });
  }

  movePhase(by, minutes, options) {
    const number = this.public.schedule.current;
    const before = Date.parse(this.public.schedule.phases[number].ends);
    const ends = new Date(Math.max(Date.now(), before + minutes * MINUTE_MS)).toISOString();
    return this.happen(by, { kind: "phase_moved", phase: number, ends }, { schedule: { phases: { [number]: { ends } } } }, options);
  }

  skipPhase(by, options) {
    const number = this.public.schedule.current;
    const told = this.endPhase(undefined, { ...options, by });
    if (this.public.schedule.phases[number + 1] !== undefined) this.beginPhase(number + 1);
    return told;
  }

  /** Carries out what the page wants; gives the number of the entry, or the code of a refusal. */
  act(by, body, command) {
    const options = { command };
    const code = this.refusal(by, body);
    if (code !== undefined) return { code };
    const seq = this.cursor + 1;
    switch (body.kind) {
      case "say":
        this.say(by, body.text, body.room ?? undefined, options);
        break;
      case "go":
        this.go(by, body.room, options);
        break;
      case "rename":
        this.happen(by, { kind: "renamed", participant: by, name: body.name }, { participants: { [by]: { name: body.name } } }, options);
        break;
      case "leave":
        this.happen(by, { kind: "left", participant: by }, { participants: { [by]: { takes_part: false } } }, options);
        break;
      case "ask_to_table":
        this.ask(by, body.people, options);
        break;
      case "accept_table":
        this.sit(by, body.table, undefined, options);
        break;
      case "decline_table":
        this.decline(by, body.table, options);
        break;
      case "leave_table":
        this.stand(by, options);
        break;
      case "open_ballot":
        this.openBallot(by, body.question, body.options, options);
        break;
      case "vote":
        this.vote(by, body.ballot, body.option, options);
        break;
      case "close_ballot":
        this.closeBallot(by, options);
        break;
      case "extend_phase":
      case "shorten_phase":
        this.movePhase(by, body.kind === "extend_phase" ? body.minutes : -body.minutes, options);
        break;
      case "skip_phase":
        this.skipPhase(by, options);
        break;
      case "add_room": {
        const number = (this.public.rooms?.added ?? 0) + 1;
        const names = { und: body.name };
        const change = { rooms: { added: number, open: { [`r${number}`]: { names, number } } } };
        this.happen(by, { kind: "room_added", room: `r${number}`, names }, change, options);
        break;
      }
      case "close_room": {
        const moved = Object.entries(this.public.participants).filter(([, one]) => one.room === body.room);
        const participants = Object.fromEntries(moved.map(([id]) => [id, { room: "plenary" }]));
        this.happen(by, { kind: "room_closed", room: body.room }, { rooms: { open: { [body.room]: null } }, participants }, options);
        break;
      }
      case "add_organizer":
      case "remove_organizer": {
        const role = body.kind === "add_organizer" ? "organizer" : "participant";
        const { participant } = body;
        this.happen(by, { kind: "role_changed", participant, role }, { participants: { [participant]: { role } } }, options);
        break;
      }
      case "remove": {
        const { participant } = body;
        const participants = { [participant]: { takes_part: false, removed: true } };
        const codes = { by_code: { CCCCCCCCCCCCCCCCCCCCCA: "participant", BBBBBBBBBBBBBBBBBBBBBB: "organizer" }, seq: this.cursor + 1 };
        const own = { whose: by, change: { codes: { ...codes, by_code: { AAAAAAAAAAAAAAAAAAAAAA: null, ...codes.by_code } } } };
        this.happen(by, { kind: "left", participant, removed: true }, { participants, doors_locked: true }, { ...options, own });
        break;
      }
      case "lock_doors":
        this.happen(by, { kind: "doors_locked" }, { doors_locked: true }, options);
        break;
      case "open_doors":
        this.happen(by, { kind: "doors_opened" }, { doors_locked: null }, options);
        break;
      case "make_link": {
        const code = "DDDDDDDDDDDDDDDDDDDDDA";
        const own = { whose: by, change: { link: { code, seq: this.cursor + 1 } } };
        this.happen(by, { kind: "link_told", participant: by, code }, {}, { ...options, audience: [by], own });
        break;
      }
      case "end":
        this.happen(by, { kind: "ended" }, { ended: true }, options);
        break;
      default:
        return { code: "command_unknown" };
    }
    return { seq };
  }

  refusal(by, body) {
    if (body.kind === "say") {
      const { speak } = this.may(by);
      const permit = speak[body.room ?? this.public.participants[by].room];
      if (permit === undefined) return "room_closed";
      if (!permit.allowed) return permit.code;
      return [...body.text].length > 4_000 ? "text_too_long" : undefined;
    }
    return this.may(by).acts[body.kind]?.code;
  }

  /** What the rules say, as far as stories come. */
  may(by) {
    const yes = { allowed: true };
    const no = (code) => ({ allowed: false, code });
    const me = this.public.participants[by];
    const leads = me.role === "organizer";
    const opens = this.public.schedule.opens;
    const notOpen = opens === undefined ? yes : { allowed: false, code: "not_open_yet", opens };
    const over = this.public.ended ? no("conference_ended") : undefined;
    const ballot = Object.values(this.public.ballots ?? {}).find((one) => one.result === undefined);
    const invited = Object.keys(this.own[by]?.invitations ?? {}).length > 0;
    const led = (permit) => over ?? (leads ? permit : no("not_organizer"));
    const phase = this.public.schedule.current === undefined ? no("no_phase") : yes;
    const sits = this.public.tables?.taken[me.room] !== undefined;
    const acts = {
      leave: over ?? yes,
      say: over ?? yes,
      end: led(yes),
      rename: over ?? yes,
      add_organizer: led(yes),
      remove_organizer: led(Object.values(this.public.participants).filter(({ role }) => role === "organizer").length > 1 ? yes : no("last_organizer")),
      go: over ?? yes,
      add_room: led(yes),
      close_room: led(yes),
      ask_to_table: over ?? yes,
      accept_table: over ?? (invited ? yes : no("not_asked")),
      decline_table: over ?? (invited ? yes : no("not_asked")),
      leave_table: over ?? (sits ? yes : no("not_at_table")),
      extend_phase: led(phase),
      shorten_phase: led(phase),
      skip_phase: led(phase),
      open_ballot: led(ballot === undefined ? yes : no("ballot_open")),
      vote: over ?? (ballot === undefined ? no("no_ballot") : yes),
      close_ballot: led(ballot === undefined ? no("no_ballot") : yes),
      remove: led(yes),
      lock_doors: led(yes),
      open_doors: led(yes),
      make_link: over ?? yes,
    };
    const speak = { plenary: over ?? notOpen, foyer: over ?? yes, news: no("room_closed") };
    speak.organizers = over ?? (leads ? yes : no("room_closed"));
    for (const id of Object.keys(this.public.rooms?.open ?? {})) speak[id] = over ?? notOpen;
    if (sits) speak[me.room] = over ?? yes;
    return { acts, speak };
  }

  isFixed(room) {
    return FIXED.includes(room);
  }
}
