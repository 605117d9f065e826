// Links in texts of others, and the join link in whatever was pasted.

/** A piece of a text: as it is, or a link. */
export type Piece = { readonly text: string; readonly href?: string };

/** Characters of one link that is made clickable: longer ones stay text. */
const LINK_MAX = 2_000;
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

/** What is wrong with a text in which a join link was looked for. */
export type LinkProblem =
  /** Nothing was typed. */
  | "empty"
  /** There is no web address in it. */
  | "none"
  /** There are web addresses, and none of them is a join link. */
  | "other"
  /** There is a join link, and its code is not whole. */
  | "damaged";

export type Found = { readonly link: string; readonly host: string } | { readonly problem: LinkProblem };

/** Characters of a pasted text that are looked at: a long mail with its history. */
const PASTED_MAX = 200_000;
const CODE = /^[A-Za-z0-9_-]{22}$/;

/**
 * Finds the join link in a text: the link alone, `convene:` in front of it, or a whole mail with
 * it, wrapped by a mail program too. The daemon has the last word.
 */
export function findJoinLink(pasted: string): Found {
  const text = pasted.slice(0, PASTED_MAX);
  if (text.trim() === "") return { problem: "empty" };
  // Mail programs break long lines inside of a link (RFC 2045: `=` at the end), and put it into <>.
  const texts = [text, text.replace(/=\r?\n/g, ""), text.replace(/\r?\n[ \t]*(?=\S)/g, "")];
  const results = texts.flatMap((one) => [...one.matchAll(WEB)].map((match) => readLink(withoutTail(match[0]))));
  const whole = results.find((result) => "link" in result);
  if (whole !== undefined) return whole;
  if (results.some((result) => "problem" in result && result.problem === "damaged")) return { problem: "damaged" };
  return { problem: results.length > 0 ? "other" : "none" };
}

/** Reads one web address as a browser does (WHATWG URL): names are in lower case and ASCII then. */
function readLink(text: string): Found {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { problem: "none" };
  }
  const [, code] = /^\/j\/([^/]*)\/?$/.exec(url.pathname) ?? [];
  if (url.protocol !== "https:" || code === undefined) return { problem: "other" };
  if (!CODE.test(code)) return { problem: "damaged" };
  const host = url.hostname.replace(/\.$/, "");
  const port = url.port === "" ? "" : `:${url.port}`;
  return { link: `https://${host}${port}/j/${code}${url.hash === "#" ? "" : url.hash}`, host };
}
