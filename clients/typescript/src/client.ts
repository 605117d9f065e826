// A client of the daemon that outlives connections.

import { DaemonError, DisconnectedError, TooManyCallsError, VersionError, isObject } from "./errors.js";
import { API_VERSION } from "./generated.js";
import type { HelloResult, Methods, Notifications, Questions } from "./generated.js";
import { Listeners, guarded } from "./listeners.js";
import { LINE_BYTES_MAX } from "./pipe.js";
import type { OpenPipe, Pipe } from "./pipe.js";
import { ConferenceWatch } from "./watch.js";

/** How long the daemon may take to accept and to greet, in milliseconds: it has nothing to do for that. */
const CONNECT_MS = 5_000;
/** Calls under way on one connection: the daemon works on no more. */
const CALLS_MAX = 32;
/** Calls that wait for their turn or for a connection. */
const WAITING_MAX = 1_024;
/** Questions that are answered at the same time. */
const QUESTIONS_MAX = 16;
/** Before a daemon that starts or stops is asked again, in milliseconds: soon enough for a person. */
const ASK_AGAIN_MS = 100;
/** The pause before the second attempt to connect, in milliseconds. It doubles. */
const PAUSE_MS_MIN = 50;
/** The longest pause between two attempts, in milliseconds. */
const PAUSE_MS_MAX = 1_000;
/** A connection that has lasted so long was a good one, in milliseconds. */
const LASTING_MS = 10_000;
/** How long a call waits for a connection where nothing else is said, in milliseconds. */
const PATIENCE_MS = 30_000;
/** The longest wait that a timer of JavaScript knows, in milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Before a daemon whose disk fails is asked again what is followed, in milliseconds. */
const DISK_MS = 1_000;
const CLOSED = "the client was closed";

/** Answers to the questions of the daemon's. One that throws, or rejects, declines. */
export type Answers = {
  [Name in keyof Questions]?: (
    asked: Questions[Name]["params"],
  ) => Questions[Name]["answer"] | Promise<Questions[Name]["answer"]>;
};

/** How a client is made. */
export interface ClientOptions {
  /** The program and its version, as it says hello. */
  program: string;
  /** The questions that it answers. */
  answers?: Answers;
  /** How long a call waits for a connection, in milliseconds; 30,000 where it is left out. */
  patienceMs?: number;
  /** Makes a random UUID, where `crypto.randomUUID` is not at hand. */
  randomUUID?: () => string;
}

/** How a call is made. */
export interface CallOptions {
  /** Ends the wait for the answer. The daemon may have done what was asked. */
  signal?: AbortSignal;
  /**
   * Whether to ask again on the next connection where this one ends before the answer, which is so
   * where it is left out. All methods may come twice: a command bears its id, and a join its link.
   */
  repeat?: boolean;
  /** How long it waits for a connection, in milliseconds. */
  patienceMs?: number;
}

/** How the client stands. */
export type ClientStatus =
  /** It looks for the daemon. `error` says why the last attempt failed, or the connection ended. */
  | { is: "connecting"; error?: Error }
  /** It is connected. */
  | { is: "connected"; daemon: string; api: number }
  /** It was closed. */
  | { is: "closed" };

/** The parameters of a call; they may be left out where all of them may. */
export type ParamsOf<Name extends keyof Methods> = {} extends Methods[Name]["params"]
  ? [params?: Methods[Name]["params"], options?: CallOptions]
  : [params: Methods[Name]["params"], options?: CallOptions];

/** Something that is asked anew on each connection. */
export interface Following {
  /** Asks once more on this connection. */
  again(): void;
  /** Asks no more. */
  stop(): void;
}

interface Call {
  method: string;
  params: unknown;
  /** On which connections it may be asked. */
  on: "this one" | "one" | "any";
  patienceMs: number;
  /** Called while the line is read, before what comes behind it. */
  answered(result: unknown): void;
  failed(error: Error): void;
  /** Since when it waits without being worked on. */
  since?: number | undefined;
  patience?: ReturnType<typeof setTimeout> | undefined;
  done: boolean;
}

/**
 * A client of the daemon. It looks for the daemon by itself, again and again, and greets it. Calls
 * may be made at any time, and wait for a connection.
 */
export class Client {
  readonly #open: OpenPipe;
  readonly #options: ClientOptions;
  readonly #told = new Listeners<Notifications>();
  readonly #statuses = new Listeners<{ status: ClientStatus }>();
  readonly #following = new Set<() => void>();
  readonly #watches = new Map<string, ConferenceWatch>();
  readonly #stop = new AbortController();
  #status: ClientStatus = { is: "connecting" };
  /** The connection there is. */
  #pipe: Pipe | undefined;
  #isGreeted = false;
  /** Set while nothing is asked, because the daemon starts or stops. */
  #pausing: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;
  #underWay = new Map<number, Call>();
  #waiting: Call[] = [];
  #questions = 0;

  constructor(open: OpenPipe, options: ClientOptions) {
    this.#open = open;
    this.#options = options;
    void this.#run();
  }

  /** How it stands. */
  get status(): ClientStatus {
    return this.#status;
  }

  /** Tells each change of the status. The function that is given ends that. */
  onStatus(listener: (status: ClientStatus) => void): () => void {
    return this.#statuses.on("status", listener);
  }

  /**
   * Asks, and waits for the answer; a daemon that has just been started is waited for.
   *
   * Rejects with a `DaemonError` where the daemon refuses, a `DisconnectedError` where there is no
   * connection within its patience, a `TooManyCallsError` where 1,024 wait already, a `RangeError`
   * where it is longer than a line may be, and the signal's reason.
   */
  call<Name extends keyof Methods>(
    method: Name,
    ...[params, options]: ParamsOf<Name>
  ): Promise<Methods[Name]["result"]> {
    return new Promise((answered, failed) => {
      const on = options?.repeat === false ? "one" : "any";
      const call = { method, params: params ?? {}, on } as const;
      this.#begin(call, options ?? {}, (result) => answered(result as never), failed);
    });
  }

  /** Tells each notification of this name. The function that is given ends that. */
  on<Name extends keyof Notifications>(
    name: Name,
    listener: (told: Notifications[Name]) => void,
  ): () => void {
    return this.#told.on(name, listener);
  }

  /**
   * Asks now and anew on each later connection: for what the daemon tells from then on, such as
   * `connection.watch` or `draft.get`. `answered` comes before any notification behind the answer.
   * `failed` says that it was refused: it is asked anew on the next connection, or once a disk that
   * failed works again.
   */
  follow<Name extends keyof Methods>(
    method: Name,
    params: () => Methods[Name]["params"],
    answered: (result: Methods[Name]["result"]) => void,
    failed: (error: DaemonError) => void = () => {},
  ): Following {
    let [stopped, attempt] = [false, 0];
    const again = (): void => {
      attempt += 1;
      const mine = attempt;
      const isMine = (): boolean => !stopped && mine === attempt;
      if (stopped) {
        return;
      }
      const wasAnswered = (result: unknown): void => {
        if (isMine()) {
          guarded(() => answered(result as Methods[Name]["result"]));
        }
      };
      const wasRefused = (error: Error): void => {
        // One that the connection took with it is asked anew on the next.
        if (isMine() && error instanceof DaemonError) {
          guarded(() => failed(error));
          if (error.is("storage_failed")) {
            setTimeout(() => isMine() && again(), DISK_MS);
          }
        }
      };
      this.askHere(method, params, wasAnswered, wasRefused);
    };
    this.#following.add(again);
    again();
    const stop = (): void => {
      stopped = true;
      this.#following.delete(again);
    };
    return { again, stop };
  }

  /**
   * Watches a conference, over all connections to come. One that is watched already is given again.
   */
  watch(conference: string): ConferenceWatch {
    const known = this.#watches.get(conference);
    if (known !== undefined) {
      return known;
    }
    const watch = new ConferenceWatch(this, conference, () => this.#watches.delete(conference));
    this.#watches.set(conference, watch);
    return watch;
  }

  /**
   * @internal Asks on the connection there is, before everything that waits; where there is none,
   * or it ends before the answer, it fails. The answer comes before any notification behind it.
   */
  askHere<Name extends keyof Methods>(
    method: Name,
    params: () => Methods[Name]["params"],
    answered: (result: unknown) => void,
    failed: (error: Error) => void,
  ): void {
    if (this.#isGreeted) {
      const call = { method, params: params(), on: "this one" } as const;
      this.#begin(call, { patienceMs: TIMER_MS_MAX }, answered, failed);
    } else {
      failed(new DisconnectedError("there is no connection"));
    }
  }

  /** A new random UUID, for a command. */
  randomUUID(): string {
    return (this.#options.randomUUID ?? (() => globalThis.crypto.randomUUID()))();
  }

  /** Ends the connection, and every call that waits. Of no more use then. */
  close(): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    this.#stop.abort();
    this.#setStatus({ is: "closed" });
    const calls = [...this.#underWay.values(), ...this.#waiting];
    this.#underWay.clear();
    this.#waiting = [];
    for (const call of calls) {
      fail(call, new DisconnectedError(CLOSED));
    }
  }

  async #run(): Promise<void> {
    let pause = 0;
    while (!this.#stop.signal.aborted) {
      await sleep(pause * (0.75 + Math.random() / 2), this.#stop.signal);
      const began = Date.now();
      const error = await this.#attach();
      if (!this.#stop.signal.aborted) {
        this.#setStatus({ is: "connecting", error });
      }
      pause = Date.now() - began >= LASTING_MS ? 0 : Math.min(Math.max(2 * pause, PAUSE_MS_MIN), PAUSE_MS_MAX);
    }
  }

  /** One connection, from its attempt to its end. Gives the reason why it ended. */
  async #attach(): Promise<Error> {
    const attempt = new AbortController();
    const slow = setTimeout(() => attempt.abort(new DisconnectedError("the daemon does not greet")), CONNECT_MS);
    const onStop = (): void => attempt.abort(new DisconnectedError(CLOSED));
    this.#stop.signal.addEventListener("abort", onStop);
    try {
      return await this.#converse(attempt.signal, () => clearTimeout(slow));
    } catch (error) {
      return asError(error);
    } finally {
      clearTimeout(slow);
      this.#stop.signal.removeEventListener("abort", onStop);
    }
  }

  /** Opens a connection, greets, and reads until it ends or the signal says so. */
  async #converse(signal: AbortSignal, greeted: () => void): Promise<Error> {
    let close: (reason: Error) => void = () => {};
    const closed = new Promise<Error>((resolve) => (close = resolve));
    // The last line before the daemon cuts says why.
    let last: DaemonError | undefined;
    const line = (text: string): void => {
      try {
        last = this.#read(text) ?? last;
      } catch (error) {
        close(asError(error));
      }
    };
    const pipe = await this.#open({ line, closed: (reason) => close(last ?? reason) }, signal);
    signal.addEventListener("abort", () => close(asError(signal.reason)));
    if (signal.aborted) {
      close(asError(signal.reason));
    } else {
      this.#greet(pipe, close, greeted);
    }
    const reason = await closed;
    this.#lose();
    pipe.close();
    return reason;
  }

  /** Says hello. */
  #greet(pipe: Pipe, close: (reason: Error) => void, greeted: () => void): void {
    const answered = (result: unknown): void => {
      greeted();
      const { daemon, api } = result as HelloResult;
      if (api !== API_VERSION) {
        return close(new VersionError(api));
      }
      this.#isGreeted = true;
      this.#setStatus({ is: "connected", daemon, api });
      for (const ask of [...this.#following]) {
        ask();
      }
      this.#sendWaiting();
    };
    const params = { client: this.#options.program, answers: Object.keys(this.#options.answers ?? {}) };
    this.#pipe = pipe;
    this.#send({ method: "hello", params, on: "this one", patienceMs: 0, answered, failed: close, done: false });
  }

  #begin(
    call: Pick<Call, "method" | "params" | "on">,
    options: CallOptions,
    answered: (result: unknown) => void,
    failed: (error: Error) => void,
  ): void {
    const { signal, patienceMs = this.#options.patienceMs ?? PATIENCE_MS } = options;
    const line = request(Number.MAX_SAFE_INTEGER, call.method, call.params);
    if (signal?.aborted) {
      return failed(asError(signal.reason));
    } else if (this.#stop.signal.aborted) {
      return failed(new DisconnectedError(CLOSED));
    } else if (this.#waiting.length >= WAITING_MAX && call.on !== "this one") {
      return failed(new TooManyCallsError(`${WAITING_MAX} calls wait already`));
    } else if (new TextEncoder().encode(line).length > LINE_BYTES_MAX) {
      return failed(new RangeError(`a request has at most ${LINE_BYTES_MAX} bytes`));
    }
    const begun: Call = { ...call, patienceMs, answered, failed, done: false };
    const onAbort = (): void => fail(begun, asError(signal?.reason));
    const forget = (): void => signal?.removeEventListener("abort", onAbort);
    begun.answered = (result) => (forget(), answered(result));
    begun.failed = (error) => (forget(), failed(error));
    signal?.addEventListener("abort", onAbort);
    this.#wait(begun);
    this.#sendWaiting();
  }

  /** Has a call wait for its turn, or for a connection, as long as its patience lasts. */
  #wait(call: Call): void {
    call.since ??= Date.now();
    const impatient = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== call);
      const cause = this.#status.is === "connecting" ? this.#status.error : undefined;
      fail(call, new DisconnectedError("the daemon was not reached in time", { cause }));
    };
    const left = call.since + call.patienceMs - Date.now();
    call.patience = setTimeout(impatient, Math.min(Math.max(0, left), TIMER_MS_MAX));
    if (call.on === "this one") {
      // What is followed is waited for by everyone, and is not much.
      this.#waiting.unshift(call);
    } else {
      this.#waiting.push(call);
    }
  }

  #sendWaiting(): void {
    while (this.#isGreeted && this.#pausing === undefined && this.#underWay.size < CALLS_MAX) {
      const call = this.#waiting.shift();
      if (call === undefined) {
        return;
      }
      clearTimeout(call.patience);
      if (!call.done) {
        this.#send(call);
      }
    }
  }

  #send(call: Call): void {
    this.#lastId += 1;
    this.#underWay.set(this.#lastId, call);
    this.#pipe?.send(request(this.#lastId, call.method, call.params));
  }

  /** The connection is gone. What was under way is asked again where it may be. */
  #lose(): void {
    this.#pipe = undefined;
    this.#isGreeted = false;
    const [underWay, waiting] = [[...this.#underWay.values()], this.#waiting];
    this.#underWay.clear();
    this.#waiting = [];
    for (const call of underWay) {
      if (call.on === "any" && !call.done) {
        call.since = undefined;
        this.#wait(call);
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

  /** Reads a line. Gives an error that answers no call: the daemon says it before it cuts. */
  #read(text: string): DaemonError | undefined {
    const message: unknown = JSON.parse(text);
    if (!isObject(message)) {
      throw new SyntaxError("a line of the daemon is no object");
    }
    const { id, method, params } = message;
    if (typeof method === "string" && id !== undefined) {
      void this.#answer(id, method, params);
      return undefined;
    }
    if (typeof method === "string") {
      this.#told.tell(method as keyof Notifications, params as never);
      return undefined;
    }
    const error = "error" in message ? DaemonError.read(message["error"]) : undefined;
    const call = typeof id === "number" ? this.#underWay.get(id) : undefined;
    if (typeof id !== "number" || call === undefined) {
      return error;
    }
    this.#underWay.delete(id);
    this.#settle(call, error, message["result"]);
    this.#sendWaiting();
    return undefined;
  }

  #settle(call: Call, error: DaemonError | undefined, result: unknown): void {
    if (call.done) {
      return;
    }
    if (error === undefined) {
      call.done = true;
      call.answered(result);
    } else if (error.passes && Date.now() - (call.since ?? 0) < call.patienceMs) {
      // What it says counts for every call.
      this.#wait(call);
      this.#pausing ??= setTimeout(() => {
        this.#pausing = undefined;
        this.#sendWaiting();
      }, ASK_AGAIN_MS);
    } else {
      fail(call, error);
    }
  }

  /** Answers a question of the daemon's. */
  async #answer(id: unknown, method: string, params: unknown): Promise<void> {
    const pipe = this.#pipe;
    const reply = (line: string): void => pipe?.send(line);
    const refuse = (code: number, message: string): void =>
      reply(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message, data: { code: message } } }));
    const answer = this.#options.answers?.[method as keyof Questions] as ((asked: unknown) => unknown) | undefined;
    if (answer === undefined) {
      return refuse(-32601, "method_not_found");
    }
    if (this.#questions >= QUESTIONS_MAX) {
      return refuse(-32016, "declined");
    }
    this.#questions += 1;
    try {
      const result = await answer(params);
      reply(JSON.stringify({ jsonrpc: "2.0", id, result }));
    } catch {
      refuse(-32016, "declined");
    } finally {
      this.#questions -= 1;
    }
  }

  #setStatus(status: ClientStatus): void {
    this.#status = status;
    this.#statuses.tell("status", status);
  }
}

function request(id: number, method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** Ends a call that is not over. */
function fail(call: Call, error: Error): void {
  clearTimeout(call.patience);
  if (!call.done) {
    call.done = true;
    call.failed(error);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Sleeps, at most until the signal. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
  });
}
