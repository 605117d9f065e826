// What is typed to join, checked while it is typed. Pure.

import { findJoinLink, type Found } from "./links";

/** How long one answer is waited for, in milliseconds; the daemon goes on trying behind it. */
export const JOIN_WAIT_MS = 20_000;
/** Characters of a display name. */
const NAME_MAX = 60;

export type NameProblem = "empty" | "long" | "control";

/** What is wrong with a name; the server has the last word. */
export function nameProblem(name: string): NameProblem | undefined {
  const trimmed = name.trim();
  if (trimmed === "") return "empty";
  if ([...trimmed.normalize("NFC")].length > NAME_MAX) return "long";
  return /\p{Cc}/u.test(trimmed) ? "control" : undefined;
}

export interface Joining {
  readonly link: Found;
  readonly name: NameProblem | undefined;
  /** Whether it can be tried. */
  readonly isReady: boolean;
}

export function check(pasted: string, name: string): Joining {
  const link = findJoinLink(pasted);
  const problem = nameProblem(name);
  return { link, name: problem, isReady: "link" in link && problem === undefined };
}
