// How this page proves that its user opened it: the address that `convene web` opens bears a code
// that works once, and the bridge gives a token for it, which lives as long as this tab.

import * as tab from "./state/tab";

const KEY = "token";
/** As the bridge writes its codes: 256 bits in base64url. Views begin with a slash. */
const CODE = /^#([A-Za-z0-9_-]{43})$/;

/** What a page is opened with. */
export interface Admission {
  /** None, where the page was opened by its bare address, or by a code that was used or is old. */
  readonly token?: string;
  /** The join link for which it was opened. */
  readonly join?: string;
}

/** The code in the fragment of an address. */
export function codeOf(fragment: string): string | undefined {
  return CODE.exec(fragment)?.[1];
}

/** Exchanges a code, or takes the token that this tab has: a page that is reloaded keeps it. */
export async function admission(code: string | undefined): Promise<Admission> {
  const admitted = code === undefined ? undefined : await exchange(code);
  if (admitted?.token !== undefined) tab.write(KEY, admitted.token);
  const token = tab.read(KEY);
  return { ...(token === undefined ? {} : { token }), ...(admitted?.join === undefined ? {} : { join: admitted.join }) };
}

async function exchange(code: string): Promise<Admission | undefined> {
  try {
    const answer = await fetch("/token", { method: "POST", body: code, cache: "no-store", redirect: "error" });
    return answer.ok ? ((await answer.json()) as Admission) : undefined;
  } catch {
    return undefined;
  }
}

/** The address of the bridge's WebSocket: on the page's own origin. */
export function socketAddress({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}/socket`;
}

/** The subprotocols by which the page shows its token: no cookie, and nothing in an address. */
export function protocols(token: string): string[] {
  return ["convene", token];
}
