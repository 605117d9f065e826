// Makes the type of all keys from the German and the English sentences, which the Rust programs use
// too. A key that one of the two lacks ends the build.
import { readFileSync, writeFileSync } from "node:fs";

const texts = new URL("../../../wording/src/texts/", import.meta.url);

/** The keys of one language, in order. */
function keysOf(language) {
  const text = readFileSync(new URL(`${language}.ftl`, texts), "utf8");
  return [...text.matchAll(/^([a-z][a-zA-Z0-9_-]*) =/gm)].map((match) => match[1]);
}

const [german, english] = ["de", "en"].map((language) => new Set(keysOf(language)));
const missing = [
  ...[...german].filter((key) => !english.has(key)).map((key) => `en.ftl lacks ${key}`),
  ...[...english].filter((key) => !german.has(key)).map((key) => `de.ftl lacks ${key}`),
];
if (missing.length > 0) {
  console.error(missing.join("\n"));
  process.exit(1);
}
const union = [...german].sort().map((key) => `  | ${JSON.stringify(key)}`).join("\n");
const lines = [
  "// Made by `npm run keys` from the sentences in crates/wording. Not to be edited.",
  "",
  "/** A key of a sentence. */",
  `export type Key =\n${union};`,
  "",
];
writeFileSync(new URL("../src/keys.ts", import.meta.url), lines.join("\n"));
