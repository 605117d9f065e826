// Links in texts of others, and the join link in whatever was pasted.

/** A piece of a text: as it is, or a link. */
export type Piece = { readonly text: string; readonly href?: string };

/** Characters of one link that is made clickable: longer ones stay text. */
const LINK_MAX = 2_000;
/** Web addresses in whatever was pasted, also where no blank stands in front of them. */
const ADDRESS = /https?:\/\/[^\s<>"'`{}|\\^\u2028\u2029]+/giu;
const WEB = /\bhttps?:\/\/[^\s<>"'`{}|\\^\u2028\u2029]+/giu;

/** Cuts a text into links and what stands between them. The pieces are the text, unchanged. */
export function pieces(text: string): Piece[] {
  if (!text.includes("://")) return [{ text }];
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(WEB)) {
    const shown = withoutTail(match[0]);
    const href = shown.length > LINK_MAX ? undefined : webAddress(shown);
    if (href === undefined) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** The sentence's own end does not belong to the link, nor a bracket that was opened before it. */
function withoutTail(link: string): string {
  let shown = link;
  for (;;) {
    const last = shown.at(-1) ?? "";
    const opens = last === ")" ? "(" : last === "]" ? "[" : undefined;
    const isTail = opens === undefined ? ".,;:!?…»“”’".includes(last) : count(shown, last) > count(shown, opens);
    if (last === "" || !isTail) return shown;
    shown = shown.slice(0, -1);
  }
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

function webAddress(text: string): string | undefined {
  try {
    const url = new URL(text);
    return url.hostname === "" ? undefined : url.href;
  } catch {
    return undefined;
  }
}

/** The part of a text, in which a join link was looked for, that is wrong: the parts of `JoinLinkError` of `model`. */
export type LinkProblem =
  /** Nothing was typed. */
  | "empty"
  /** There is no web address in it. */
  | "none"
  /** There are web addresses, and none of them is a join link. */
  | "path"
  /** There is a join link, and this part of it is not whole. */
  | "length"
  | "scheme"
  | "host"
  | "port"
  | "code"
  | "fingerprint"
  | "ports";

export type Found = { readonly link: string; readonly host: string } | { readonly problem: LinkProblem };

/** Characters of a pasted text that are looked at: a long mail with its history. */
const PASTED_MAX = 200_000;
/** Bytes of a join link, as `JOIN_LINK_BYTES_MAX` of `model`. */
const JOIN_LINK_BYTES_MAX = 1_024;
/** Characters of a host's name (RFC 1035, section 2.3.4, in its printed form). */
const HOST_MAX = 253;
/** Ports of one range, as `PortRange::PORTS_MAX` of `model`. */
const PORTS_MAX = 16;
/** 128 bits in base64url: those that are left over in the last letter are 0. */
const CODE = /^[A-Za-z0-9_-]{21}[AQgw]$/;
/** 256 bits in base64url. */
const FINGERPRINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
/** One label of a name, as `is_host` of `model` takes it. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** How much an address with this problem is like a join link. */
const LIKENESS: Readonly<Record<LinkProblem, number>> = {
  empty: 0,
  none: 0,
  path: 1,
  host: 2,
  port: 2,
  length: 2,
  scheme: 3,
  code: 3,
  fingerprint: 3,
  ports: 3,
};

/**
 * Finds the join link in a text: the link alone, `convene:` in front of it, or a whole mail with
 * it, wrapped by a mail program too. The daemon reads it by the same rules.
 */
export function findJoinLink(pasted: string): Found {
  const text = pasted.slice(0, PASTED_MAX);
  if (text.trim() === "") return { problem: "empty" };
  // Mail programs break long lines inside of a link (RFC 2045: `=` at the end), and put it into <>.
  const texts = [text, text.replace(/=\r?\n/g, ""), text.replace(/\s/g, "")];
  let worst: LinkProblem = "none";
  for (const match of texts.flatMap((one) => [...one.matchAll(ADDRESS)])) {
    const found = readLink(withoutTail(match[0]));
    if ("link" in found) return found;
    if (LIKENESS[found.problem] > LIKENESS[worst]) worst = found.problem;
  }
  return { problem: worst };
}

/** Reads one web address as a browser does (WHATWG URL): names are in lower case and ASCII then. */
function readLink(text: string): Found {
  if (new TextEncoder().encode(text).length > JOIN_LINK_BYTES_MAX) return { problem: "length" };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { problem: hasBadPort(text) ? "port" : "host" };
  }
  const host = url.hostname.replace(/\.$/, "");
  if (!isHost(host)) return { problem: "host" };
  if (url.port === "0") return { problem: "port" };
  if (!url.pathname.startsWith("/j/")) return { problem: "path" };
  if (url.protocol !== "https:") return { problem: "scheme" };
  const code = url.pathname.slice("/j/".length).replace(/\/$/, "");
  if (!CODE.test(code)) return { problem: "code" };
  const fragment = decoded(url.hash.slice(1));
  for (const field of fragment.split(/[,&]/)) {
    if (field.startsWith("fp=") && !FINGERPRINT.test(field.slice("fp=".length))) return { problem: "fingerprint" };
    if (field.startsWith("ports=") && !isRange(field.slice("ports=".length))) return { problem: "ports" };
  }
  const port = url.port === "" ? "" : `:${url.port}`;
  return { link: `https://${host}${port}/j/${code}${fragment === "" ? "" : `#${fragment}`}`, host };
}

function isHost(host: string): boolean {
  const isName = host.length <= HOST_MAX && host.split(".").every((label) => LABEL.test(label));
  return isName || host.startsWith("[");
}

/** Whether what stands behind an address's name is no port. */
function hasBadPort(text: string): boolean {
  const [, authority = ""] = /^https?:[/\\]*([^/\\?#]*)/i.exec(text) ?? [];
  const [, port] = /:([^:\]]*)$/.exec(authority.replace(/^.*@/, "")) ?? [];
  return port !== undefined && port !== "" && !(/^[0-9]+$/.test(port) && Number(port) <= 65_535);
}

/** Programs for mail write some characters of a fragment as `%2C`. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function isRange(text: string): boolean {
  const [, first = "", last = first] = /^([0-9]+)(?:-([0-9]+))?$/.exec(text) ?? [];
  const [low, high] = [Number(first), Number(last)];
  return first !== "" && low > 0 && high >= low && high <= 65_535 && high - low < PORTS_MAX;
}
