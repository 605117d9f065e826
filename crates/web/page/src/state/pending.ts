// Commands that are not in the conference yet, or whose text came back. Pure: each function gives
// new maps.

import type { Command, ConferenceActResult, Kept } from "convene-client";

/** How a command stands. */
export type Standing =
  /** On this computer, on its way to the server. */
  | "waiting"
  /** The server has it; its event is about to come. */
  | "sent"
  /** The server does not take it. */
  | "refused"
  /** The server had it, and was set back to a backup that does not. */
  | "lost"
  /** The disk failed: whether this computer keeps it is not known. */
  | "unsure";

export interface Pending {
  readonly id: string;
  readonly body: Command;
  readonly standing: Standing;
  /** Why it was refused. */
  readonly code?: string;
  /** When the conference opens, where that is why. */
  readonly opens?: string;
}

/** A command that this page asked for, until the watch tells of it. */
export interface Begun {
  readonly id: string;
  readonly body: Command;
  readonly standing: "waiting" | "sent" | "unsure";
  /** The number of its entry, once it has one. */
  readonly seq?: number;
}

export type AllBegun = ReadonlyMap<string, Begun>;

export function begin(all: AllBegun, id: string, body: Command): AllBegun {
  return new Map(all).set(id, { id, body, standing: "waiting" });
}

/** The daemon answered. What it keeps or refuses is told by the watch. */
export function answered(all: AllBegun, answer: ConferenceActResult): AllBegun {
  const begun = all.get(answer.command);
  if (begun === undefined) return all;
  switch (answer.state) {
    case "accepted":
      return new Map(all).set(begun.id, { ...begun, standing: "sent", seq: answer.seq ?? 0 });
    case "unsure":
      return new Map(all).set(begun.id, { ...begun, standing: "unsure" });
    default:
      return forget(all, begun.id);
  }
}

export function forget(all: AllBegun, id: string): AllBegun {
  if (!all.has(id)) return all;
  const next = new Map(all);
  next.delete(id);
  return next;
}

/** Everything up to `cursor` is told: what was sent up to there is in the talk now. */
export function told(all: AllBegun, cursor: number): AllBegun {
  const over = [...all.values()].filter(({ standing, seq }) => standing === "sent" && (seq ?? 0) <= cursor);
  return over.reduce((rest, { id }) => forget(rest, id), all);
}

/**
 * Everything that is to be shown as not done yet: what the daemon keeps, then what it has not
 * answered. `seen` are commands whose events were told already: their receipts come behind them.
 */
export function pendings(kept: ReadonlyMap<string, Kept>, begun: AllBegun, seen: ReadonlySet<string>): Pending[] {
  const shown: Pending[] = [];
  for (const { command, body, is, code, opens } of kept.values()) {
    if (is === "waiting" && seen.has(command)) continue;
    const why = { ...(code === undefined ? {} : { code }), ...(opens === undefined ? {} : { opens }) };
    shown.push({ id: command, body, standing: is, ...why });
  }
  for (const { id, body, standing } of begun.values()) {
    if (!kept.has(id) && !seen.has(id)) shown.push({ id, body, standing });
  }
  return shown;
}

/** What is to be shown at the end of a room's talk. */
export function inRoom(all: readonly Pending[], room: string): Pending[] {
  return all.filter(({ body }) => body.kind === "say" && body.room === room);
}

/**
 * What came back and stands in no talk that is shown: everything but messages, and messages for
 * rooms that are gone.
 */
export function returned(all: readonly Pending[], isShown: (room: string) => boolean): Pending[] {
  return all.filter(({ body, standing }) => {
    const isBack = standing !== "waiting" && standing !== "sent";
    const isInTalk = body.kind === "say" && body.room != null && isShown(body.room);
    return isBack && !isInTalk;
  });
}

/** Whether a command of this kind is on its way. */
export function isUnderWay(all: readonly Pending[], kind: Command["kind"]): boolean {
  return all.some(({ body, standing }) => body.kind === kind && (standing === "waiting" || standing === "sent"));
}
