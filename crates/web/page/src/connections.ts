// The sentences about connections and their failures.

import type { Attempt, ConnectionRoute } from "convene-client";
import type { App } from "./state/app.svelte";
import type { Sentence } from "./state/connection";
import { inert } from "./state/letter";
import { named, remedy, upperFirst } from "./words";

export function sentenceText(app: App, { key, target, attempt }: Sentence): string {
  const told = app.say(key, target === undefined ? {} : { target });
  if (key !== "page-blocked" || attempt === undefined) return told;
  return `${told} ${named(app.language, "unreached", attempt.remedy)}`;
}

/** By which way a server is reached. */
export function wayText(app: App, { rung, target, proxy }: ConnectionRoute): string {
  const values = { target, proxy: proxy ?? "" };
  switch (rung) {
    case "proxy":
      return app.say("page-way-proxy", values);
    case "https":
      return app.say("page-way-https", values);
    default:
      return app.say("page-way-direct", values);
  }
}

/** What failed at which target, and what to do about it. */
export function attemptText(app: App, attempt: Attempt): string {
  return `${inert(attempt.target)}: ${failureText(app, attempt)}`;
}

/** What failed, and what to do about it, where the target stands beside it. */
export function failureText(app: App, attempt: Attempt): string {
  const { stage, code } = attempt;
  const failure = app.say("page-attempt", {
    stage: named(app.language, "stage", stage),
    code: upperFirst(named(app.language, "code", code)),
  });
  return [failure, remedy(app.language, attempt.remedy), boxText(app, attempt)].filter(Boolean).join(" ");
}

/** The name that a box in the way gives itself. */
export function boxText(app: App, { evidence }: Attempt): string {
  return evidence?.name == null ? "" : app.say("seen", { name: evidence.name });
}

const SECOND_MS = 1_000;

/** How long something took. */
export function spanText(app: App, ms: number): string {
  if (ms < SECOND_MS) return app.say("page-ms", { count: ms });
  return app.say("page-seconds", { count: Math.round(ms / (SECOND_MS / 10)) / 10 });
}
