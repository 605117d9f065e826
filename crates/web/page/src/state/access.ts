// The steps of an access check, as lines: ports of which the same is to be said are one line. Pure.

import type { AccessCheckRecord, AccessStep } from "convene-client";

/** The outcomes that have a sentence. */
export type Verdict = "green" | "yellow" | "red";

/** An outcome, where this version knows it. */
export function verdictOf(word: string | null | undefined): Verdict | undefined {
  return word === "green" || word === "yellow" || word === "red" ? word : undefined;
}

export interface StepLine {
  readonly step: AccessStep;
  /** The ports that it is about, as `4500` or `4500-4506`. */
  readonly ports?: string;
}

export function lines({ steps }: AccessCheckRecord): StepLine[] {
  const all: StepLine[] = [];
  for (const step of steps) {
    const before = all[all.length - 1];
    if (step.kind !== "port") all.push({ step });
    else if (before?.ports !== undefined && isAlike(before.step, step)) {
      const [first] = before.ports.split("-");
      all[all.length - 1] = { step: slower(before.step, step), ports: `${first}-${portOf(step.target)}` };
    } else all.push({ step, ports: portOf(step.target) });
  }
  return all;
}

function isAlike(one: AccessStep, other: AccessStep): boolean {
  return one.kind === other.kind && one.state === other.state && one.attempt?.code === other.attempt?.code;
}

/** Of several ports the time of the slowest is told. */
function slower(one: AccessStep, other: AccessStep): AccessStep {
  return (other.ms ?? 0) > (one.ms ?? 0) ? other : one;
}

function portOf(target: string): string {
  return /([0-9]+)$/.exec(target)?.[1] ?? target;
}
