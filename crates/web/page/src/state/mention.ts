// Names behind an `@`: found while they are typed, completed by Tab. Pure.

import { mentionable, type Person } from "./people";

/** A name that is being typed. */
export interface Mention {
  /** Where the `@` stands. */
  readonly start: number;
  readonly typed: string;
}

/** Characters of a name that are looked at behind an `@`. */
const TYPED_MAX = 60;

/** The name before the caret; none, where no name is being typed. */
export function mentionAt(text: string, caret: number): Mention | undefined {
  const before = text.slice(Math.max(0, caret - TYPED_MAX - 1), caret);
  const match = /(?:^|[\s(„“"'])@([^\n@]*)$/u.exec(before);
  const typed = match?.[1];
  return typed === undefined ? undefined : { start: caret - typed.length - 1, typed };
}

/** Those who may be meant, best first. */
export function candidates(people: readonly Person[], mention: Mention | undefined, me: string | undefined): Person[] {
  if (mention === undefined) return [];
  return mentionable(people, mention.typed).filter(({ id }) => id !== me).slice(0, CANDIDATES_MAX);
}

/** As many as fit into one line below the field. */
const CANDIDATES_MAX = 5;

/** The text with the name in it, and where the caret stands then. */
export function completed(text: string, caret: number, mention: Mention, name: string): { text: string; caret: number } {
  const start = `${text.slice(0, mention.start)}@${name} `;
  return { text: start + text.slice(caret).replace(/^ /, ""), caret: start.length };
}

/** Whether a text speaks to somebody by name. */
export function speaksTo(text: string, name: string): boolean {
  return name !== "" && text.includes(`@${name}`);
}

/** A message as it is quoted in an answer: its beginning, each line marked. */
export function quoted(name: string, text: string): string {
  const short = text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX).trimEnd()}…` : text;
  return `${short
    .split("\n")
    .map((line, index) => `> ${index === 0 ? `${name}: ` : ""}${line}`)
    .join("\n")}\n`;
}

/** Characters of a quotation: enough to know which message is meant. */
const QUOTE_MAX = 200;
