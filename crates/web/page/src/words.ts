// The sentences: the same files that the Rust programs read, by the same rules.

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import german from "../../../wording/src/texts/de.ftl?raw";
import english from "../../../wording/src/texts/en.ftl?raw";
import type { Key } from "./keys";
import { inert } from "./state/letter";

export type { Key };

export const LANGUAGES = ["de", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Values = Readonly<Record<string, string | number>>;

const texts: Record<Language, string> = { de: german, en: english };
const bundles = new Map<Language, FluentBundle>();

function bundleOf(language: Language): FluentBundle {
  let bundle = bundles.get(language);
  if (bundle === undefined) {
    // Marks around everything that is put in would be copied with it: only what is written from
    // right to left gets them, below.
    bundle = new FluentBundle(language, { useIsolating: false });
    bundle.addResource(new FluentResource(texts[language]));
    bundles.set(language, bundle);
  }
  return bundle;
}

/** The sentence of a key; none, where this version does not know the key. */
export function find(language: Language, key: string, values: Values = {}): string | undefined {
  const bundle = bundleOf(language);
  const pattern = bundle.getMessage(key)?.value;
  if (pattern == null) return undefined;
  const safe: Record<string, FluentVariable> = {};
  for (const [name, value] of Object.entries(values)) {
    safe[name] = typeof value === "number" ? value : isolated(inert(value));
  }
  return bundle.formatPattern(pattern, safe, []);
}

/** The sentence of a key. */
export function say(language: Language, key: Key, values: Values = {}): string {
  return find(language, key, values) ?? key;
}

/**
 * The sentence for a word of the local API: the page's own, where the general one speaks of the
 * command line; the word itself, where this version does not know it.
 */
export function word(language: Language, code: string, values: Values = {}): string {
  const sentence = find(language, `page-word-${code}`, values) ?? find(language, `word-${code}`, values);
  return upperFirst(sentence ?? inert(code));
}

/** The sentence that says what to do about a failure. */
export function remedy(language: Language, code: string): string {
  return find(language, `page-remedy-${code}`) ?? find(language, `remedy-${code}`) ?? "";
}

/** A word of a family, such as the kind of a phase; the word itself, where it is not known. */
export function named(language: Language, family: string, code: string): string {
  return find(language, `${family}-${code}`) ?? inert(code);
}

/** The first letter in upper case: for sentences that begin with what is put in. */
export function upperFirst(text: string): string {
  const [first = ""] = text;
  return first.toLocaleUpperCase() + text.slice(first.length);
}

/** The language of the person, by the languages of their browser: English for all but German. */
export function preferred(languages: readonly string[]): Language {
  const known = languages.map((language) => language.toLowerCase().split("-")[0]);
  return known.find((language): language is Language => LANGUAGES.some((one) => one === language)) ?? "en";
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A text that is written from right to left does not turn the sentence around it. */
function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}
