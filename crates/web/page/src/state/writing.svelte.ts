// The texts that are being written in one conference: kept by the daemon, and until it has them by
// this tab, which outlives a reload and a daemon that is away.

import type { Client, Draft, Following } from "convene-client";
import * as drafts from "./drafts";
import type { Writing } from "./drafts";
import * as tab from "./tab";

/** The longest that what is typed stands in this tab alone, in milliseconds. */
const PAUSE_MS = 400;

/** Makes one text of two that windows set at the same time; none, where a person has to choose. */
export type Resolve = (key: string, one: string, other: string) => string | undefined;

export class Writings {
  /** By key, such as `room:plenary`. */
  #all = $state.raw<ReadonlyMap<string, Writing>>(new Map());
  /** Whether it is known what the daemon keeps. */
  isLoaded = $state(false);

  readonly #client: Client;
  readonly #conference: string;
  readonly #resolve: Resolve;
  readonly #following: Following;
  readonly #endings: (() => void)[];
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(client: Client, conference: string, resolve: Resolve) {
    this.#client = client;
    this.#conference = conference;
    this.#resolve = resolve;
    for (const [key, writing] of this.#stored()) this.#put(key, writing);
    this.#following = client.follow(
      "draft.get",
      () => ({ conference }),
      ({ drafts: all }) => this.#handleAll(all),
    );
    const leaving = () => document.visibilityState === "hidden" && this.flush();
    document.addEventListener("visibilitychange", leaving);
    this.#endings = [
      client.on("draft.changed", ({ conference: where, draft }) => {
        if (where === conference) this.#put(draft.key, drafts.changed(this.of(draft.key), draft));
      }),
      () => document.removeEventListener("visibilitychange", leaving),
    ];
  }

  of(key: string): Writing {
    return this.#all.get(key) ?? drafts.EMPTY;
  }

  type(key: string, text: string): void {
    this.#put(key, drafts.typed(this.of(key), text));
    this.#keepSoon(key);
  }

  /** The text leaves the field at once, and is kept until it is where it was wanted. */
  leave(key: string): void {
    this.#put(key, drafts.left(this.of(key)));
    this.#keepSoon(key);
  }

  /** A text that left is where it was wanted. */
  arrived(key: string, text: string): void {
    this.#put(key, drafts.arrived(this.of(key), text));
    void this.#keep(key);
  }

  /** A text that left could not go. */
  returned(key: string, text: string): void {
    this.#put(key, drafts.returned(this.of(key), text));
    this.#keepSoon(key);
  }

  /** The text is where it was wanted: nothing is being written there any more. */
  clear(key: string): void {
    this.#put(key, drafts.typed(this.of(key), ""));
    void this.#keep(key);
  }

  /** One of two texts is chosen. */
  choose(key: string, text: string): void {
    this.#put(key, drafts.chosen(this.of(key), text));
    void this.#keep(key);
  }

  /** Keeps everything at once. */
  flush(): void {
    for (const key of this.#all.keys()) void this.#keep(key);
  }

  stop(): void {
    this.flush();
    this.#following.stop();
    this.#endings.forEach((end) => end());
    this.#timers.forEach((timer) => clearTimeout(timer));
  }

  #handleAll(all: readonly Draft[]): void {
    const told = new Map(all.map((draft) => [draft.key, draft]));
    for (const key of new Set([...told.keys(), ...this.#all.keys()])) {
      const writing = drafts.unsent(this.of(key));
      const draft = told.get(key);
      this.#put(key, draft === undefined ? drafts.absent(writing) : drafts.changed(writing, draft));
      this.#keepSoon(key);
    }
    this.isLoaded = true;
  }

  /** Keeps it soon, also while somebody types on without a pause. */
  #keepSoon(key: string): void {
    if (this.#timers.has(key)) return;
    const keep = () => {
      this.#timers.delete(key);
      void this.#keep(key);
    };
    this.#timers.set(key, setTimeout(keep, PAUSE_MS));
  }

  async #keep(key: string): Promise<void> {
    const wanted = drafts.toKeep(this.of(key));
    if (wanted === undefined) return;
    this.#put(key, drafts.sending(this.of(key), wanted.text));
    try {
      const params = { conference: this.#conference, key, ...wanted };
      const { draft } = await this.#client.call("draft.set", params, { repeat: false });
      this.#put(key, drafts.answered(this.of(key), draft));
      if (drafts.toKeep(this.of(key)) !== undefined) this.#keepSoon(key);
    } catch {
      // It stays in this tab, and is tried again by what is typed next, or with the next connection.
      this.#put(key, drafts.unsent(this.of(key)));
    }
  }

  #put(key: string, written: Writing): void {
    const { text, other } = written;
    const one = other === undefined ? undefined : this.#resolve(key, text, other);
    const writing = one === undefined ? written : drafts.chosen(written, one);
    if (one !== undefined) this.#keepSoon(key);
    this.#all = new Map(this.#all).set(key, writing);
    const place = this.#place(key);
    if (drafts.isKept(writing)) tab.remove(place);
    else tab.write(place, drafts.write(writing));
  }

  #place(key: string): string {
    return `draft ${this.#conference} ${key}`;
  }

  *#stored(): Iterable<[string, Writing]> {
    const start = this.#place("");
    for (const place of tab.keys(start)) {
      yield [place.slice(start.length), drafts.parse(tab.read(place) ?? "")];
    }
  }
}
