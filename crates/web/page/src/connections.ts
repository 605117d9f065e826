// The sentences about connections and their failures.

import type { Attempt, ConnectionRoute } from "convene-client";
import type { App } from "./state/app.svelte";
import type { Sentence } from "./state/connection";
import { named, remedy } from "./words";

export function sentenceText(app: App, { key, target }: Sentence): string {
  return app.say(key, target === undefined ? {} : { target });
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

/** What failed, and what to do about it. */
export function attemptText(app: App, attempt: Attempt): string {
  const { target, stage, code } = attempt;
  const failure = app.say("page-attempt", {
    target,
    stage: named(app.language, "stage", stage),
    code: named(app.language, "code", code),
  });
  return [failure, remedy(app.language, attempt.remedy), boxText(app, attempt)].filter(Boolean).join(" ");
}

/** The name that a box in the way gives itself. */
export function boxText(app: App, { evidence }: Attempt): string {
  return evidence?.name == null ? "" : app.say("seen", { name: evidence.name });
}
