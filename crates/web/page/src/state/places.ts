// The places of a conference, in the order in which they are shown.

import type { May, Own, Public, RoomNames } from "./types";

/** The rooms that every conference has, by their ids. */
export const PLENARY = "plenary";
export const FOYER = "foyer";
export const NEWS = "news";
export const ORGANIZERS = "organizers";

/** A name that the sentences know, that people gave, or the number of a table. */
export type PlaceName =
  | { readonly kind: "fixed"; readonly id: string }
  | { readonly kind: "given"; readonly names: RoomNames }
  | { readonly kind: "table"; readonly number: number }
  | { readonly kind: "gone" };

export interface Place {
  readonly id: string;
  readonly name: PlaceName;
}

export interface Places {
  /** Where everyone may be. */
  readonly rooms: readonly Place[];
  /** Café tables at which somebody sits. */
  readonly tables: readonly Place[];
}

/** What is known of a room by its id. */
export function placeOf(room: string, shared: Public): Place {
  if ([PLENARY, FOYER, NEWS, ORGANIZERS].includes(room)) return { id: room, name: { kind: "fixed", id: room } };
  const open = shared.rooms?.open[room];
  if (open !== undefined) return { id: room, name: { kind: "given", names: open.names } };
  const table = shared.tables?.taken[room];
  if (table !== undefined) return { id: room, name: { kind: "table", number: table.number } };
  return { id: room, name: { kind: "gone" } };
}

/** Whether there is no such place any more. */
export function isGone(room: string, shared: Public): boolean {
  return placeOf(room, shared).name.kind === "gone";
}

/** The places that somebody in this role sees. The wall of news is shown once one may read there. */
export function places(shared: Public, isOrganizer: boolean): Places {
  const open = Object.entries(shared.rooms?.open ?? {}).sort(([, one], [, other]) => one.number - other.number);
  const taken = Object.entries(shared.tables?.taken ?? {}).sort(([, one], [, other]) => one.number - other.number);
  const ids = [PLENARY, FOYER, ...open.map(([id]) => id), ...(isOrganizer ? [ORGANIZERS] : [])];
  return {
    rooms: ids.map((id) => placeOf(id, shared)),
    tables: taken.map(([id]) => placeOf(id, shared)),
  };
}

/** The name in this language, or in whichever there is. */
export function givenName(names: RoomNames, language: string): string {
  return names[language] ?? names["und"] ?? Object.values(names)[0] ?? "";
}

/** Whether it is a café table, by the spelling of its id where it is gone. */
export function isTable(room: string, shared: Public): boolean {
  return shared.tables?.taken[room] !== undefined || (/^t[0-9]+$/.test(room) && shared.rooms?.open[room] === undefined);
}

/** A table to which one was asked. */
export interface Asked {
  readonly table: string;
  readonly by: string;
}

/** The tables to which one was asked, that are still there. */
export function asked(own: Own, shared: Public): Asked[] {
  return Object.entries(own.invitations ?? {})
    .filter(([table]) => shared.tables?.taken[table] !== undefined)
    .map(([table, { by }]) => ({ table, by }));
}

/** Whether something may be done, and otherwise why not. */
export interface Allowed {
  readonly allowed: boolean;
  readonly code?: string;
  readonly opens?: string;
}

/** What the rules say of a kind of command; without them nothing is offered. */
export function mayAct(may: May | undefined, kind: string): Allowed {
  return allowed(may?.acts[kind]);
}

/** What the rules say of speaking in a room. */
export function maySpeak(may: May | undefined, room: string): Allowed {
  const permit = may?.speak[room];
  return permit === undefined && may !== undefined ? { allowed: false, code: "room_closed" } : allowed(permit);
}

/**
 * What the rules say of going to a room. They name one permit for all rooms; a room that is not
 * open yet is told by that for speaking there.
 */
export function mayGo(may: May | undefined, room: string): Allowed {
  const speak = maySpeak(may, room);
  return speak.code === "not_open_yet" ? speak : mayAct(may, "go");
}

function allowed(permit: May["acts"][string] | undefined): Allowed {
  if (permit === undefined) return { allowed: false };
  return {
    allowed: permit.allowed,
    ...(permit.code == null ? {} : { code: permit.code }),
    ...(permit.opens == null ? {} : { opens: permit.opens }),
  };
}
