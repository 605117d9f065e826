// An HTTP proxy: the only one who knows where a name leads, and perhaps one that wants a login.
import { createServer } from "node:http";
import { connect } from "node:net";

/** Headers by which it asks for a login. */
const CHALLENGE = 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const FORBIDDEN = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

export class Proxy {
  #server;
  #tunnels = new Set();
  /** Whether it lets nobody through. */
  isShut = false;
  /** The logins that were shown, one for each request. */
  shown = [];

  /** One that lets through to `host` (on this machine) and nowhere else, and wants this `user:password`. */
  static async start({ host, login } = {}) {
    const proxy = new Proxy();
    proxy.#server = createServer((_, response) => response.writeHead(403).end());
    proxy.#server.on("connect", (request, near, head) => proxy.#connect(request, near, head, { host, login }));
    await new Promise((done) => proxy.#server.listen(0, "127.0.0.1", done));
    proxy.address = `127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  /** How many connections it carries. */
  get carried() {
    return this.#tunnels.size;
  }

  close() {
    for (const stream of this.#tunnels) stream.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #connect(request, near, head, { host, login }) {
    near.on("error", () => {});
    const [, name, port] = /^(.*):([0-9]+)$/.exec(request.url) ?? [];
    const [, shown = ""] = /^Basic (.*)$/.exec(request.headers["proxy-authorization"] ?? "") ?? [];
    const user = Buffer.from(shown, "base64").toString();
    this.shown.push(user);
    if (login !== undefined && user !== login) return near.end(CHALLENGE);
    if (this.isShut || name !== host) return near.end(FORBIDDEN);
    const far = connect(Number(port), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.write(head);
      near.pipe(far).pipe(near);
    });
    this.#tunnels.add(near);
    far.on("error", () => near.destroy());
    far.on("close", () => near.destroy());
    near.on("close", () => (this.#tunnels.delete(near), far.destroy()));
  }
}
