// One conference as it is watched: what it is, who is there, what is said and what waits.

import { DaemonError, type Client, type Command, type ConferenceWatch, type Event } from "convene-client";
import * as announcer from "./announcer";
import { drawn, perFrame } from "./frame";
import * as pending from "./pending";
import type { Pending } from "./pending";
import { everyone, type Person } from "./people";
import { isTable, PLENARY } from "./places";
import * as talks from "./talk";
import type { Line } from "./talk";
import { Talking } from "./talking.svelte";
import { byName } from "./time";
import type { May, Own, Public } from "./types";
import * as reading from "./unread";
import { Writings } from "./writing.svelte";

/** How long the last page is waited for, to be drawn with the conference, in milliseconds. */
const LAST_PAGE_MS = 100;
/** How long nothing is said of a conference that is there in a moment, in milliseconds. */
const SLOW_MS = 200;
/** How often lists of people are made anew while people come and go, in milliseconds. */
const PEOPLE_MS = 250;
/** Commands whose events came before their receipts. */
const SEEN_MAX = 256;
/** The key under which it is remembered what was read. */
export const MARKS = "page:read";

export class Conference {
  readonly name: string;
  readonly watch: ConferenceWatch;
  readonly talking: Talking;
  readonly writings: Writings;

  shared = $state.raw<Public | undefined>();
  own = $state.raw<Own>({});
  may = $state.raw<May | undefined>();
  me = $state<string | undefined>();
  seat = $state<string | undefined>();
  code = $state<string | undefined>();
  otherLog = $state<string | undefined>();
  error = $state.raw<Error | undefined>();
  isLive = $state(false);
  /** Whether it took so long that the page says what it waits for. */
  isSlow = $state(false);
  /** Milliseconds by which the server's clock is ahead of this machine's. */
  offset = $state(0);
  people = $state.raw<Person[]>([]);
  pendings = $state.raw<Pending[]>([]);
  announcer = $state.raw(announcer.SILENT);
  /** What the facilitator said last, since this page looks. */
  notice = $state.raw<Line | undefined>();
  /** The number at which the conference was first known here. */
  #first = $state(0);

  readonly #marksText: string = $derived.by(() => this.writings.of(MARKS).text);
  readonly #marks: reading.Marks = $derived(reading.parse(this.#marksText));
  /** By room, what was not read. */
  readonly unread: Map<string, number> = $derived.by(() =>
    reading.unread(this.talking.recent.lines, this.#marks, this.#first, this.me),
  );

  readonly #client: Client;
  #begun: pending.AllBegun = new Map();
  #seen = new Set<string>();
  /** Settled once the last command is at the daemon, or failed. */
  #taken: Promise<unknown> = Promise.resolve();
  #events: Event[] = [];
  #hasBegun = false;
  /** Whether the conference waits to be drawn with the end of its talk. */
  #isHeld = true;
  readonly #heldTimer = setTimeout(() => this.#release(), LAST_PAGE_MS);
  #language: string;
  #peopleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #slowTimer = setTimeout(() => (this.isSlow = true), SLOW_MS);
  #participants: Public["participants"] | undefined;
  #online: readonly string[] | undefined;
  readonly #flush = perFrame(() => this.#take());

  constructor(client: Client, name: string, language: string) {
    this.#client = client;
    this.name = name;
    this.#language = language;
    this.talking = new Talking((params) => client.call("conference.history", { conference: name, ...params }));
    this.writings = new Writings(client, name, (key, one, other) =>
      key === MARKS ? reading.write(reading.merged(reading.parse(one), reading.parse(other))) : undefined,
    );
    this.watch = client.watch(name);
    this.watch.on("change", () => this.#flush());
    this.watch.on("events", (events) => {
      this.#events.push(...events);
      this.#flush();
    });
    this.watch.on("passedOver", ({ after, through }) => {
      this.#release();
      this.talking.passedOver(after, through);
    });
    this.watch.on("reset", ({ to }) => {
      this.#release();
      this.talking.reset(to);
    });
    void this.talking.ask().then(() => this.#release());
    this.#flush();
  }

  /** Where the participant stands. */
  get room(): string {
    return this.shared?.participants[this.me ?? ""]?.room ?? PLENARY;
  }

  get isOrganizer(): boolean {
    return this.shared?.participants[this.me ?? ""]?.role === "organizer";
  }

  /** The server's time now. */
  now(): number {
    return Date.now() + this.offset;
  }

  nameOf(id: string | undefined): string {
    return this.shared?.participants[id ?? ""]?.name ?? "";
  }

  setLanguage(language: string): void {
    this.#language = language;
    this.#listPeople();
  }

  /**
   * Wants something. It is safe once this resolves; otherwise the daemon did not take it, and the
   * caller has the text still.
   */
  async act(body: Command, id = this.#client.randomUUID()): Promise<void> {
    this.#begun = pending.begin(this.#begun, id, body);
    this.#showPendings();
    // The daemon works on requests beside one another: only what was taken has its place in the order.
    const taken = this.#taken.then(() => this.watch.act(body, { id }));
    this.#taken = taken.catch(() => {});
    try {
      const answer = await taken;
      this.#begun = pending.answered(this.#begun, answer);
    } catch (error) {
      this.#begun = pending.forget(this.#begun, id);
      throw error;
    } finally {
      this.#showPendings();
    }
  }

  /** Lets a text that came back go. */
  async dismiss({ id, standing }: Pending): Promise<void> {
    if (standing === "unsure") {
      this.#begun = pending.forget(this.#begun, id);
      this.#showPendings();
    } else {
      await this.watch.dismiss(id);
    }
  }

  /** The room is read up to its end, as far as it is shown. */
  markRead(): void {
    const { lines, room } = this.talking.talk;
    const last = lines[lines.length - 1];
    const isAtEnd = this.writings.isLoaded && room !== "" && this.talking.slice.following;
    if (last === undefined || !isAtEnd) return;
    const marks = reading.merged({ [reading.FIRST]: this.#first }, this.#marks);
    const next = reading.read(marks, room, last.seq);
    const text = reading.write(reading.read(next, reading.VISITED, this.watch.point?.number ?? last.seq));
    if (text !== this.#marksText) this.writings.type(MARKS, text);
  }

  /** The digest of what was heard was told. */
  announced(): void {
    this.announcer = announcer.SILENT;
  }

  stop(): void {
    clearTimeout(this.#peopleTimer);
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#heldTimer);
    this.watch.stop();
    this.writings.stop();
  }

  #release(): void {
    clearTimeout(this.#heldTimer);
    this.#isHeld = false;
    this.#take();
  }

  #take(): void {
    const { watch } = this;
    if (this.#isHeld && watch.state !== undefined) return;
    this.seat = watch.seat;
    this.code = watch.code;
    this.otherLog = watch.otherLog;
    this.error = watch.error;
    this.isLive = watch.isLive;
    this.me = watch.participant;
    this.may = watch.may;
    this.offset = watch.clockOffsetMs ?? 0;
    if (watch.state !== undefined) {
      this.shared = watch.state.public;
      this.own = watch.state.own;
    }
    if (this.#participants !== watch.state?.public.participants || this.#online !== watch.online) {
      const isTold = (this.#online === undefined) !== (watch.online === undefined);
      this.#participants = watch.state?.public.participants;
      this.#online = watch.online;
      // Where it was not known who is connected, or is not any more, nothing that is shown holds.
      if (isTold && this.people.length > 0) this.#listPeople();
      else this.#listPeopleSoon();
    }
    this.#takeEvents();
    this.#showPendings();
    if (!this.#hasBegun && watch.state !== undefined) void this.#begin();
  }

  /** The end of the talk is drawn before all else: it is what a conference is opened for. */
  async #begin(): Promise<void> {
    this.#hasBegun = true;
    const cursor = this.watch.point?.number ?? 0;
    this.#first = cursor;
    this.#listPeopleSoon();
    await this.talking.begin(cursor);
    await drawn();
    if (this.#peopleTimer !== undefined) this.#listPeople();
    await this.talking.recall();
  }

  #takeEvents(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    const cursor = events[events.length - 1]?.seq ?? 0;
    for (const { command } of events) if (command != null) this.#seen.add(command);
    while (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.values().next().value ?? "");
    this.#begun = pending.told(this.#begun, cursor);
    const lines = talks.linesOf(events);
    if (this.#hasBegun) this.talking.take(lines, cursor, this.me);
    this.notice = lines.filter(({ notice }) => notice !== undefined).at(-1) ?? this.notice;
    const heard = lines.filter(({ room, by }) => room === this.talking.talk.room && by !== undefined && by !== this.me);
    const messages = heard.map(({ by, text }) => ({ by: this.nameOf(by), text }));
    this.announcer = announcer.heard(this.announcer, messages, Date.now());
  }

  #showPendings(): void {
    const next = pending.pendings(this.watch.kept, this.#begun, this.#seen);
    if (next.length > 0 || this.pendings.length > 0) this.pendings = next;
  }

  #listPeopleSoon(): void {
    this.#peopleTimer ??= setTimeout(() => this.#listPeople(), PEOPLE_MS);
  }

  #listPeople(): void {
    clearTimeout(this.#peopleTimer);
    this.#peopleTimer = undefined;
    const online = this.#online === undefined ? undefined : new Set(this.#online);
    this.people = everyone(this.#participants ?? {}, online, byName(this.#language));
  }

  /** Whether this room is there for this participant: open, fixed, or a table where they sit. */
  isPlace(room: string): boolean {
    const { shared } = this;
    if (shared === undefined) return false;
    return isTable(room, shared) ? shared.tables?.taken[room] !== undefined : this.may?.speak[room] !== undefined;
  }
}

/** The word of an error, by which its sentence is found. */
export function wordOf(error: unknown): string {
  if (error instanceof DaemonError) {
    const refusal = error.data["refusal"];
    return error.word === "refused" && typeof refusal === "string" ? refusal : error.word;
  }
  return "disconnected";
}
