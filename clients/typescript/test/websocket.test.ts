import assert from "node:assert/strict";
import test from "node:test";

import { Client, webSocket } from "../src/index.js";
import { status } from "./fake.js";

/** A WebSocket as browsers have it, whose other end is a test. */
class FakeWebSocket {
  static readonly made: FakeWebSocket[] = [];
  readonly sent: string[] = [];
  isClosed = false;
  onopen = (): void => {};
  onmessage = (_: { data: unknown }): void => {};
  onclose = (_: { code: number; reason: string }): void => {};

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeWebSocket.made.push(this);
    queueMicrotask(() => this.onopen());
  }

  send(line: string): void {
    this.sent.push(line);
    const { id, method } = JSON.parse(line);
    const result = method === "hello" ? { daemon: "fake", api: 3 } : { conferences: [] };
    queueMicrotask(() => this.onmessage({ data: JSON.stringify({ jsonrpc: "2.0", id, result }) }));
  }

  close(): void {
    this.isClosed = true;
  }
}

test("a page speaks over a WebSocket, and over the next one where that ends", async (test) => {
  (globalThis as { WebSocket?: unknown }).WebSocket = FakeWebSocket;
  const client = new Client(webSocket("ws://127.0.0.1/", ["convene", "token"]), { program: "page 1" });
  test.after(() => client.close());
  assert.deepEqual(await client.call("conference.list"), { conferences: [] });
  const [first] = FakeWebSocket.made;
  assert.deepEqual([first?.url, first?.protocols], ["ws://127.0.0.1/", ["convene", "token"]]);
  assert.equal(JSON.parse(first?.sent[0] ?? "").method, "hello");
  first?.onclose({ code: 1006, reason: "" });
  await status(client, "connecting");
  assert.deepEqual(await client.call("conference.list"), { conferences: [] });
  assert.equal(FakeWebSocket.made.length, 2);
  client.close();
  await status(client, "closed");
  await Promise.resolve();
  assert.equal(FakeWebSocket.made[1]?.isClosed, true);
});
