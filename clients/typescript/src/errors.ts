// Why a call has no result.

import type { ErrorWord } from "./generated.js";

/** The daemon refused. */
export class DaemonError extends Error {
  override readonly name = "DaemonError";

  constructor(
    /** The number, such as -32003. */
    readonly code: number,
    /** The word, such as `conference_unknown`: by it an error is told from another. */
    readonly word: ErrorWord,
    /** `code`, which is the word, and the fields that go with it. */
    readonly data: Readonly<Record<string, unknown>>,
  ) {
    super(word);
  }

  /** Whether this is the error of that word. */
  is(word: ErrorWord): boolean {
    return this.word === word;
  }

  /** Whether it passes by itself: the daemon starts or stops. */
  get passes(): boolean {
    return this.word === "starting" || this.word === "stopping";
  }

  /** Reads the `error` of an answer. */
  static read(error: unknown): DaemonError {
    const fields = isObject(error) ? error : {};
    const data = isObject(fields["data"]) ? fields["data"] : {};
    const code = typeof fields["code"] === "number" ? fields["code"] : 0;
    return new DaemonError(code, typeof fields["message"] === "string" ? fields["message"] : "", data);
  }
}

/**
 * There is no connection to the daemon: within the patience of a call, because it broke before the
 * answer to a call that is not to be repeated, or because the client was closed.
 */
export class DisconnectedError extends Error {
  override readonly name = "DisconnectedError";
}

/** Too many calls wait already. Nothing was asked. */
export class TooManyCallsError extends Error {
  override readonly name = "TooManyCallsError";
}

/**
 * The daemon is too old for this library. A later one never is: what it knows beside is passed over,
 * and it keeps what this library knows.
 */
export class VersionError extends Error {
  override readonly name = "VersionError";

  constructor(
    /** The version that the daemon speaks. */
    readonly api: number,
  ) {
    super(`the daemon speaks version ${api} of the local API`);
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
