// What one has read of each room, and how much one has not. Pure.

import type { Line } from "./talk";

/** By room, the number of the last entry that was read. Rooms that are not named were never read. */
export type Marks = Readonly<Record<string, number>>;

/** Rooms of which it is remembered: all that may be open, and the latest tables. */
const MARKS_MAX = 200;

/** The mark of rooms that were never opened: where this participant first looked. */
export const FIRST = "*";
/** The mark of the whole conference: the last entry that was known while the page was open. */
export const VISITED = ".";

/** How many messages of others stand behind the mark of each room; all of the past counts as read. */
export function unread(lines: readonly Line[], marks: Marks, now: number, me: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  const begin = marks[FIRST] ?? now;
  for (const { room, by, seq } of lines) {
    if (room === undefined || by === undefined || by === me) continue;
    if (seq > (marks[room] ?? begin)) counts.set(room, (counts.get(room) ?? 0) + 1);
  }
  return counts;
}

/** A room was read up to this entry. */
export function read(marks: Marks, room: string, seq: number): Marks {
  return (marks[room] ?? 0) >= seq ? marks : { ...marks, [room]: seq };
}

/** Whether something happened since the page was open here; never, where it never was. */
export function hasNews(marks: Marks, cursor: number): boolean {
  const visited = marks[VISITED];
  return visited !== undefined && cursor > visited;
}

/** What two windows remember, as one. */
export function merged(one: Marks, other: Marks): Marks {
  const all: Record<string, number> = { ...one };
  for (const [room, seq] of Object.entries(other)) {
    const mine = all[room] ?? seq;
    all[room] = room === FIRST ? Math.min(mine, seq) : Math.max(mine, seq);
  }
  return all;
}

/** As it is remembered: what was read last, if there is too much. */
export function write(marks: Marks): string {
  const rank = ([room, seq]: [string, number]) => (room === FIRST || room === VISITED ? Infinity : seq);
  const entries = Object.entries(marks).sort((one, other) => rank(other) - rank(one));
  return JSON.stringify(Object.fromEntries(entries.slice(0, MARKS_MAX)));
}

/** As it was remembered; empty, where that cannot be read. */
export function parse(text: string): Marks {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    const entries = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}
