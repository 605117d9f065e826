// A client of Convene's daemon, for browsers and, with `convene-client/node`, for Node.

export { Client } from "./client.js";
export type { Answers, CallOptions, ClientOptions, ClientStatus, Following, ParamsOf } from "./client.js";
export { DaemonError, DisconnectedError, TooManyCallsError, VersionError } from "./errors.js";
export * from "./generated.js";
export { mergePatch } from "./patch.js";
export type { OpenPipe, Pipe, PipeEnd } from "./pipe.js";
export { ConferenceWatch } from "./watch.js";
export type { Kept, WatchNews } from "./watch.js";
export { webSocket } from "./websocket.js";
