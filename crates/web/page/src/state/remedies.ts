// Which failure says most of why a server is not reached, and whose turn it is: as `Attempt::decisive` of `model`.

import type { Attempt } from "convene-client";

export type Addressee = "nobody" | "user" | "inviter" | "operator" | "administrator";

/** How much a failure says, and whose turn it is. One of a later version says nothing. */
const REMEDIES: Readonly<Record<string, readonly [weight: number, addressee: Addressee]>> = {
  wait: [0, "nobody"],
  check_network: [1, "user"],
  check_server_name: [2, "inviter"],
  set_proxy: [3, "administrator"],
  check_proxy: [3, "administrator"],
  check_pac: [3, "administrator"],
  allow_server: [4, "administrator"],
  allow_server_in_proxy: [5, "administrator"],
  set_proxy_login: [6, "user"],
  add_inspection_certificate: [7, "administrator"],
  ask_operator: [8, "operator"],
  ask_for_new_link: [9, "inviter"],
  check_clock: [10, "user"],
  update_program: [11, "administrator"],
  update_server: [11, "operator"],
  log_in_to_network: [12, "user"],
};
/** Of these another server answers under the name: that says more than a name that is not found. */
const OF_ANOTHER_SERVER: readonly string[] = ["certificate_wrong_name", "not_our_server"];

/** Of the failures of one server the one that says most of why it is not reached. */
export function decisive(attempts: readonly Attempt[]): Attempt | undefined {
  let known: Attempt | undefined;
  for (const attempt of attempts) {
    if (known === undefined || weight(attempt) > weight(known)) known = attempt;
  }
  return known;
}

export function addressee({ remedy }: Attempt): Addressee {
  return REMEDIES[remedy]?.[1] ?? "nobody";
}

function weight({ code, remedy }: Attempt): number {
  const decides = OF_ANOTHER_SERVER.includes(code) ? "ask_for_new_link" : remedy;
  return REMEDIES[decides]?.[0] ?? 0;
}
