// Serves the page as `convene-web` does, with the same headers, and lets it talk to a played
// machine in place of a daemon.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { Attendant } from "./daemon.mjs";

const BUILT = fileURLToPath(new URL("../../../crates/web/page/dist/", import.meta.url));
const KINDS = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };

/** Starts it; `address()` gives an address that opens the page once, `close()` ends it. */
export async function startBridge(machine, { port = 0, join: link } = {}) {
  const codes = new Set();
  const tokens = new Set();
  const server = createServer((request, response) => void serve(request, response));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "convene" });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const host = `127.0.0.1:${server.address().port}`;
  const policy =
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws://${host}; base-uri 'none'; ` +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

  async function serve(request, response) {
    const path = new URL(request.url, `http://${host}`).pathname;
    const headers = { "cache-control": "no-store", "content-security-policy": policy, "x-content-type-options": "nosniff" };
    if (request.method === "POST" && path === "/token") {
      let code = "";
      for await (const chunk of request) code += chunk;
      if (!codes.delete(code)) return response.writeHead(403).end();
      const token = randomBytes(32).toString("base64url");
      tokens.add(token);
      const admitted = { token, ...(link === undefined ? {} : { join: link }) };
      return response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(admitted));
    }
    const file = join(BUILT, normalize(path === "/" ? "/index.html" : path));
    try {
      const content = await readFile(file);
      response.writeHead(200, { ...headers, "content-type": KINDS[extname(file)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  server.on("upgrade", (request, socket, head) => {
    const [protocol, token] = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    if (protocol !== "convene" || !tokens.has(token)) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (pipe) => {
      if (machine.isStopped) return pipe.close(4000, "daemon_not_running");
      const attendant = new Attendant(machine, (line) => pipe.send(line));
      pipe.on("message", (data) => attendant.read(String(data)));
      pipe.on("close", () => attendant.close());
      machine.cut = () => pipe.close(4000, "daemon_ended");
    });
  });

  return {
    address() {
      const code = randomBytes(32).toString("base64url");
      codes.add(code);
      return `http://${host}/#${code}`;
    },
    origin: `http://${host}`,
    close() {
      for (const pipe of sockets.clients) pipe.terminate();
      return new Promise((done) => server.close(done));
    },
  };
}
