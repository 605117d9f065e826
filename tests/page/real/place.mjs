// The real programs on this machine: a server, and for each person a daemon and what opens their
// page. Nothing of this machine's own settings gets in: each has a home of its own.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "../wait.mjs";
import { Program, program } from "./program.mjs";

/** Ports of a server: four for conferences, the next for HTTPS. */
const PORTS = 5;
/** Below those that the system gives away by itself, and above those of the tests in Rust. */
const PORT_MIN = 31_500;
const PORT_MAX = 32_700;
const run = promisify(execFile);

export class Place {
  #running = [];
  #services = [];

  /** One without any program, until the test is over. `name` stands in its join links. */
  static async make(test, name = "localhost") {
    const place = new Place();
    place.folder = await mkdtemp(join(tmpdir(), "convene-page-"));
    place.name = name;
    place.port = await freePorts();
    test.after(() => place.#end());
    return place;
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  /** Starts the server, and waits until it listens. */
  async server() {
    await writeFile(this.path("convene-server.toml"), `name = "${this.name}"\n`);
    const listen = [`127.0.0.1:${this.port}-${this.port + PORTS - 2}`, `127.0.0.1:${this.port + PORTS - 1}`];
    const parameters = ["run", "--config", this.path("convene-server.toml"), "--state-dir", this.path("server")];
    const server = this.#start("server", "convene-server", [...parameters, ...listen.flatMap((one) => ["--listen", one])]);
    await until("the server", () => server.logged().includes("listening"));
    return server;
  }

  /** Creates a conference on the running server: its id and its links. */
  async create(description) {
    await writeFile(this.path("conference.toml"), description);
    const parameters = ["conference", "create", this.path("conference.toml"), "--json", "--state-dir", this.path("server")];
    return JSON.parse((await run(program("convene-server"), parameters)).stdout);
  }

  /** Starts a daemon for a person, and waits until it answers. */
  async daemon(who, config = `[[server]]\nhost = "${this.name}"\n`) {
    await mkdir(this.path(who, "run"), { recursive: true, mode: 0o700 });
    await writeFile(this.path(who, "convened.toml"), config);
    const parameters = ["--user", "--config", this.path(who, "convened.toml"), "--state-dir", this.path(who, "state"), "--socket", this.socket(who)];
    const daemon = this.#start(join(who, "daemon"), "convened", parameters, this.session(who));
    await until("the daemon", () => answers(this.socket(who)));
    return daemon;
  }

  /** What `convene web` prints, with which a browser opens the page once. Its bridge outlives it. */
  async web(who, { join: link, env = {} } = {}) {
    const parameters = ["web", "--no-open", "--json", ...(link === undefined ? [] : ["--join", link])];
    const { stdout } = await run(program("convene"), parameters, { env: { ...this.session(who), ...env } });
    return JSON.parse(stdout).url;
  }

  /** Something that is to be closed when the test is over. */
  with(service) {
    this.#services.push(service);
    return service;
  }

  socket(who) {
    return this.path(who, "socket");
  }

  /** The environment of a person's session. */
  session(who) {
    return {
      PATH: process.env.PATH,
      LANG: "C.UTF-8",
      HOME: this.path(who),
      XDG_RUNTIME_DIR: this.path(who, "run"),
      CONVENE_SOCKET: this.socket(who),
    };
  }

  #start(name, which, parameters, env = { PATH: process.env.PATH, HOME: this.folder }) {
    const started = new Program(which, parameters, { log: this.path(`${name}.log`), env });
    this.#running.push(started);
    return started;
  }

  async #end() {
    await Promise.all(this.#running.map((one) => one.end()));
    for (const service of this.#services) service.close();
    for (const id of await this.#bridges()) process.kill(id, "SIGKILL");
    await rm(this.folder, { recursive: true });
  }

  /** The bridges that `convene web` has started here. */
  async #bridges() {
    const ids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
    const says = async (id, file, word) => (await readFile(`/proc/${id}/${file}`, "utf8").catch(() => "")).includes(word);
    const found = await Promise.all(ids.map(async (id) => (await says(id, "cmdline", "--serve")) && (await says(id, "environ", this.folder))));
    return ids.filter((_, index) => found[index]).map(Number);
  }
}

function answers(socket) {
  return new Promise((done) => {
    const stream = connect(socket);
    stream.once("connect", () => (stream.destroy(), done(true)));
    stream.once("error", () => done(false));
  });
}

/** So many ports in a row that nobody has. Looking takes them for a moment. */
async function freePorts() {
  const start = PORT_MIN + ((process.pid * PORTS) % (PORT_MAX - PORT_MIN));
  for (let first = start; first < PORT_MAX; first += PORTS) {
    const ports = Array.from({ length: PORTS }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error("no ports are free");
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
