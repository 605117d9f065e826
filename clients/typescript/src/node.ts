// The daemon's local socket, for programs that run in Node.

import { randomUUID } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { isAbsolute, join } from "node:path";

import { Client } from "./client.js";
import type { ClientOptions } from "./client.js";
import { DisconnectedError } from "./errors.js";
import { LINE_BYTES_MAX } from "./pipe.js";
import type { OpenPipe, Pipe, PipeEnd } from "./pipe.js";

/** The user that the packages make for the daemon. */
const SERVICE_USER = "convene";
const LINE_END = 0x0a;

/** Somebody else has the socket's name. Nothing was said to them. */
export class ImpostorError extends Error {
  override readonly name = "ImpostorError";

  constructor(
    /** The socket. */
    readonly path: string,
    /** The number of the user whom it belongs to. */
    readonly user: number,
  ) {
    super(`${path} belongs to user ${user}, and not to the system, ${SERVICE_USER}, or you`);
  }
}

/** How the local socket is looked for. */
export interface LocalOptions {
  /** The only place to look at, instead of those that `sockets` names. */
  socket?: string;
  /**
   * Whether to open a pipe of Windows, although Node does not tell whose it is: another user of this
   * machine may have taken its name. Without it nothing is opened there.
   */
  acceptUnverified?: boolean;
}

/** A client over the daemon's local socket. */
export function localClient(options: ClientOptions & LocalOptions): Client {
  return new Client(localSocket(options), { randomUUID, ...options });
}

/** Where to look for the daemon, best first: a daemon of this user's, then the system's. */
export function sockets(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string[] {
  const { CONVENE_SOCKET, USERNAME, XDG_RUNTIME_DIR, XDG_STATE_HOME, HOME } = environment;
  if (CONVENE_SOCKET) {
    return [CONVENE_SOCKET];
  }
  if (platform === "win32") {
    return [...(USERNAME ? [`\\\\.\\pipe\\convened-${USERNAME}`] : []), "\\\\.\\pipe\\convened"];
  }
  const folder = (path = ""): string[] => (isAbsolute(path) ? [path] : []);
  const [state = folder(HOME).map((home) => join(home, ".local/state"))[0]] = folder(XDG_STATE_HOME);
  const own = [...folder(XDG_RUNTIME_DIR), ...folder(state)];
  return [...own.map((path) => join(path, "convene/convened.sock")), "/run/convene/convened.sock"];
}

/**
 * Opens the first of these places at which a daemon listens that can be trusted. Somebody else's
 * socket is passed by, so that nobody is locked out by one who takes a name, and is the error if
 * there is no other.
 */
export function localSocket({ socket, acceptUnverified = false }: LocalOptions = {}): OpenPipe {
  return async (end, signal) => {
    const places = socket === undefined ? sockets() : [socket];
    let [last, impostor]: [unknown, ImpostorError | undefined] = [undefined, undefined];
    for (const path of places) {
      try {
        return await open(path, acceptUnverified, end, signal);
      } catch (error) {
        signal.throwIfAborted();
        last = error;
        impostor ??= error instanceof ImpostorError ? error : undefined;
      }
    }
    const nowhere = `convened does not answer at ${places.join(" or ")}`;
    throw impostor ?? new DisconnectedError(nowhere, { cause: last });
  };
}

/** @internal Whether the daemon may run as this user. */
export function isTrusted(user: number, own: number, passwd: string): boolean {
  const service = passwd.split("\n").find((line) => line.startsWith(`${SERVICE_USER}:`));
  return user === 0 || user === own || service?.split(":")[2] === String(user);
}

async function open(
  path: string,
  acceptUnverified: boolean,
  end: PipeEnd,
  signal: AbortSignal,
): Promise<Pipe> {
  if (process.platform === "win32") {
    if (!acceptUnverified) {
      throw new DisconnectedError("Node does not tell whose pipe it is; `acceptUnverified` opens it anyway");
    }
    return carry(await connected(path, signal), end);
  }
  const before = await owner(path);
  const connection = await connected(path, signal);
  // Another socket that was put in its place meanwhile is seen here.
  const after = await owner(path).catch((error: unknown) => (connection.destroy(), Promise.reject(error)));
  if (before.inode !== after.inode || before.device !== after.device) {
    connection.destroy();
    throw new DisconnectedError(`${path} is another socket than a moment ago`);
  }
  return carry(connection, end);
}

/** Checks the owner of the socket. Node does not tell who listens, so the file has to tell it. */
async function owner(path: string): Promise<{ device: bigint; inode: bigint }> {
  const { uid, dev, ino } = await stat(path, { bigint: true });
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  if (!isTrusted(Number(uid), process.geteuid?.() ?? -1, passwd)) {
    throw new ImpostorError(path, Number(uid));
  }
  return { device: dev, inode: ino };
}

function connected(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const settle = (settled: () => void): void => {
      signal.removeEventListener("abort", giveUp);
      socket.removeListener("error", failed);
      settled();
    };
    const failed = (error: Error): void => settle(() => reject(error));
    const giveUp = (): void => settle(() => (socket.destroy(), reject(signal.reason)));
    socket.once("error", failed);
    socket.once("connect", () => settle(() => resolve(socket)));
    signal.aborted ? giveUp() : signal.addEventListener("abort", giveUp);
  });
}

function carry(socket: Socket, end: PipeEnd): Pipe {
  const lines = new Lines();
  let reason: Error | undefined;
  let isOver = false;
  const close = (): void => {
    isOver = true;
    socket.destroy();
  };
  socket.on("error", (error) => (reason ??= error));
  socket.on("close", () => {
    if (!isOver) {
      isOver = true;
      end.closed(reason ?? new Error("the daemon closed the connection"));
    }
  });
  socket.on("data", (bytes) => {
    try {
      for (const line of lines.push(bytes)) {
        if (isOver) {
          return;
        }
        end.line(line);
      }
    } catch (error) {
      reason = error as Error;
      socket.destroy();
    }
  });
  return { send: (line) => void (isOver || socket.write(`${line}\n`)), close };
}

/** Cuts bytes into lines. Holds at most one line and one chunk. */
export class Lines {
  readonly #text = new TextDecoder("utf-8", { fatal: true });
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** The lines that end in these bytes. Throws where one is too long, or no UTF-8. */
  push(bytes: Uint8Array): string[] {
    const lines = [];
    let rest = bytes;
    for (let at = rest.indexOf(LINE_END); at >= 0; at = rest.indexOf(LINE_END)) {
      this.#keep(rest.subarray(0, at));
      lines.push(this.#text.decode(Buffer.concat(this.#pieces)));
      this.#pieces = [];
      this.#bytes = 0;
      rest = rest.subarray(at + 1);
    }
    this.#keep(rest);
    return lines.filter((line) => line !== "");
  }

  #keep(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > LINE_BYTES_MAX) {
      throw new RangeError(`a line has at most ${LINE_BYTES_MAX} bytes`);
    }
    this.#pieces.push(piece);
  }
}
