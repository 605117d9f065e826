// What keeps the whole page from working: one sentence, one thing to do, and details. Pure.

import type { ClientStatus, Connection } from "convene-client";

export interface Trouble {
  readonly kind:
    /** The daemon does not answer. */
    | "no_daemon"
    /** Somebody else has the daemon's socket. */
    | "impostor"
    /** The program that serves this page is gone, or was started anew. */
    | "no_bridge"
    /** The daemon speaks another version of the language. */
    | "version"
    /** Nothing can be stored. */
    | "disk_full"
    | "disk_broken"
    /** The browser does not tell its time zone. */
    | "no_zone";
  /** For somebody who is asked for help: no secret stands there. */
  readonly details: string;
  /** Whether one can read on meanwhile. */
  readonly canReadOn: boolean;
}

/** The trouble there is; none, where the page works, or has been without the daemon for a moment. */
export function troubleOf(
  status: ClientStatus,
  isAway: boolean,
  connections: readonly Connection[],
  zone: string | undefined,
): Trouble | undefined {
  if (status.is !== "connected") {
    const message = status.is === "connecting" ? (status.error?.message ?? "") : "closed";
    const isVersion = status.is === "connecting" && status.error?.name === "VersionError";
    if (isVersion) return { kind: "version", details: message, canReadOn: false };
    return isAway ? { kind: kindOf(message), details: message, canReadOn: false } : undefined;
  }
  const storage = connections.find((connection) => connection.storage != null)?.storage;
  if (storage != null) {
    const kind = storage === "full" ? "disk_full" : "disk_broken";
    return { kind, details: `${status.daemon}: storage ${storage}`, canReadOn: true };
  }
  return zone === undefined ? { kind: "no_zone", details: "Intl timeZone", canReadOn: true } : undefined;
}

/** The bridge says in a word why it closes; where it says nothing, it is not there. */
function kindOf(message: string): Trouble["kind"] {
  if (message.includes("daemon_impostor")) return "impostor";
  return message.includes("daemon_") || message.includes("does not greet") ? "no_daemon" : "no_bridge";
}
