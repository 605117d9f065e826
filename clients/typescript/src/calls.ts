// The calls of a client: those that wait, and those that are under way.

import { DisconnectedError, TooManyCallsError } from "./errors.js";
import type { DaemonError } from "./errors.js";
import { LINE_BYTES_MAX } from "./pipe.js";

/** Calls under way on one connection: the daemon works on no more. */
const UNDER_WAY_MAX = 32;
/** Calls that wait for their turn or for a connection. */
const WAITING_MAX = 1_024;
/** Before a daemon that starts or stops is asked again, in milliseconds: soon enough for a person. */
const ASK_AGAIN_MS = 100;
/** The longest wait that a timer of JavaScript knows, in milliseconds. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** A call, until it is answered. */
export interface Call {
  method: string;
  params: unknown;
  /** On which connections it may be asked. */
  on: "this one" | "one" | "any";
  /** How long it waits without being worked on, in milliseconds. */
  patienceMs: number;
  /** Called while the line is read, before what comes behind it. */
  answered(result: unknown): void;
  failed(error: Error): void;
}

interface Begun extends Call {
  /** Since when it waits without being worked on. */
  since?: number | undefined;
  timer?: ReturnType<typeof setTimeout> | undefined;
  done: boolean;
}

/** All calls of a client. Each is answered or fails once. */
export class Calls {
  readonly #underWay = new Map<number, Begun>();
  #waiting: Begun[] = [];
  #lastId = 0;
  #send: ((line: string) => void) | undefined;
  /** Whether the daemon has greeted. */
  #isOpen = false;
  /** Set while nothing is asked, because the daemon starts or stops. */
  #pausing: ReturnType<typeof setTimeout> | undefined;
  #closed: Error | undefined;

  /** Whether calls are asked now. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** There is a connection, on which this is asked first; the others once it is open. */
  connect(send: (line: string) => void, hello: Call): void {
    this.#send = send;
    this.#ask({ ...hello, done: false });
  }

  /** The daemon has greeted. */
  open(): void {
    this.#isOpen = true;
  }

  /** Takes a call. `why` says what keeps it from being asked. The function that is given ends it. */
  begin(call: Call, why: () => Error | undefined): (error: Error) => void {
    const begun: Begun = { ...call, done: false };
    const line = request(Number.MAX_SAFE_INTEGER, begun);
    if (this.#closed !== undefined) {
      fail(begun, this.#closed);
    } else if (this.#waiting.length >= WAITING_MAX && call.on !== "this one") {
      fail(begun, new TooManyCallsError(`${WAITING_MAX} calls wait already`));
    } else if (new TextEncoder().encode(line).length > LINE_BYTES_MAX) {
      fail(begun, new RangeError(`a request has at most ${LINE_BYTES_MAX} bytes`));
    } else {
      begun.since = Date.now();
      this.#wait(begun, why);
      this.sendWaiting();
    }
    return (error) => fail(begun, error);
  }

  /** Asks those that wait, as many as may be under way. */
  sendWaiting(): void {
    while (this.#isOpen && this.#pausing === undefined && this.#underWay.size < UNDER_WAY_MAX) {
      const call = this.#waiting.shift();
      if (call === undefined) {
        return;
      }
      clearTimeout(call.timer);
      if (!call.done) {
        this.#ask(call);
      }
    }
  }

  /** Takes an answer. Gives whether it was one to a call that is under way. */
  settle(id: number, error: DaemonError | undefined, result: unknown): boolean {
    const call = this.#underWay.get(id);
    if (call === undefined) {
      return false;
    }
    this.#underWay.delete(id);
    if (!call.done && error === undefined) {
      call.done = true;
      call.answered(result);
    } else if (!call.done && error?.passes && Date.now() - (call.since ?? 0) < call.patienceMs) {
      // Its word counts for every call.
      this.#wait(call, () => error);
      this.#pausing ??= setTimeout(() => this.#goOn(), ASK_AGAIN_MS);
    } else if (error !== undefined) {
      fail(call, error);
    }
    this.sendWaiting();
    return true;
  }

  /** The connection is gone. What was under way is asked again where it may be. */
  disconnect(why: () => Error | undefined): void {
    this.#send = undefined;
    this.#isOpen = false;
    const [underWay, waiting] = [[...this.#underWay.values()], this.#waiting];
    this.#underWay.clear();
    this.#waiting = [];
    for (const call of underWay) {
      if (call.on === "any" && !call.done) {
        call.since = Date.now();
        this.#wait(call, why);
      } else {
        fail(call, new DisconnectedError("the connection ended before the answer"));
      }
    }
    for (const call of waiting) {
      if (call.on === "this one") {
        fail(call, new DisconnectedError("the connection ended before the call"));
      } else {
        this.#waiting.push(call);
      }
    }
  }

  /** Ends every call, and those to come. */
  close(error: Error): void {
    this.#closed = error;
    clearTimeout(this.#pausing);
    const calls = [...this.#underWay.values(), ...this.#waiting];
    this.#underWay.clear();
    this.#waiting = [];
    for (const call of calls) {
      fail(call, error);
    }
  }

  #goOn(): void {
    this.#pausing = undefined;
    this.sendWaiting();
  }

  /** Has a call wait for its turn, or for a connection, as long as its patience lasts. */
  #wait(call: Begun, why: () => Error | undefined): void {
    const impatient = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== call);
      fail(call, new DisconnectedError("the daemon was not reached in time", { cause: why() }));
    };
    const left = (call.since ?? Date.now()) + call.patienceMs - Date.now();
    call.timer = setTimeout(impatient, Math.min(Math.max(0, left), TIMER_MS_MAX));
    if (call.on === "this one") {
      // Everyone waits for calls that follow something, and these are few.
      this.#waiting.unshift(call);
    } else {
      this.#waiting.push(call);
    }
  }

  #ask(call: Begun): void {
    this.#lastId += 1;
    this.#underWay.set(this.#lastId, call);
    this.#send?.(request(this.#lastId, call));
  }
}

function request(id: number, { method, params }: Call): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** Ends a call that is not over. */
function fail(call: Begun, error: Error): void {
  clearTimeout(call.timer);
  if (!call.done) {
    call.done = true;
    call.failed(error);
  }
}
