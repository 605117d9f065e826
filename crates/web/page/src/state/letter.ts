// The letter to the administrator, of the same sentences and in the same form as `convene check
// --letter` writes it.

import type { AccessCheckRecord, Attempt } from "convene-client";
import type { Key } from "../keys";
import { addressee, decisive } from "./remedies";
import { clock, dayKey } from "./time";

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

/**
 * Plain text, lines ended by `\n`, times in `zone` or else in that of this browser; none where no
 * administrator of this machine or its network can change anything.
 */
export function letter(check: AccessCheckRecord, say: Say, zone?: string): string | undefined {
  const attempts = failures(check);
  const cause = decisive(attempts);
  if (cause === undefined || addressee(cause) !== "administrator") return undefined;
  const values = { server: check.server, ports: check.ports, https: String(check.https_port) };
  const lines = grouped(attempts).map(({ target, stage, code, ms, evidence }) => {
    const fields = { target: inert(target), stage: say(`stage-${stage}` as Key), code: say(`code-${code}` as Key), ms: String(ms) };
    const box = evidence?.name == null ? "" : ` ${say("seen", { name: inert(evidence.name) })}`;
    return say("letter-line", fields) + box;
  });
  const machine = check.machine === undefined || check.machine === "" ? [] : [say("letter-machine", { machine: inert(check.machine) })];
  const version = check.version === undefined || check.version === "" ? [] : [say("letter-version", { version: check.version })];
  return [
    ...(check.contact == null ? [] : [say("letter-to", { contact: inert(check.contact) })]),
    say("letter-subject", values),
    "",
    say(letterKey(cause.remedy), values),
    "",
    say("letter-tried", { time: moment(check.ended ?? check.began, zone) }),
    "",
    ...lines,
    "",
    ...machine,
    ...version,
    "",
    say("letter-end", values),
    "",
  ].join("\n");
}

function letterKey(remedy: string): Key {
  switch (remedy) {
    case "update_program":
      return "letter-update_program";
    case "add_inspection_certificate":
      return "letter-add_inspection_certificate";
    default:
      return "letter";
  }
}

/** `2026-12-01 09:00` in this zone, which both languages read. */
function moment(text: string, zone: string | undefined): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? inert(text) : `${dayKey(at, zone)} ${clock(at, "en", zone)}`;
}

/** The failures, with those as one that differ in the port alone: as `Attempt::grouped` of `model`. */
export function grouped(attempts: readonly Attempt[]): Attempt[] {
  const groups = new Map<string, { attempt: Attempt; host: string; via: string; ports: number[] }>();
  for (const attempt of attempts) {
    const [, host, port, via = ""] = /^(\S+):([0-9]+)( .*)?$/s.exec(attempt.target) ?? [];
    const isOfPort = host !== undefined && port !== undefined;
    const { stage, code, remedy, evidence } = attempt;
    const key = isOfPort ? JSON.stringify([host, via, stage, code, remedy, evidence ?? null]) : `${groups.size}`;
    const known = groups.get(key);
    if (known === undefined) {
      groups.set(key, { attempt, host: host ?? "", via, ports: isOfPort ? [Number(port)] : [] });
    } else {
      known.ports.push(Number(port));
      if (attempt.ms > known.attempt.ms) known.attempt = { ...known.attempt, ms: attempt.ms };
    }
  }
  return [...groups.values()].map(({ attempt, host, via, ports }) =>
    ports.length === 0 ? attempt : { ...attempt, target: `${host}:${listed(ports)}${via}` },
  );
}

/** Ports in order, neighbours as a range: `443, 4500-4506`. */
function listed(ports: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const port of [...new Set(ports)].sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] + 1 === port) range[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
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
