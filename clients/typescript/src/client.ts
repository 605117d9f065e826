// A client of the daemon that outlives connections.

import { Calls, TIMER_MS_MAX } from "./calls.js";
import { DaemonError, DisconnectedError, VersionError, isObject } from "./errors.js";
import { errorCodes } from "./generated.js";
import type { HelloResult, Methods, Notifications, Questions } from "./generated.js";
import { Listeners, guarded } from "./listeners.js";
import type { OpenPipe, Pipe } from "./pipe.js";
import { ConferenceWatch } from "./watch.js";

/** How long the daemon may take to accept and to greet, in milliseconds: it has nothing to do for that. */
const CONNECT_MS = 5_000;
/** Questions that are answered at the same time. */
const QUESTIONS_MAX = 16;
/** The pause before the second attempt to connect, in milliseconds. It doubles. */
const PAUSE_MS_MIN = 50;
/** The longest pause between two attempts, in milliseconds. */
const PAUSE_MS_MAX = 1_000;
/** A connection that has lasted so long was a good one, in milliseconds. */
const LASTING_MS = 10_000;
/** How long a call waits for a connection where nothing else is said, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Before a daemon whose disk fails is asked again what is followed, in milliseconds. */
const DISK_MS = 1_000;
/** The oldest version of the language that will do: a watch tells the state since then. */
const API_OLDEST = 3;
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
  readonly #calls = new Calls();
  #status: ClientStatus = { is: "connecting" };
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
    const { signal, repeat = true, patienceMs = this.#options.patienceMs ?? PATIENCE_MS } = options ?? {};
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        return reject(signal.reason);
      }
      let fail = (_: Error): void => {};
      const onAbort = (): void => fail(asError(signal?.reason));
      const settled = (settle: () => void): void => {
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      const answered = (result: unknown): void => settled(() => resolve(result as Methods[Name]["result"]));
      const failed = (error: Error): void => settled(() => reject(error));
      const call = { method, params: params ?? {}, patienceMs, answered, failed };
      signal?.addEventListener("abort", onAbort);
      fail = this.#calls.begin({ ...call, on: repeat ? "any" : "one" }, () => this.#trouble());
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
    if (this.#calls.isOpen) {
      const call = { method, params: params(), patienceMs: TIMER_MS_MAX, answered, failed } as const;
      this.#calls.begin({ ...call, on: "this one" }, () => undefined);
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
    this.#calls.close(new DisconnectedError(CLOSED));
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
      const longer = Math.min(Math.max(2 * pause, PAUSE_MS_MIN), PAUSE_MS_MAX);
      pause = Date.now() - began >= LASTING_MS ? 0 : longer;
    }
  }

  /** One connection, from its attempt to its end. Gives the reason why it ended. */
  async #attach(): Promise<Error> {
    const attempt = new AbortController();
    const tooSlow = new DisconnectedError("the daemon does not greet");
    const slow = setTimeout(() => attempt.abort(tooSlow), CONNECT_MS);
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
    let pipe: Pipe | undefined;
    const line = (text: string): void => {
      try {
        last = this.#read(text, (line) => pipe?.send(line)) ?? last;
      } catch (error) {
        close(asError(error));
      }
    };
    pipe = await this.#open({ line, closed: (reason) => close(last ?? reason) }, signal);
    signal.addEventListener("abort", () => close(asError(signal.reason)));
    if (signal.aborted) {
      close(asError(signal.reason));
    } else {
      this.#greet(pipe, close, greeted);
    }
    const reason = await closed;
    this.#calls.disconnect(() => this.#trouble());
    pipe.close();
    return reason;
  }

  /** Says hello. */
  #greet(pipe: Pipe, close: (reason: Error) => void, greeted: () => void): void {
    const answered = (result: unknown): void => {
      greeted();
      const { daemon, api } = result as HelloResult;
      if (api < API_OLDEST) {
        return close(new VersionError(api));
      }
      this.#calls.open();
      this.#setStatus({ is: "connected", daemon, api });
      for (const ask of [...this.#following]) {
        ask();
      }
      this.#calls.sendWaiting();
    };
    const params = { client: this.#options.program, answers: Object.keys(this.#options.answers ?? {}) };
    const hello = { method: "hello", params, patienceMs: 0, answered, failed: close } as const;
    this.#calls.connect((line) => pipe.send(line), { ...hello, on: "this one" });
  }

  /** Reads a line. Gives an error that answers no call: the daemon says it before it cuts. */
  #read(text: string, reply: (line: string) => void): DaemonError | undefined {
    const message: unknown = JSON.parse(text);
    if (!isObject(message)) {
      throw new SyntaxError("a line of the daemon is no object");
    }
    const { id, method, params, result } = message;
    if (typeof method === "string" && id !== undefined) {
      void this.#answer(id, method, params, reply);
      return undefined;
    }
    if (typeof method === "string") {
      this.#told.tell(method as keyof Notifications, params as never);
      return undefined;
    }
    const error = "error" in message ? DaemonError.read(message["error"]) : undefined;
    return typeof id === "number" && this.#calls.settle(id, error, result) ? undefined : error;
  }

  /** Answers a question of the daemon's. */
  async #answer(id: unknown, method: string, params: unknown, reply: (line: string) => void): Promise<void> {
    const refuse = (word: keyof typeof errorCodes): void => {
      const error = { code: errorCodes[word], message: word, data: { code: word } };
      reply(JSON.stringify({ jsonrpc: "2.0", id, error }));
    };
    const answers = (this.#options.answers ?? {}) as Record<string, (asked: unknown) => unknown>;
    const answer = Object.hasOwn(answers, method) ? answers[method] : undefined;
    if (answer === undefined) {
      return refuse("method_not_found");
    }
    if (this.#questions >= QUESTIONS_MAX) {
      return refuse("declined");
    }
    this.#questions += 1;
    try {
      const result = await answer(params);
      reply(JSON.stringify({ jsonrpc: "2.0", id, result }));
    } catch {
      refuse("declined");
    } finally {
      this.#questions -= 1;
    }
  }

  /** Why there is no connection. */
  #trouble(): Error | undefined {
    return this.#status.is === "connecting" ? this.#status.error : undefined;
  }

  #setStatus(status: ClientStatus): void {
    this.#status = status;
    this.#statuses.tell("status", status);
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
