// Turning a seat to the log that its server shows in place of the one that is known here. Pure.

import type { ConferenceJoinParams, ListedSeat } from "convene-client";
import { JOIN_WAIT_MS } from "./joining";
import { findJoinLink, type LinkProblem } from "./links";

/** What is wrong with a text in which the join link of a seat's conference was looked for. */
export type TurnProblem =
  | LinkProblem
  /** It leads to another server, where it would make another seat. */
  | "elsewhere";

export type Turn = { readonly params: ConferenceJoinParams } | { readonly problem: TurnProblem };

/** How a seat turns to a log, by the join link in whatever was pasted: the daemon keeps no link. */
export function turn(pasted: string, { server, name }: ListedSeat, log: string): Turn {
  const found = findJoinLink(pasted);
  if ("problem" in found) return found;
  const host = server.includes(":") ? `[${server}]` : server;
  if (found.host !== host) return { problem: "elsewhere" };
  return { params: { link: found.link, name, log, wait_ms: JOIN_WAIT_MS } };
}
