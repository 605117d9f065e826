// Everything that is not of one conference: the daemon, its connections, the seats, the settings,
// and which view is shown.

import {
  Client,
  webSocket,
  type AccessCheckRecord,
  type ClientStatus,
  type Connection,
  type Following,
  type ListedSeat,
  type ProxyPasswordAnswer,
  type ProxyPasswordParams,
} from "convene-client";
import { protocols, socketAddress } from "../session";
import * as words from "../words";
import type { Key, Language, Values } from "../words";
import { Conference } from "./conference.svelte";
import * as routes from "./route";
import type { Route } from "./route";
import * as tab from "./tab";
import type { AllSettings } from "./types";

/** A login that the daemon asks for, until the person answers or declines. */
export interface Question {
  readonly asked: ProxyPasswordParams;
  readonly answer: (login: ProxyPasswordAnswer) => void;
  readonly decline: () => void;
}

const LANGUAGE = "language";
const TYPED = "joining";
/** How long a daemon may be away before people are told by a page of its own, in milliseconds. */
const AWAY_MS = 3_000;

export class App {
  status = $state.raw<ClientStatus>({ is: "connecting" });
  /** Whether the daemon has been away for so long that something must be done. */
  isAway = $state(false);
  seats = $state.raw<readonly ListedSeat[] | undefined>();
  connections = $state.raw<readonly Connection[]>([]);
  settings = $state.raw<AllSettings | undefined>();
  checks = $state.raw<readonly AccessCheckRecord[]>([]);
  route = $state.raw<Route>({ view: "conferences" });
  language = $state<Language>("en");
  /** The conference that is shown. */
  open = $state.raw<Conference | undefined>();
  questions = $state.raw<readonly Question[]>([]);
  /** The join link with which the page was opened; it stands in no address. */
  link = $state<string | undefined>();
  /** What was typed to join: it is there again when one comes back. */
  typed = $state.raw(rememberedTyping());

  readonly client: Client;
  #settings: Following | undefined;
  #checks: Following | undefined;
  #away: ReturnType<typeof setTimeout> | undefined;

  constructor(token: string, link: string | undefined) {
    this.link = link;
    this.language = rememberedLanguage() ?? words.preferred(navigator.languages);
    this.client = new Client(webSocket(socketAddress(location), protocols(token)), {
      program: "convene-page",
      answers: { "proxy.password": (asked) => this.#ask(asked) },
    });
    this.client.onStatus((status) => this.#stand(status));
    this.client.follow("connection.watch", () => ({}), ({ connections }) => this.#reach(connections));
    this.client.on("connection.changed", ({ connections }) => this.#reach(connections));
    this.client.on("settings.changed", ({ settings }) => (this.settings = settings));
    this.client.on("access.changed", ({ check }) => this.#check(check));
    this.client.follow("conference.list", () => ({}), ({ conferences }) => (this.seats = conferences));
    window.addEventListener("hashchange", () => this.#turn(routes.read(location.hash)));
    window.addEventListener("focus", () => void this.list());
    this.#stand(this.client.status);
    this.#turn(link === undefined ? routes.read(location.hash) : { view: "join" });
  }

  /** Keeps what is typed to join, over a reload too. */
  remember(typed: { link: string; name: string }): void {
    this.typed = typed;
    tab.write(TYPED, JSON.stringify(typed));
  }

  say(key: Key, values?: Values): string {
    return words.say(this.language, key, values);
  }

  word(code: string, values?: Values): string {
    return words.word(this.language, code, values);
  }

  speak(language: Language): void {
    this.language = language;
    this.open?.setLanguage(language);
    try {
      localStorage.setItem(LANGUAGE, language);
    } catch {
      // It is remembered until the page is closed.
    }
  }

  /** Shows a view. */
  go(route: Route): void {
    const fragment = routes.write(route);
    if (fragment === location.hash) this.#turn(route);
    else location.hash = fragment;
  }

  /** Reads anew which seats there are. */
  async list(): Promise<void> {
    try {
      this.seats = (await this.client.call("conference.list")).conferences;
    } catch {
      // The daemon is away, which is shown by itself, and asked anew with the next connection.
    }
  }

  seatOf(name: string): ListedSeat | undefined {
    return this.seats?.find(({ seat, conference }) => seat === name || conference === name);
  }

  connectionOf(server: string | undefined): Connection | undefined {
    return this.connections.find((one) => one.server === server);
  }

  /** Follows the settings, from the first time that somebody looks at them. */
  followSettings(): void {
    this.#settings ??= this.client.follow("settings.watch", () => ({}), (settings) => (this.settings = settings));
  }

  /** Follows access checks without beginning one. */
  followChecks(): void {
    this.#checks ??= this.client.follow(
      "access.check",
      () => ({ watch_only: true }),
      ({ checks }) => (this.checks = checks),
    );
  }

  /** Begins an access check of all servers. */
  async check(): Promise<void> {
    this.followChecks();
    this.checks = (await this.client.call("access.check", {})).checks;
  }

  #turn(route: Route): void {
    this.route = route;
    const name = routes.conferenceOf(route);
    // The conference stays beside what is looked up for a moment.
    const isBeside = route.view === "check" || route.view === "settings";
    if (!isBeside && name !== this.open?.name) {
      this.open?.stop();
      this.open = name === undefined ? undefined : new Conference(this.client, name, this.language);
    }
    if (name === undefined) void this.list();
  }

  #stand(status: ClientStatus): void {
    this.status = status;
    if (status.is === "connected") {
      clearTimeout(this.#away);
      this.#away = undefined;
      this.isAway = false;
    } else {
      // Each attempt is a change of the status: the first of them counts.
      this.#away ??= setTimeout(() => (this.isAway = true), AWAY_MS);
    }
  }

  #reach(connections: readonly Connection[]): void {
    this.connections = connections;
    void this.list();
  }

  #check(check: AccessCheckRecord): void {
    const others = this.checks.filter(({ server }) => server !== check.server);
    const at = this.checks.findIndex(({ server }) => server === check.server);
    this.checks = at < 0 ? [...others, check] : [...others.slice(0, at), check, ...others.slice(at)];
  }

  #ask(asked: ProxyPasswordParams): Promise<ProxyPasswordAnswer> {
    return new Promise((answer, reject) => {
      const over = () => (this.questions = this.questions.filter((other) => other !== question));
      const question: Question = {
        asked,
        answer: (login) => (over(), answer(login)),
        decline: () => (over(), reject(new Error("declined"))),
      };
      this.questions = [...this.questions, question];
    });
  }
}

function rememberedLanguage(): Language | undefined {
  try {
    const language = localStorage.getItem(LANGUAGE);
    return words.LANGUAGES.find((one) => one === language);
  } catch {
    return undefined;
  }
}

function rememberedTyping(): { link: string; name: string } {
  const value: unknown = JSON.parse(tab.read(TYPED) ?? "{}");
  const { link = "", name = "" } = value as { link?: string; name?: string };
  return { link, name };
}
