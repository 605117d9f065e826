// The phases with their times: as planned, as they were, and as they will be from now on.

import type { Phase, Public } from "convene-client";

export interface Timed {
  readonly number: number;
  readonly phase: Phase;
  /** Planned times, in milliseconds; left out where the conference has no start. */
  readonly planned?: Span;
  /** Actual times, or those that follow from the phase that runs. */
  readonly actual?: Span;
  readonly standing: "over" | "running" | "coming";
}

export interface Span {
  readonly begins: number;
  readonly ends: number;
}

const MINUTE_MS = 60_000;

/** All phases, in order. */
export function timed(shared: Public): Timed[] {
  const { schedule, settings } = shared;
  if (schedule === undefined) return [];
  const start = settings.start == null ? undefined : Date.parse(settings.start);
  const current = schedule.current ?? undefined;
  const numbered = Object.entries(schedule.phases)
    .map(([number, phase]) => ({ number: Number(number), phase }))
    .sort((one, other) => one.number - other.number);
  let planned = start;
  let expected = schedule.opens == null ? undefined : Date.parse(schedule.opens);
  return numbered.map(({ number, phase }) => {
    const length = phase.minutes * MINUTE_MS;
    const plan = planned === undefined ? undefined : { begins: planned, ends: planned + length };
    planned = plan?.ends;
    const actual = actualSpan(phase, expected, length);
    if (actual !== undefined) expected = actual.ends;
    const standing = number === current ? "running" : phase.began == null ? "coming" : "over";
    return {
      number,
      phase,
      standing,
      ...(plan === undefined ? {} : { planned: plan }),
      ...(actual === undefined ? {} : { actual }),
    };
  });
}

function actualSpan(phase: Phase, expected: number | undefined, length: number): Span | undefined {
  if (phase.began != null) {
    const begins = Date.parse(phase.began);
    return { begins, ends: phase.ends == null ? begins + length : Date.parse(phase.ends) };
  }
  return expected === undefined ? undefined : { begins: expected, ends: expected + length };
}

/** The phase that runs. */
export function running(phases: readonly Timed[]): Timed | undefined {
  return phases.find(({ standing }) => standing === "running");
}

/** The phase that comes next. */
export function coming(phases: readonly Timed[]): Timed | undefined {
  return phases.find(({ standing }) => standing === "coming");
}

/** Whether a phase does not run as it was planned: to the minute, as times are shown. */
export function isMoved({ planned, actual }: Timed): boolean {
  if (planned === undefined || actual === undefined) return false;
  const isOther = (one: number, other: number) => Math.abs(one - other) >= MINUTE_MS;
  return isOther(planned.begins, actual.begins) || isOther(planned.ends, actual.ends);
}

/** How much is left, as it is told: minutes, and seconds in the last one. */
export type Left = { readonly unit: "minutes" | "seconds"; readonly count: number };

export function left(ends: number, now: number): Left {
  const seconds = Math.max(0, Math.ceil((ends - now) / 1_000));
  return seconds < 60 ? { unit: "seconds", count: seconds } : { unit: "minutes", count: Math.ceil(seconds / 60) };
}

/** Milliseconds until what is told of the time left changes. */
export function nextChange(ends: number, now: number): number {
  const rest = ends - now;
  if (rest <= 0) return MINUTE_MS;
  const unit = rest <= MINUTE_MS ? 1_000 : MINUTE_MS;
  return Math.max(50, rest % unit || unit);
}
