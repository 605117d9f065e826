// The talk of one conference: what was told lately of all rooms, and more of the room that is
// looked at. What lies further back or ahead is fetched in pages.

import type { ConferenceHistoryParams, Event } from "convene-client";
import type { Anchor } from "./anchor";
import * as slices from "./slice";
import * as talks from "./talk";
import type { Line, Page, Talk } from "./talk";

/** Reads a page of the past. */
export type ReadPage = (params: Omit<ConferenceHistoryParams, "conference">) => Promise<{
  events: Event[];
  after?: number;
  through: number;
  complete: boolean;
}>;

/** Lines of all rooms that are kept: what is unread is counted in them, and a room opens with them. */
const RECENT_MAX = 2_000;
/** Events of the first page, which is waited for: a screen of them is drawn at once. */
const FIRST_EVENTS = 24;
/** Events of each page before it. */
const PAGE_EVENTS = 500;
/** Pages of those that are fetched at the beginning, to count what is unread. */
const RECALLED_PAGES = 3;
/** Lines that a room is filled up to without being asked: a tall screen. */
const SCREEN_LINES = 40;
/** Pages that are fetched in a row for a room in which little is said. */
const PAGES_MAX = 10;
/** How long the server may take to give what is not on this computer, in milliseconds. */
const WAIT_MS = 10_000;

export class Talking {
  /** The room that is looked at. */
  talk = $state.raw<Talk>(talks.fresh("", 0));
  /** The lines of it that are drawn. */
  slice = $state.raw<slices.Slice>({ following: true });
  /** Messages that came while the reader was elsewhere in this room. */
  missed = $state(0);
  /** Whether a page is under way, in either direction. */
  loading = $state<"older" | "newer" | undefined>();
  /** Whether the last page did not come: the server is not reached. */
  failed = $state(false);
  /** What was told lately in all rooms. Replaced, never changed. */
  recent = $state.raw<Talk>(talks.fresh(talks.EVERYWHERE, 0));

  /** The row that a reader in the past sees first: they find it again when they come back. */
  place: Anchor | undefined;

  readonly #read: ReadPage;
  /** The last page, which was asked for before it was known where the conference is. */
  #last: Awaited<ReturnType<ReadPage>> | undefined;
  #cursor = 0;
  /** Whether the pages of the beginning are here: until then a room is not filled by itself. */
  #isRecalled = false;

  constructor(read: ReadPage) {
    this.#read = read;
  }

  /** Asks for the last page along with the conference, so that both are drawn at once. */
  async ask(): Promise<void> {
    try {
      this.#last = await this.#read({ newest: true, limit: FIRST_EVENTS });
    } catch {
      // It is asked for again once the conference is known.
    }
  }

  /** Begins at this number, up to which the conference is known, with the page that ends there. */
  async begin(cursor: number): Promise<void> {
    this.#cursor = cursor;
    this.recent = talks.fresh(talks.EVERYWHERE, cursor);
    const room = this.talk.room;
    this.talk = talks.fresh(room, cursor);
    const last = this.#last;
    this.#last = undefined;
    // It may have been read before what the conference was told with, or long behind it.
    const isThere = last !== undefined && (last.after ?? 0) <= cursor && cursor <= last.through;
    if (isThere) this.#prepend(pageOf(last));
    else await this.#recall(FIRST_EVENTS);
  }

  /** Fetches what unread messages are counted in, and what the screen still lacks. */
  async recall(): Promise<void> {
    for (let pages = 0; pages < RECALLED_PAGES && !this.recent.complete; pages += 1) {
      if (!(await this.#recall(PAGE_EVENTS))) break;
    }
    this.#isRecalled = true;
    await this.#fill();
  }

  /** Turns to a room. */
  open(room: string): void {
    if (room !== this.talk.room) this.#show(room);
  }

  /** Takes what happened, up to `cursor`. */
  take(lines: readonly Line[], cursor: number, me: string | undefined): void {
    this.#cursor = cursor;
    if (lines.length === 0) return;
    const all = [...this.recent.lines, ...lines];
    this.recent = talks.trimStart({ ...this.recent, lines: all }, RECENT_MAX);
    const before = this.talk;
    const mine = lines.filter((line) => talks.isIn(line, before.room));
    if (mine.length === 0) return;
    if (!this.slice.following) this.missed += mine.filter(({ by }) => by !== undefined && by !== me).length;
    const next = talks.told(before, mine);
    this.talk = this.slice.following
      ? talks.trimStart(next, talks.SHOWN_MAX)
      : talks.trimEnd(next, Math.max(talks.READING_MAX, before.lines.length));
  }

  passedOver(after: number, through: number): void {
    this.#cursor = through;
    this.recent = talks.fresh(talks.EVERYWHERE, through);
    this.talk = talks.passedOver(this.talk, after);
    if (this.slice.following) this.toEnd();
  }

  reset(to: number): void {
    this.#cursor = to;
    this.recent = talks.reset(this.recent, to);
    this.talk = talks.reset(this.talk, to);
    if (this.slice.following) void this.#fill();
  }

  /** The reader is at the end, or left it. */
  follow(isAtEnd: boolean): void {
    if (isAtEnd && talks.isLive(this.talk) && slices.range(this.talk.lines, this.slice).to === this.talk.lines.length) {
      if (!this.slice.following) this.slice = { following: true };
      this.talk = talks.trimStart(this.talk, talks.SHOWN_MAX);
      this.missed = 0;
    } else if (!isAtEnd) {
      this.slice = slices.held(this.talk.lines, this.slice);
    }
  }

  /** The reader nears the first line that is drawn. */
  async back(): Promise<void> {
    const next = slices.back(this.talk.lines, this.slice);
    const isFirst = slices.range(this.talk.lines, next).from === 0;
    this.slice = next;
    // What came lies before the drawn lines, and shows only with the next step.
    if (isFirst && !this.talk.complete && (await this.older())) this.slice = slices.back(this.talk.lines, this.slice);
  }

  /** The reader nears the last line that is drawn, and it is not the end. */
  async on(): Promise<void> {
    const { to } = slices.range(this.talk.lines, this.slice);
    if (to === this.talk.lines.length && !talks.isLive(this.talk)) await this.#newer();
    if (!this.slice.following) this.slice = slices.on(this.talk.lines, this.slice, false);
  }

  /** Goes to the end of the room. */
  toEnd(): void {
    if (!talks.isLive(this.talk)) return this.#show(this.talk.room);
    this.missed = 0;
    this.slice = { following: true };
    this.talk = talks.trimStart(this.talk, talks.SHOWN_MAX);
  }

  /** Fetches what lies before the first line. */
  async older(): Promise<boolean> {
    const { room, after, complete } = this.talk;
    if (complete || this.loading !== undefined) return false;
    const page = await this.#page("older", { through: after, newest: true, limit: PAGE_EVENTS, wait_ms: WAIT_MS });
    if (page === undefined || this.talk.room !== room || this.talk.after !== after) return false;
    this.talk = talks.older(this.talk, page);
    // A reader in the past looks at the beginning now, and the end can be fetched again.
    if (!this.slice.following) this.talk = talks.trimEnd(this.talk, talks.READING_MAX);
    return page.after < after;
  }

  async #newer(): Promise<void> {
    const { room, through } = this.talk;
    if (through === undefined || this.loading !== undefined) return;
    const page = await this.#page("newer", { after: through, newest: false, limit: PAGE_EVENTS, wait_ms: WAIT_MS });
    if (page === undefined || this.talk.room !== room || this.talk.through !== through) return;
    this.talk = talks.trimStart(talks.newer(this.talk, page, this.#cursor), talks.READING_MAX);
  }

  /** Shows the end of a room, as it was told lately. */
  #show(room: string): void {
    const lines = this.recent.lines.filter((line) => talks.isIn(line, room));
    this.talk = { room, lines, after: this.recent.after, complete: this.recent.complete };
    this.slice = { following: true };
    this.missed = 0;
    this.failed = false;
    this.place = undefined;
    void this.#fill();
  }

  /** Fetches what lies before everything that is known of all rooms. */
  async #recall(limit: number): Promise<boolean> {
    const { after } = this.recent;
    const page = await this.#page("older", { through: after, newest: true, limit, wait_ms: WAIT_MS });
    if (page === undefined || this.recent.after !== after) return false;
    this.#prepend(page);
    return page.after < after;
  }

  /** Takes what lies before everything that is known of all rooms. */
  #prepend(page: Page): void {
    const { after } = this.recent;
    const isSame = this.talk.after === after;
    this.recent = talks.older(this.recent, page);
    const isAtFirst = !this.slice.following && slices.range(this.talk.lines, this.slice).from === 0;
    if (isSame) this.talk = talks.trimStart(talks.older(this.talk, page), talks.SHOWN_MAX);
    // Somebody was at the first line before what lies before it was there.
    if (isSame && isAtFirst) this.slice = slices.back(this.talk.lines, this.slice);
  }

  /** Fetches until a screen is full, or there is no more. */
  async #fill(): Promise<void> {
    const { room } = this.talk;
    if (!this.#isRecalled) return;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const isFull = this.talk.lines.length >= SCREEN_LINES || this.talk.complete;
      if (room === "" || this.talk.room !== room || isFull || !(await this.older())) return;
    }
  }

  async #page(which: "older" | "newer", params: Parameters<ReadPage>[0]): Promise<Page | undefined> {
    this.loading = which;
    this.failed = false;
    try {
      const page = pageOf(await this.#read(params));
      this.failed = page.after === page.through && !page.complete;
      return this.failed ? undefined : page;
    } catch {
      this.failed = true;
      return undefined;
    } finally {
      this.loading = undefined;
    }
  }
}

function pageOf({ events, after, through, complete }: Awaited<ReturnType<ReadPage>>): Page {
  return { lines: talks.linesOf(events), after: after ?? 0, through, complete };
}
