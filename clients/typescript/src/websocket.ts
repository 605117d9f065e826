// A connection over a WebSocket, for pages.

import type { OpenPipe } from "./pipe.js";

/**
 * Opens a WebSocket each time. A message is a line. `protocols` are the subprotocols to ask for; by
 * one of them a page proves that its user opened it.
 */
export function webSocket(url: string | URL, protocols: string[] = []): OpenPipe {
  return (end, signal) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, protocols);
      let [isOpen, isOver] = [false, false];
      const close = (): void => {
        isOver = true;
        socket.close();
      };
      const giveUp = (): void => {
        if (!isOpen) {
          close();
          reject(signal.reason);
        }
      };
      socket.onopen = () => {
        isOpen = true;
        resolve({ send: (line) => isOver || socket.send(line), close });
      };
      socket.onmessage = ({ data }) => {
        if (!isOver && typeof data === "string") {
          end.line(data);
        }
      };
      socket.onclose = ({ code, reason }) => {
        const error = new Error(`the connection ended with ${code} ${reason}`.trim());
        if (!isOpen) {
          reject(error);
        } else if (!isOver) {
          isOver = true;
          end.closed(error);
        }
      };
      signal.aborted ? giveUp() : signal.addEventListener("abort", giveUp, { once: true });
    });
}
