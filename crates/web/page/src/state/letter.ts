// The letter to the administrator, of the same sentences and in the same form as `convene check
// --letter` writes it.

import type { AccessCheckRecord, Attempt } from "convene-client";
import type { Key } from "../keys";

/** Gives a sentence of one language, without marks around what is put in. */
export type Say = (key: Key, values?: Record<string, string>) => string;

/** The failures that a check saw, each once. */
export function failures(check: AccessCheckRecord): Attempt[] {
  const seen = new Set<string>();
  return check.steps.flatMap(({ attempt }) => {
    if (attempt == null) return [];
    const key = `${attempt.target} ${attempt.stage} ${attempt.code}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [attempt];
  });
}

/** Plain text, lines ended by `\n`. */
export function letter(check: AccessCheckRecord, say: Say): string {
  const attempts = failures(check);
  const values = { server: check.server, ports: check.ports, https: String(check.https_port) };
  const version = attempts.find(({ code }) => code === "version_unsupported");
  const key = version === undefined ? "letter" : letterKey(version.remedy);
  const lines = attempts.map(({ target, stage, code, ms, evidence }) => {
    const box = evidence?.name == null ? "" : `  ${inert(evidence.name)}`;
    return `  ${inert(target)}  ${stage}/${code}  ${ms} ms${box}`;
  });
  return [say(key, values), ...lines, ""].join("\n");
}

function letterKey(remedy: string): Key {
  switch (remedy) {
    case "update_program":
      return "letter-update_program";
    case "update_server":
      return "letter-update_server";
    default:
      return "letter";
  }
}

/** Characters of a `mailto:` address that every mail program takes. */
const MAILTO_MAX = 1_900;

/** A mail with the letter, to whom the configuration names; the text is left out where it is too long. */
export function mailto(contact: string | undefined, subject: string, text: string): string {
  const to = contact !== undefined && /^[^\s@<>"]+@[^\s@<>"]+$/.test(contact) ? encodeURIComponent(contact) : "";
  const start = `mailto:${to.replace("%40", "@")}?subject=${encodeURIComponent(subject)}`;
  const whole = `${start}&body=${encodeURIComponent(text.replaceAll("\n", "\r\n"))}`;
  return whole.length <= MAILTO_MAX ? whole : start;
}

/** A text from elsewhere without what moves a terminal or turns a line: as the Rust programs do. */
export function inert(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, " ");
}
