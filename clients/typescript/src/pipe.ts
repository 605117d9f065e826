// The carrier of the lines between a client and the daemon.

/** One open connection. */
export interface Pipe {
  /** Sends a line, given without its end. */
  send(line: string): void;
  /** Ends the connection. `closed` of its end is not called for that. */
  close(): void;
}

/** The client's end of a connection. */
export interface PipeEnd {
  /** A line has come. */
  line(text: string): void;
  /** The connection has ended, and why. Called once, and nothing after it. */
  closed(reason: Error): void;
}

/**
 * Opens a connection, or rejects. The end is called when the promise has resolved, not before: the
 * daemon says nothing before it is spoken to. Gives up when the signal says so.
 */
export type OpenPipe = (end: PipeEnd, signal: AbortSignal) => Promise<Pipe>;

/** The longest line that either side sends, in bytes. */
export const LINE_BYTES_MAX = 1024 * 1024;
