// How one server is reached, as one sentence and one thing to do about it.

import type { Attempt, Connection } from "convene-client";
import { decisive } from "./remedies";

/** The thing that the person can do from the sentence. */
export type Remedy =
  /** Open the page of the network, where one logs in. */
  | { readonly kind: "open"; readonly href: string }
  /** See each step, and whom to write to. */
  | { readonly kind: "check" }
  /** Have it tried at once. */
  | { readonly kind: "retry" };

export type Tone = "good" | "busy" | "bad";

export interface Sentence {
  readonly tone: Tone;
  readonly key:
    | "page-connected"
    | "page-connecting"
    | "page-connecting-tried"
    | "page-blocked"
    | "page-offline"
    | "page-login-page"
    | "page-clock-wrong"
    | "page-version"
    | "page-disk-full"
    | "page-disk-broken"
    | "page-no-service"
    | "page-unknown";
  readonly target?: string;
  /** The failure that the sentence is about. */
  readonly attempt?: Attempt;
  readonly remedy?: Remedy;
}

/** The sentence about one server; without a connection nothing is known of it yet. */
export function sentence(connection: Connection | undefined, isAttached: boolean): Sentence {
  if (!isAttached) return { tone: "bad", key: "page-no-service" };
  if (connection === undefined) return { tone: "busy", key: "page-unknown" };
  if (connection.storage === "full") return { tone: "bad", key: "page-disk-full" };
  if (connection.storage === "failed") return { tone: "bad", key: "page-disk-broken" };
  switch (connection.state) {
    case "connected":
      return { tone: "good", key: "page-connected" };
    case "offline":
      return { tone: "bad", key: "page-offline", remedy: { kind: "retry" } };
    case "blocked":
      return blocked(connection);
    default:
      return connecting(connection);
  }
}

function connecting({ attempts }: Connection): Sentence {
  const portal = loginPage(attempts);
  if (portal !== undefined) return portal;
  const last = attempts[attempts.length - 1];
  return last === undefined
    ? { tone: "busy", key: "page-connecting" }
    : { tone: "busy", key: "page-connecting-tried", target: last.target, remedy: { kind: "check" } };
}

function blocked({ attempts }: Connection): Sentence {
  const portal = loginPage(attempts);
  if (portal !== undefined) return portal;
  const clock = attempts.find(({ code }) => code === "clock_wrong");
  if (clock !== undefined) return { tone: "bad", key: "page-clock-wrong", attempt: clock, remedy: { kind: "retry" } };
  const version = attempts.find(({ code }) => code === "version_unsupported");
  if (version !== undefined) return { tone: "bad", key: "page-version", attempt: version, remedy: { kind: "check" } };
  const first = decisive(attempts);
  return {
    tone: "bad",
    key: "page-blocked",
    ...(first === undefined ? {} : { attempt: first }),
    remedy: { kind: "check" },
  };
}

function loginPage(attempts: readonly Attempt[]): Sentence | undefined {
  const attempt = attempts.find(({ code }) => code === "captive_portal");
  if (attempt === undefined) return undefined;
  const href = webPage(attempt.evidence?.page ?? undefined);
  return {
    tone: "bad",
    key: "page-login-page",
    attempt,
    remedy: href === undefined ? { kind: "retry" } : { kind: "open", href },
  };
}

/** A page's address comes from a network: only web pages are opened. */
export function webPage(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}
