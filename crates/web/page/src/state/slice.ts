// Which lines of a talk are drawn: those at its end while the reader is there, otherwise a stretch
// around the place that they read. The browser never holds more than a few screens of them.

import type { Line } from "./talk";

/** The place of the drawn stretch. */
export type Slice =
  /** At the end, which is followed. */
  | { readonly following: true }
  /** From this line on. */
  | { readonly following: false; readonly seq: number; readonly step: number };

/** Lines drawn at the end: two tall screens of short ones. */
export const FOLLOWED = 80;
/** Lines drawn in the past: room to scroll in both directions. */
export const DRAWN_MAX = 160;
/** By how many lines the stretch moves. */
export const STEP = 40;

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The lines to draw, as indexes. */
export function range(lines: readonly Line[], slice: Slice): Range {
  if (slice.following) return { from: Math.max(0, lines.length - FOLLOWED), to: lines.length };
  const from = indexOf(lines, slice.seq, slice.step);
  return { from, to: Math.min(lines.length, from + DRAWN_MAX) };
}

/** The stretch a step further back; the same one, where no line lies before. */
export function back(lines: readonly Line[], slice: Slice): Slice {
  const { from } = range(lines, slice);
  return from === 0 && !slice.following ? slice : at(lines, from - STEP);
}

/** The stretch a step further on; it follows the end, where it reaches it. */
export function on(lines: readonly Line[], slice: Slice, isLive: boolean): Slice {
  const { from, to } = range(lines, slice);
  if (to < lines.length) return at(lines, from + STEP);
  return isLive ? { following: true } : slice;
}

/** The stretch that is drawn now, held where it is: for a reader who left the end. */
export function held(lines: readonly Line[], slice: Slice): Slice {
  return slice.following ? at(lines, range(lines, slice).from) : slice;
}

function at(lines: readonly Line[], index: number): Slice {
  const line = lines[Math.min(Math.max(0, index), lines.length - 1)];
  return { following: false, seq: line?.seq ?? 0, step: line?.step ?? 0 };
}

/** The index of the first line at or behind a place. */
function indexOf(lines: readonly Line[], seq: number, step: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    const isBefore = line !== undefined && (line.seq < seq || (line.seq === seq && line.step < step));
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
