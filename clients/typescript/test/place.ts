// A server, daemons and a conference on this machine.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { localClient } from "../src/node.js";
import type { Client } from "../src/index.js";
import { PATIENCE_MS } from "./fake.js";

/** Where the programs are, as `cargo xtask test` says. */
const PROGRAMS = process.env["CONVENE_BIN_DIR"];
/** For `skip` of a test: tests with the real programs run wherever these are. */
export const NO_PROGRAMS = PROGRAMS === undefined ? "CONVENE_BIN_DIR names no programs" : false;
/** Of a server: conference ports, and the HTTPS port behind them. */
const PORTS = 3;

export class Place {
  readonly #running = new Map<string, ChildProcess>();

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** One with a running server, until the test is over. */
  static async start(test: TestContext): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), "convene-place-")), await freePorts());
    test.after(async () => {
      await Promise.all([...place.#running.keys()].map((name) => place.kill(name)));
      await rm(place.folder, { recursive: true });
    });
    await writeFile(place.path("convene-server.toml"), 'name = "localhost"\n');
    await writeFile(place.path("convened.toml"), '[[server]]\nhost = "localhost"\n');
    await writeFile(place.path("conference.toml"), 'title = "A test"\n');
    const { port } = place;
    const listen = [`127.0.0.1:${port}-${port + PORTS - 1}`, `127.0.0.1:${port + PORTS}`];
    const server = place.#start("server", "convene-server", [
      ...["run", "--config", place.path("convene-server.toml"), "--state-dir", place.path("server")],
      ...listen.flatMap((address) => ["--listen", address]),
    ]);
    await said(server, "listening");
    return place;
  }

  /** Starts a daemon, or starts it again. */
  daemon(name: string): void {
    const at = ["--state-dir", this.path(name), "--socket", this.path(`${name}.sock`)];
    this.#start(name, "convened", ["--config", this.path("convened.toml"), ...at]);
  }

  /** Kills a program, and waits until it is gone. */
  async kill(name: string): Promise<void> {
    const child = this.#running.get(name);
    assert.ok(child !== undefined && child.exitCode === null, `${name} does not run`);
    this.#running.delete(name);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** A client of a daemon, until the test is over. */
  client(test: TestContext, daemon: string): Client {
    const socket = this.path(`${daemon}.sock`);
    const client = localClient({ program: "test 1", socket, patienceMs: PATIENCE_MS });
    test.after(() => client.close());
    return client;
  }

  /** Starts the example at a daemon, and waits until it listens. */
  async example(daemon: string, conference: string): Promise<void> {
    const script = fileURLToPath(new URL("../examples/echo.js", import.meta.url));
    const env = { ...process.env, CONVENE_SOCKET: this.path(`${daemon}.sock`) };
    await said(this.#spawn("example", process.execPath, [script, conference], env), "listens");
  }

  /** Makes a conference: its id and the link for participants. */
  async create(): Promise<{ conference: string; participant_link: string }> {
    const created = ["conference", "create", this.path("conference.toml"), "--json"];
    const { stdout } = await promisify(execFile)(program("convene-server"), [
      ...[...created, "--state-dir", this.path("server")],
    ]);
    return JSON.parse(stdout);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  #start(name: string, which: string, args: string[]): ChildProcess {
    return this.#spawn(name, program(which), args, process.env);
  }

  #spawn(name: string, which: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(which, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    this.#running.set(name, child);
    // A log that nobody reads would stop it.
    child.stderr?.resume();
    return child;
  }
}

function program(name: string): string {
  return join(PROGRAMS ?? "", name);
}

/** Waits until a program logs this word. */
function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    const timer = setTimeout(() => reject(new Error(`not in time: ${log}`)), PATIENCE_MS);
    child.on("exit", () => reject(new Error(`it ended: ${log}`)));
    child.stderr?.on("data", (text) => {
      log += text;
      if (log.includes(word)) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
}

/** The first of some ports in a row that nobody has. */
async function freePorts(): Promise<number> {
  for (let first = 31_000 + (process.pid % 400) * 20; first < 65_000; first += PORTS + 1) {
    const ports = Array.from({ length: PORTS + 1 }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every((free) => free)) {
      return first;
    }
  }
  throw new Error("no ports are free");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
