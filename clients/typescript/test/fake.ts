// A daemon that does as its test says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { Lines, localClient } from "../src/node.js";
import type { Client, ClientOptions } from "../src/index.js";

/** How long anything may take, in milliseconds. */
export const PATIENCE_MS = 120_000;

/** A request, as it came. */
export interface Asked {
  method: string;
  params: Record<string, unknown>;
  /** Answers it, and tells what is behind the answer in the same write. */
  answer(result: unknown, ...behind: [method: string, params: object][]): void;
  refuse(word: string, code?: number, data?: object): void;
}

export class FakeDaemon {
  /** Lines that are no requests: answers to questions. */
  readonly replies = new Queue<Record<string, unknown>>();
  /** The most requests that were under way at the same time. */
  underWayMax = 0;
  /** How `hello` is answered. */
  hello: object = { daemon: "fake", api: 3 };
  readonly #asked = new Queue<Asked>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #underWay = 0;

  private constructor(readonly path: string) {}

  /** One that listens, until the test is over. */
  static async start(test: TestContext): Promise<FakeDaemon> {
    const folder = await mkdtemp(join(tmpdir(), "convene-fake-"));
    const daemon = new FakeDaemon(join(folder, "convened.sock"));
    await daemon.listen();
    test.after(async () => {
      await daemon.stop();
      await rm(folder, { recursive: true });
    });
    return daemon;
  }

  async listen(): Promise<void> {
    this.#server = createServer((socket) => this.#attend(socket)).listen(this.path);
    await once(this.#server, "listening");
  }

  /** Cuts every connection, and listens no more. */
  async stop(): Promise<void> {
    if (this.#server?.listening) {
      const closed = once(this.#server, "close");
      this.#server.close();
      this.cut();
      await closed;
    }
  }

  /** Cuts every connection. */
  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** The next request but `hello`, which has to be of this method. */
  async asked(method: string): Promise<Asked> {
    const asked = await this.#asked.next();
    assert.equal(asked.method, method);
    return asked;
  }

  /** Says something on every connection. */
  say(message: object): void {
    this.#sockets.forEach((socket) => socket.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  }

  tell(...told: [method: string, params: object][]): void {
    const lines = told.map(([method, params]) => JSON.stringify({ jsonrpc: "2.0", method, params }));
    this.#sockets.forEach((socket) => socket.write(`${lines.join("\n")}\n`));
  }

  #attend(socket: Socket): void {
    const lines = new Lines();
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (bytes) => lines.push(bytes).forEach((line) => this.#read(socket, JSON.parse(line))));
  }

  #read(socket: Socket, message: Record<string, unknown>): void {
    const { id, method, params } = message;
    const write = (...lines: object[]): void =>
      void socket.write(lines.map((line) => `${JSON.stringify({ jsonrpc: "2.0", ...line })}\n`).join(""));
    if (method === undefined) {
      return this.replies.push(message);
    }
    if (method === "hello") {
      return write({ id, result: this.hello });
    }
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    const answer = (...lines: object[]): void => {
      this.#underWay -= 1;
      write(...lines);
    };
    this.#asked.push({
      method: method as string,
      params: params as Record<string, unknown>,
      answer: (result, ...behind) =>
        answer({ id, result }, ...behind.map(([method, params]) => ({ method, params }))),
      refuse: (word, code = -32000, data = {}) =>
        answer({ id, error: { code, message: word, data: { code: word, ...data } } }),
    });
  }
}

/** Values that are waited for, one by one. */
export class Queue<Value> {
  readonly #values: Value[] = [];
  readonly #waiting: ((value: Value) => void)[] = [];

  push(value: Value): void {
    const waiting = this.#waiting.shift();
    waiting === undefined ? this.#values.push(value) : waiting(value);
  }

  next(): Promise<Value> {
    const value = this.#values.shift();
    if (value !== undefined) {
      return Promise.resolve(value);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("nothing came in time")), PATIENCE_MS);
      this.#waiting.push((value) => (clearTimeout(timer), resolve(value)));
    });
  }
}

/** A client of that daemon, until the test is over. */
export function clientOf(
  test: TestContext,
  daemon: FakeDaemon,
  options: Partial<ClientOptions> = {},
): Client {
  const client = localClient({ program: "test 1", socket: daemon.path, ...options });
  test.after(() => client.close());
  return client;
}

/** Waits until something holds, looking whenever `on` tells of a change. */
export function until(holds: () => boolean, on: (look: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let off = (): void => {};
    const timer = setTimeout(() => (off(), reject(new Error(`not in time: ${holds}`))), PATIENCE_MS);
    const look = (): void => {
      if (holds()) {
        clearTimeout(timer);
        off();
        resolve();
      }
    };
    off = on(look);
    look();
  });
}

/** Waits until the client is connected, or is not. */
export function status(client: Client, is: string): Promise<void> {
  return until(
    () => client.status.is === is,
    (look) => client.onStatus(look),
  );
}
