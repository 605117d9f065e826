// Texts that are being written. The daemon keeps them; what it has not confirmed yet is kept by the
// caller. Pure: each function gives a new text.

import type { Draft } from "convene-client";

export interface Writing {
  /** As it stands in the field. */
  readonly text: string;
  /** Texts that are out of the field, and not at the daemon yet: they are kept until they are. */
  readonly leaving?: readonly string[];
  /** The last one that the daemon confirmed. */
  readonly kept: string;
  /** Its revision. */
  readonly revision: number;
  /** The text that was sent to be kept, while the answer is awaited. */
  readonly sent?: string;
  /** The text that another window set meanwhile: until one is chosen, both are kept. */
  readonly other?: string;
  /** Whether one of two texts was chosen, which the daemon does not know yet. */
  readonly isChosen?: true;
}

export const EMPTY: Writing = { text: "", kept: "", revision: 0 };

/** Bytes of one draft: the daemon keeps no more. */
const DRAFT_BYTES_MAX = 16 * 1024;

export function typed(writing: Writing, text: string): Writing {
  return { ...writing, text };
}

/** Takes the text out of the field, on its way to where it was wanted. */
export function left(writing: Writing): Writing {
  return { ...writing, text: "", leaving: [...(writing.leaving ?? []), writing.text] };
}

/** It is there. */
export function arrived(writing: Writing, text: string): Writing {
  const { leaving = [], ...rest } = writing;
  const at = leaving.indexOf(text);
  const others = leaving.filter((_, index) => index !== at);
  return others.length === 0 ? rest : { ...rest, leaving: others };
}

/** It could not go: it is in the field again, before what was typed meanwhile. */
export function returned(writing: Writing, text: string): Writing {
  const rest = arrived(writing, text);
  return { ...rest, text: joined([text, rest.text]) };
}

/** Everything that has to be kept. */
function whole({ text, leaving = [] }: Writing): string {
  return leaving.length === 0 ? text : joined([...leaving, text]);
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}

/** Whether the daemon has all that has to be kept. */
export function isKept(writing: Writing): boolean {
  return whole(writing) === writing.kept && writing.isChosen === undefined;
}

/** What is to be sent to the daemon now; nothing, while an answer is awaited or all is kept. */
export function toKeep(writing: Writing): { text: string; revision: number } | undefined {
  const { revision, sent, other } = writing;
  const text = whole(writing);
  if (sent !== undefined || other !== undefined || isKept(writing)) return undefined;
  if (new TextEncoder().encode(text).length > DRAFT_BYTES_MAX) return undefined;
  return { text, revision };
}

export function sending(writing: Writing, text: string): Writing {
  return { ...writing, sent: text };
}

/** It could not be sent: it is tried again later. */
export function unsent(writing: Writing): Writing {
  const { sent: _, ...rest } = writing;
  return rest;
}

/** The daemon's answer to what was sent. */
export function answered(writing: Writing, draft: Draft): Writing {
  const { sent: _, other: __, isChosen: ___, ...rest } = writing;
  const next = { ...rest, kept: draft.text, revision: draft.revision };
  return draft.other == null ? next : { ...next, other: draft.other };
}

/** Another window set the draft, or it was read anew. */
export function changed(writing: Writing, draft: Draft): Writing {
  if (draft.revision < writing.revision) return writing;
  // Nobody set it since: what stands in the field is its continuation.
  if (draft.revision === writing.revision && draft.other == null) return { ...writing, kept: draft.text };
  const { other: _, ...rest } = writing;
  const next = { ...rest, kept: draft.text, revision: draft.revision };
  if (draft.other != null) {
    // Of the two texts, the one that stands in the field is not the other window's.
    const other = draft.other === writing.text ? draft.text : draft.other;
    return { ...next, text: writing.text === "" ? draft.text : writing.text, other };
  }
  if (whole(writing) === writing.kept) return { ...next, text: draft.text };
  // Somebody types here while another window did, too.
  const differs = draft.text !== "" && draft.text !== writing.text;
  return differs ? { ...next, other: draft.text } : next;
}

/** The daemon has no such draft any more: its text was sent, or let go, by another window. */
export function absent(writing: Writing): Writing {
  const { other: _, ...rest } = writing;
  return { ...rest, text: writing.text === writing.kept ? "" : writing.text, kept: "" };
}

/** What a tab remembers of a text that the daemon does not have. */
export function write(writing: Writing): string {
  const { kept, revision } = writing;
  return JSON.stringify({ text: whole(writing), kept, revision });
}

/** As it was remembered; nothing, where that cannot be read. */
export function parse(remembered: string): Writing {
  try {
    const { text, kept, revision } = JSON.parse(remembered) as Partial<Writing>;
    const isWhole = typeof text === "string" && typeof kept === "string" && typeof revision === "number";
    return isWhole ? { text, kept, revision } : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** One of two texts is chosen: it is sent with the revision that saw both. */
export function chosen(writing: Writing, text: string): Writing {
  const { other: _, sent: __, ...rest } = writing;
  return { ...rest, text, isChosen: true };
}
