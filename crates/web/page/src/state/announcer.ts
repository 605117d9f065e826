// What a screen reader is told of talk: one message as it is, a burst as one sentence. Pure: time
// comes in.

/** A message that nobody has been told of. */
export interface Heard {
  readonly by: string;
  readonly text: string;
}

export interface Announcer {
  readonly waiting: readonly Heard[];
  /** How many there are beside those that are kept. */
  readonly more: number;
  /** When the first of them came. */
  readonly since: number;
  /** When the last of them came. */
  readonly last: number;
}

export const SILENT: Announcer = { waiting: [], more: 0, since: 0, last: 0 };

/** How long it is quiet before something is told: people write in several messages. */
const QUIET_MS = 1_000;
/** The longest that somebody waits to be told of a burst. */
const BURST_MS = 5_000;
/** Messages that are kept to count their authors. */
const KEPT_MAX = 100;
/** Characters of a message that are read out: the rest can be read in the talk. */
const READ_MAX = 300;

export function heard(announcer: Announcer, messages: readonly Heard[], now: number): Announcer {
  if (messages.length === 0) return announcer;
  const isFirst = announcer.waiting.length === 0;
  const room = Math.max(0, KEPT_MAX - announcer.waiting.length);
  const kept = messages.slice(0, room);
  return {
    waiting: [...announcer.waiting, ...kept],
    more: announcer.more + messages.length - kept.length,
    since: isFirst ? now : announcer.since,
    last: now,
  };
}

/** When to tell; none, while there is nothing to tell. */
export function due(announcer: Announcer): number | undefined {
  if (announcer.waiting.length === 0) return undefined;
  return Math.min(announcer.last + QUIET_MS, announcer.since + BURST_MS);
}

/** What to tell: one message, or how many of how many people. */
export type Digest =
  | { readonly kind: "one"; readonly by: string; readonly text: string }
  | { readonly kind: "many"; readonly count: number; readonly people: number };

export function digest(announcer: Announcer): Digest | undefined {
  const [first] = announcer.waiting;
  if (first === undefined) return undefined;
  const count = announcer.waiting.length + announcer.more;
  if (count === 1) return { kind: "one", by: first.by, text: first.text.slice(0, READ_MAX) };
  const people = new Set(announcer.waiting.map(({ by }) => by)).size;
  return { kind: "many", count, people };
}
