// One room's talk as far as it is held here: a bounded stretch of its lines, which knows where it
// ends on both sides. What lies beyond is fetched again by `conference.history`. Everything here
// is pure: each function gives a new stretch.

import type { Body, Event } from "convene-client";

/** One line of the talk. */
export interface Line {
  /** The number of its entry, and its place in it: together they order lines. */
  readonly seq: number;
  readonly step: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  /** Who spoke; left out where nobody did. */
  readonly by?: string;
  /** The command that it came of. */
  readonly command?: string;
  /** The room in which it was said; left out for what concerns everybody. */
  readonly room?: string;
  /** What was said. */
  readonly text: string;
  /** What happened, where nobody spoke. */
  readonly notice?: Body;
}

/** The lines of one room, above `after` and up to its end. */
export interface Talk {
  readonly room: string;
  readonly lines: readonly Line[];
  /** All lines above this number are here. */
  readonly after: number;
  /** And up to this one. Left out, the talk is live: up to whatever was told last. */
  readonly through?: number;
  /** Whether it begins with the conference: nothing lies before. */
  readonly complete: boolean;
}

/** Lines of a room that is looked at, while its reader is at the end: some screens to go back. */
export const SHOWN_MAX = 600;
/** Lines of a room that is looked at while its reader is in the past. */
export const READING_MAX = 1_000;

/** Stands for all rooms, as the room of a talk. */
export const EVERYWHERE = "*";

/** What is told to everybody, whichever room they look at. */
const NOTICES: ReadonlySet<string> = new Set([
  "began",
  "phase_began",
  "phase_ended",
  "phase_moved",
  "ballot_opened",
  "ballot_closed",
  "room_added",
  "room_closed",
  "ended",
]);

/** The line that an event makes; none, where it is nothing to read. */
export function lineOf(event: Event): Line | undefined {
  const { body } = event;
  const place = { seq: event.seq, step: event.step ?? 1, at: Date.parse(event.at) };
  if (body.kind === "said") {
    const by = event.by ?? undefined;
    const command = event.command ?? undefined;
    return {
      ...place,
      room: body.room,
      text: body.text,
      ...(by === undefined ? {} : { by }),
      ...(command === undefined ? {} : { command }),
    };
  }
  return NOTICES.has(body.kind) ? { ...place, text: "", notice: body } : undefined;
}

/** The lines of events, in order. */
export function linesOf(events: readonly Event[]): Line[] {
  const lines: Line[] = [];
  for (const event of events) {
    const line = lineOf(event);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

/** Whether a line is read in a room. */
export function isIn(line: Line, room: string): boolean {
  return line.room === undefined || line.room === room || room === EVERYWHERE;
}

/** A talk of which nothing is known yet, from this number on. */
export function fresh(room: string, cursor: number): Talk {
  return { room, lines: [], after: cursor, complete: cursor === 0 };
}

export function isLive(talk: Talk): boolean {
  return talk.through === undefined;
}

/** Takes lines that were just told. A talk that is not live does not see them. */
export function told(talk: Talk, lines: readonly Line[]): Talk {
  if (!isLive(talk)) return talk;
  const last = talk.lines[talk.lines.length - 1];
  const mine = lines.filter((line) => isIn(line, talk.room) && (last === undefined || isBehind(line, last)));
  return mine.length === 0 ? talk : { ...talk, lines: [...talk.lines, ...mine] };
}

/** A page of `conference.history`. */
export interface Page {
  readonly lines: readonly Line[];
  readonly after: number;
  readonly through: number;
  readonly complete: boolean;
}

/** Takes the page before the first line: one that was read newest first, up to `talk.after`. */
export function older(talk: Talk, page: Page): Talk {
  const mine = page.lines.filter((line) => isIn(line, talk.room) && line.seq <= talk.after);
  return { ...talk, lines: [...mine, ...talk.lines], after: page.after, complete: page.complete };
}

/**
 * Takes the page behind the last line: one that was read oldest first, after `talk.through`. At
 * `cursor`, the number that was told last, the talk is live again.
 */
export function newer(talk: Talk, page: Page, cursor: number): Talk {
  const { through: before, ...rest } = talk;
  if (before === undefined) return talk;
  const mine = page.lines.filter((line) => isIn(line, talk.room) && line.seq > before);
  const lines = [...talk.lines, ...mine];
  return page.through >= cursor || page.complete ? { ...rest, lines } : { ...rest, lines, through: page.through };
}

/** Lets the oldest lines go, so that at most `max` stay. Entries are never torn. */
export function trimStart(talk: Talk, max: number): Talk {
  const surplus = talk.lines.length - max;
  if (surplus <= 0) return talk;
  let first = surplus;
  const dropped = talk.lines[first - 1];
  while (first < talk.lines.length && talk.lines[first]?.seq === dropped?.seq) first += 1;
  const after = talk.lines[first - 1]?.seq ?? talk.after;
  return { ...talk, lines: talk.lines.slice(first), after, complete: false };
}

/** Lets the newest lines go, so that at most `max` stay: the talk is not live then. */
export function trimEnd(talk: Talk, max: number): Talk {
  if (talk.lines.length <= max) return talk;
  let end = max;
  const dropped = talk.lines[end];
  while (end > 0 && talk.lines[end - 1]?.seq === dropped?.seq) end -= 1;
  const last = talk.lines[end - 1];
  return { ...talk, lines: talk.lines.slice(0, end), through: last?.seq ?? talk.after };
}

/**
 * Everything above `after` was passed over, so a live talk ends there. The part behind it is
 * fetched when somebody reads on.
 */
export function passedOver(talk: Talk, after: number): Talk {
  return isLive(talk) ? { ...talk, through: Math.max(after, talk.after) } : talk;
}

/** What was told above `cursor` is void. */
export function reset(talk: Talk, cursor: number): Talk {
  if (talk.after > cursor) return fresh(talk.room, cursor);
  const { through, ...rest } = talk;
  const lines = talk.lines.filter((line) => line.seq <= cursor);
  return through === undefined || through >= cursor ? { ...rest, lines } : { ...rest, lines, through };
}

/** Whether a line stands behind another one. */
export function isBehind(line: Line, other: Line): boolean {
  return line.seq > other.seq || (line.seq === other.seq && line.step > other.step);
}
