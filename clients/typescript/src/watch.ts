// One conference as a client watches it, over all connections.

import type { Client, Following } from "./client.js";
import type {
  Command,
  ConferenceActResult,
  ConferenceEventsNotification,
  ConferenceLostNotification,
  ConferencePassedOverNotification,
  ConferenceReceiptNotification,
  ConferenceResetNotification,
  ConferenceStateNotification,
  ConferenceWatchParams,
  ConferenceWatchResult,
  Event,
  FoldedPoint,
  May,
  Notifications,
  Point,
  Refusal,
  SeatState,
  View,
} from "./generated.js";
import { Listeners } from "./listeners.js";
import { mergePatch } from "./patch.js";

/** The longest state that is taken in parts, in UTF-16 units: one of thousands has some megabytes. */
const STATE_UNITS_MAX = 64 * 1024 * 1024;

/** A command whose text is kept by the daemon. */
export interface Kept {
  command: string;
  body: Command;
  /**
   * `waiting`: it is on the daemon's disk, and has no receipt yet. `refused`: `code` says why.
   * `lost`: it was accepted, and a backup of the server does not hold it; `act` with this id sends
   * it again. The last two are kept until they are dismissed.
   */
  is: "waiting" | "refused" | "lost";
  code?: Refusal;
  /** When the conference opens, where that is why. */
  opens?: string;
}

/** The news of a watch. */
export interface WatchNews {
  /** Something that the watch holds is another now. Told once for all that came together. */
  change: ConferenceWatch;
  /** Events happened. Each is told once, in order, and the state has them. */
  events: Event[];
  /** Everything above `after` up to `through` is told no more; `conference.history` gives it. */
  passedOver: { after: number; through: number };
  /** Everything that was told above this number is void, and the watch goes on from there. */
  reset: { to: number };
  /** A command was accepted or refused, of whichever frontend. */
  receipt: ConferenceReceiptNotification;
  /** A command that was accepted is in the conference no more. */
  lost: ConferenceLostNotification;
}

/**
 * One conference: its state, and what is told of it. It goes on behind what was told, whatever is
 * restarted. Everything that it holds is replaced, never changed: a part that is the same object as
 * before is the same.
 */
export class ConferenceWatch {
  /** The name by which it is watched. */
  readonly conference: string;
  /** The conference; `undefined` until it is known. */
  state: View | undefined;
  /** The things that the participant may do now; `undefined` where they take part no more. */
  may: May | undefined;
  /** Who one is. */
  participant: string | undefined;
  /** The incarnation of the log in which the numbers count. */
  log: string | undefined;
  /** How the seat stands; `undefined` until that is known. */
  seat: SeatState | undefined;
  /** Why the server refused the seat, or does not open it now. */
  code: Refusal | undefined;
  /** The log that the server shows in place of the one that the seat knows. */
  otherLog: string | undefined;
  /** Milliseconds by which the server's clock is ahead of this machine's, once it was seen. */
  clockOffsetMs: number | undefined;
  /** The participants who are connected; `undefined` where that is not known. */
  online: readonly string[] | undefined;
  /** Commands that wait, or came back, by their ids, in the order in which they were told. */
  kept: ReadonlyMap<string, Kept> = new Map();
  /**
   * Whether what is held is as the daemon knows it: the watch has begun on the connection there is,
   * and no part of the state is still to come.
   */
  isLive = false;
  /** Why the daemon does not let it be watched, such as `conference_unknown`. */
  error: Error | undefined;

  readonly #client: Client;
  readonly #news = new Listeners<WatchNews>();
  readonly #following: Following;
  readonly #endings: (() => void)[];
  readonly #forget: () => void;
  /** Up to where all is told; `undefined` until the first answer. */
  #cursor: { number: number; term: string | undefined } | undefined;
  #level = 0;
  /** The answer is not here: what is told meanwhile is of an earlier watch. */
  #isAsked = false;
  /** The parts of the state that are here, while some are missing. `next` counts them. */
  #parts: { next: number; text: string } | undefined;
  /** The state that was told does not hold any more, and another one follows. */
  #isStateAwaited = false;
  #isChanged = false;

  /** @internal */
  constructor(client: Client, conference: string, forget: () => void) {
    this.conference = conference;
    this.#client = client;
    this.#forget = forget;
    this.#endings = [
      client.onStatus(() => this.#handleStatus()),
      this.#on("conference.state", (told) => this.#handleState(told)),
      this.#on("conference.events", (told) => this.#handleEvents(told)),
      this.#on("conference.passed_over", (told) => this.#handlePassedOver(told)),
      this.#on("conference.reset", (told) => this.#handleReset(told)),
      this.#on("conference.may", (told) => (this.may = told.may ?? undefined)),
      this.#on("conference.presence", (told) => (this.online = told.online ?? undefined)),
      this.#on("conference.clock", (told) => (this.clockOffsetMs = told.offset_ms)),
      this.#on("conference.seat", (told) => this.#stand(told)),
      this.#on("conference.outbox", ({ command, body }) => this.#keep({ command, body, is: "waiting" })),
      this.#on("conference.receipt", (told) => this.#handleReceipt(told)),
      this.#on("conference.lost", (told) => this.#handleLost(told)),
      this.#on("conference.dismissed", ({ command }) => this.#letGo(command)),
    ];
    this.#following = client.follow(
      "conference.watch",
      () => this.#params(),
      (answer) => this.#handleAnswer(answer),
      (error) => this.#handleRefusal(error),
    );
  }

  /** Tells each of these. The function that is given ends that. */
  on<Name extends keyof WatchNews>(name: Name, listener: (told: WatchNews[Name]) => void): () => void {
    return this.#news.on(name, listener);
  }

  /** Where the watch is: number and term, for `seen` of a command. */
  get point(): Point | undefined {
    const { number, term } = this.#cursor ?? {};
    return number === undefined || term === undefined ? undefined : { number, term };
  }

  /** Waits until the state is here. Rejects where the daemon does not let it be watched. */
  async ready(signal?: AbortSignal): Promise<View> {
    while (this.state === undefined) {
      if (this.error !== undefined) {
        throw this.error;
      }
      await this.#nextChange(signal);
    }
    return this.state;
  }

  /**
   * Wants something. Once this answers `accepted` or `queued` the command is safe, whatever is
   * killed. The same id is the same command, however often it is sent.
   */
  act(body: Command, { id = this.#client.randomUUID(), waitMs = 0 } = {}): Promise<ConferenceActResult> {
    const seen = this.point;
    const params = { conference: this.conference, id, body, wait_ms: waitMs, ...(seen && { seen }) };
    return this.#client.call("conference.act", params);
  }

  /** Lets the text of a refused or lost command go. */
  async dismiss(command: string): Promise<void> {
    await this.#client.call("conference.dismiss", { conference: this.conference, id: command });
  }

  /** Watches no more. */
  stop(): void {
    this.#following.stop();
    this.#endings.forEach((end) => end());
    this.#forget();
    this.isLive = false;
    this.#unwatch(() => {});
  }

  #on<Name extends keyof Notifications>(name: Name, handle: (told: Notifications[Name]) => void): () => void {
    return this.#client.on(name, (told) => {
      if ((told as { conference?: string }).conference === this.conference && this.#isAsked) {
        handle(told);
        this.#changed();
      }
    });
  }

  /** With what the watch begins on a connection. */
  #params(): ConferenceWatchParams {
    this.#isAsked = false;
    const params = { conference: this.conference, state: true };
    if (this.#cursor === undefined) {
      return params;
    }
    const { number, term } = this.#cursor;
    const after: number | FoldedPoint = term === undefined ? number : { number, term, level: this.#level };
    return { ...params, after };
  }

  #handleAnswer(answer: ConferenceWatchResult): void {
    const before = this.#cursor?.number;
    this.#isAsked = true;
    this.error = undefined;
    this.#level = answer.level ?? 0;
    this.#cursor = { number: answer.after, term: answer.term ?? undefined };
    this.participant = answer.participant ?? undefined;
    this.log = answer.log ?? undefined;
    this.may = answer.may ?? undefined;
    this.clockOffsetMs = answer.clock_offset_ms ?? undefined;
    this.online = undefined;
    // Commands that wait, or came back, are told anew.
    this.kept = new Map();
    this.#stand(answer);
    this.#isStateAwaited = false;
    this.#parts = undefined;
    if (answer.state != null) {
      this.state = answer.state;
    } else if (answer.parts != null) {
      this.#isStateAwaited = true;
    }
    this.#live();
    if (before !== undefined && before < answer.after) {
      this.#news.tell("passedOver", { after: before, through: answer.after });
    }
    this.#changed();
  }

  #handleRefusal(error: Error): void {
    this.error = error;
    this.#live();
    this.#changed();
  }

  #handleStatus(): void {
    if (this.#client.status.is !== "connected") {
      this.#isAsked = false;
      // The next connection is asked anew.
      this.error = undefined;
      this.#live();
      this.#changed();
    }
  }

  #handleState({ part, parts, data }: ConferenceStateNotification): void {
    const { next, text } = part === 0 ? { next: 0, text: "" } : (this.#parts ?? { next: -1, text: "" });
    if (part !== next || text.length + data.length > STATE_UNITS_MAX) {
      return this.#again();
    }
    this.#isStateAwaited = true;
    this.#parts = { next: next + 1, text: text + data };
    if (next + 1 === parts) {
      try {
        this.state = JSON.parse(this.#parts.text) as View;
      } catch {
        return this.#again();
      }
      this.#parts = undefined;
      this.#isStateAwaited = false;
    }
    this.#live();
  }

  #handleEvents({ after, through, term, events, patches }: ConferenceEventsNotification): void {
    const cursor = this.#cursor?.number ?? 0;
    if (through <= cursor) {
      return;
    }
    if (after > cursor) {
      return this.#again();
    }
    if (patches != null && !this.#isStateAwaited) {
      this.state = patches.reduce(mergePatch, this.state) as View | undefined;
    }
    this.#cursor = { number: through, term: term ?? undefined };
    const fresh = events.filter((event) => event.seq > cursor);
    if (fresh.length > 0) {
      this.#news.tell("events", fresh);
    }
  }

  #handlePassedOver({ through, term }: ConferencePassedOverNotification): void {
    const after = this.#cursor?.number ?? 0;
    if (through > after) {
      this.#cursor = { number: through, term: term ?? undefined };
      this.#news.tell("passedOver", { after, through });
    }
  }

  #handleReset({ cursor, term }: ConferenceResetNotification): void {
    this.#cursor = { number: cursor, term: term ?? undefined };
    this.#news.tell("reset", { to: cursor });
  }

  #stand(told: { seat: SeatState; code?: Refusal | null; other_log?: string | null }): void {
    this.seat = told.seat;
    this.code = told.code ?? undefined;
    this.otherLog = told.other_log ?? undefined;
  }

  #handleReceipt(told: ConferenceReceiptNotification): void {
    const { command, body, code, opens } = told;
    if (told.state === "refused" && body != null) {
      this.#keep({ command, body, is: "refused", ...(code && { code }), ...(opens && { opens }) });
    } else {
      this.#letGo(command);
    }
    this.#news.tell("receipt", told);
  }

  #handleLost(told: ConferenceLostNotification): void {
    this.#keep({ command: told.command, body: told.body, is: "lost" });
    this.#news.tell("lost", told);
  }

  #keep(kept: Kept): void {
    this.kept = new Map(this.kept).set(kept.command, kept);
  }

  #letGo(command: string): void {
    const kept = new Map(this.kept);
    kept.delete(command);
    this.kept = kept;
  }

  #live(): void {
    this.isLive = this.#isAsked && !this.#isStateAwaited && this.error === undefined;
  }

  /** The news do not fit together: the watch begins anew, behind the last that did. */
  #again(): void {
    this.#isAsked = false;
    this.#live();
    this.#unwatch(() => this.#following.again());
  }

  /** Ends the watch on this connection, and calls where that is done. */
  #unwatch(ended: () => void): void {
    // Where it fails the connection has ended, and the watch with it.
    const params = { conference: this.conference };
    this.#client.askHere(
      "conference.unwatch",
      () => params,
      ended,
      () => {},
    );
  }

  #changed(): void {
    if (!this.#isChanged) {
      this.#isChanged = true;
      queueMicrotask(() => {
        this.#isChanged = false;
        this.#news.tell("change", this);
      });
    }
  }

  #nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        signal?.removeEventListener("abort", onAbort);
        off();
        settle();
      };
      const off = this.on("change", () => end(resolve));
      const onAbort = (): void => end(() => reject(signal?.reason));
      signal?.aborted ? onAbort() : signal?.addEventListener("abort", onAbort);
    });
  }
}
