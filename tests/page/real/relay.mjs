// A box on the way from a daemon to its server, which a story may cut.
import { connect, createServer } from "node:net";

export class Relay {
  #carried = new Set();
  #isShut = false;
  #server;

  /** A relay to this port, on a port of its own. */
  static async to(port) {
    const relay = new Relay();
    relay.#server = createServer((near) => relay.#carry(near, port));
    await new Promise((done) => relay.#server.listen(0, "127.0.0.1", done));
    relay.port = relay.#server.address().port;
    return relay;
  }

  /** A join link that leads through it: the server proves itself by its key, whatever is in between. */
  lead(link) {
    const url = new URL(link);
    url.port = String(this.port);
    url.hash = url.hash.replace(/ports=[0-9-]+/, `ports=${this.port}`);
    return url.href;
  }

  /** Cuts what it carries, and whatever comes until it is opened. */
  shut() {
    this.#isShut = true;
    for (const stream of this.#carried) stream.destroy();
  }

  open() {
    this.#isShut = false;
  }

  close() {
    this.shut();
    this.#server.close();
  }

  #carry(near, port) {
    if (this.#isShut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#carried.add(one);
      // Either end may go away at any time, and how does not matter here.
      one.on("error", () => {});
      one.on("close", () => (this.#carried.delete(one), other.destroy()));
      one.pipe(other);
    }
  }
}
