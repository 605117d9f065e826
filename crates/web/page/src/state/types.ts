// Names for what the client's language writes out.

import type { Room } from "convene-client";

export type { May, Own, Public } from "convene-client";

/** The names of a room by language. */
export type RoomNames = Room["names"];
