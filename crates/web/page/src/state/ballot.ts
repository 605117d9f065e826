// A ballot as it is written. Pure.

export interface BallotText {
  readonly question: string;
  readonly options: readonly string[];
}

export const OPTIONS_MIN = 2;
export const OPTIONS_MAX = 10;
/** Characters of a question, and of each option. */
export const BALLOT_TEXT_MAX = 200;

export const EMPTY: BallotText = { question: "", options: ["", ""] };

/** What is to be asked: without lines that were left empty. */
export function asked({ question, options }: BallotText): { question: string; options: string[] } {
  return { question: question.trim(), options: options.map((option) => option.trim()).filter((option) => option !== "") };
}

/** Whether it can be asked: a question, and two different answers or more. */
export function isWhole(text: BallotText): boolean {
  const { question, options } = asked(text);
  const isDifferent = new Set(options).size === options.length;
  return question !== "" && options.length >= OPTIONS_MIN && options.length <= OPTIONS_MAX && isDifferent;
}

export function write(text: BallotText): string {
  return text.question === "" && text.options.every((option) => option === "") ? "" : JSON.stringify(text);
}

/** As it was written; an empty one, where that cannot be read. */
export function parse(text: string): BallotText {
  try {
    const { question, options } = JSON.parse(text) as Partial<BallotText>;
    const isText = (value: unknown) => typeof value === "string";
    if (typeof question !== "string" || !Array.isArray(options) || !options.every(isText)) return EMPTY;
    const padded = [...options.slice(0, OPTIONS_MAX)];
    while (padded.length < OPTIONS_MIN) padded.push("");
    return { question, options: padded };
  } catch {
    return EMPTY;
  }
}
