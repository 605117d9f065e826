// What is drawn of a talk, row by row. Pure.

import type { Line } from "./talk";
import { dayKey } from "./time";

export interface Row {
  readonly key: string;
  readonly line: Line;
  /** Whether it is the first of its day. */
  readonly isNewDay: boolean;
  /** Whether the same person goes on: their name need not be shown again. */
  readonly isContinued: boolean;
}

/** How long somebody may be silent and still go on, in milliseconds. */
const PAUSE_MS = 5 * 60_000;

/** The rows of a stretch of lines. */
export function rowsOf(lines: readonly Line[], from: number, to: number, zone?: string): Row[] {
  const rows: Row[] = [];
  let before: Line | undefined = lines[from - 1];
  let day = before === undefined ? "" : dayKey(before.at, zone);
  for (let index = from; index < to; index += 1) {
    const line = lines[index];
    if (line === undefined) break;
    const isNear = before !== undefined && line.at - before.at < PAUSE_MS;
    // Days are told apart by their names only where one might have ended.
    const today = before !== undefined && isSameQuarter(before.at, line.at) ? day : dayKey(line.at, zone);
    const isNewDay = today !== day || index === 0;
    const isContinued = isNear && !isNewDay && line.by !== undefined && line.by === before?.by;
    rows.push({ key: `${line.seq}.${line.step}`, line, isNewDay, isContinued });
    [before, day] = [line, today];
  }
  return rows;
}

/** Days end at whole quarters of an hour of the world's clock, in every zone. */
function isSameQuarter(one: number, other: number): boolean {
  const quarter = 900_000;
  return Math.floor(one / quarter) === Math.floor(other / quarter);
}
