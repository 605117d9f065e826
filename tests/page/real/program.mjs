// A program of ours that runs, is killed and is started again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the programs are: as `cargo xtask test` says, otherwise where a build of this clone puts them. */
const PROGRAMS = process.env.CONVENE_BIN_DIR ?? fileURLToPath(new URL("../../../target/debug", import.meta.url));

/** The path of one of our programs. */
export function program(name) {
  const path = join(PROGRAMS, name);
  if (!existsSync(path)) throw new Error(`${path} is not built: cargo build --workspace --bins, or set CONVENE_BIN_DIR`);
  return path;
}

export class Program {
  #child;

  constructor(name, parameters, { log, env }) {
    Object.assign(this, { path: program(name), parameters, log, env });
    this.start();
  }

  start() {
    const log = openSync(this.log, "a");
    this.#child = spawn(this.path, this.parameters, { env: this.env, stdio: ["ignore", "ignore", log] });
    closeSync(log);
  }

  /** SIGKILL; it is gone then. */
  async kill() {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error(`it had ended by itself:\n${this.logged()}`);
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  /** Ends it, whether it runs or not. */
  async end() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }

  logged() {
    return readFileSync(this.log, "utf8");
  }
}
