// Names for what the client's language writes out, and fields that only some daemons tell.

import type { AccessVerdict, ListedSeat, Methods, Own as ToldOwn, Room } from "convene-client";

export type { May, Public } from "convene-client";

/** All settings, as they are in effect. */
export type AllSettings = Methods["settings.get"]["result"];

/** The names of a room by language. */
export type RoomNames = Room["names"];

/** How somebody's access check went, as an organizer knows it. */
export interface KnownAccess {
  readonly verdict: AccessVerdict;
  readonly version: string;
}

export type Own = ToldOwn & { readonly accesses?: Readonly<Record<string, KnownAccess>> };

/** A seat with the only key that its server may have, where one is named. */
export type Seat = ListedSeat & { readonly fingerprint?: string | null };
