// Who is where, for lists: made of the state and of who is connected.

import type { Participant } from "convene-client";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly isOrganizer: boolean;
  /** Whether they are connected; left out where that is not known. */
  readonly isOnline?: boolean;
}

export interface Groups {
  /** Those in the room that is looked at, who are connected as far as is known. */
  readonly here: readonly Person[];
  /** Those who are connected and elsewhere. */
  readonly elsewhere: readonly Person[];
  /** Those who take part and are not connected. */
  readonly offline: readonly Person[];
}

export type ByName = (one: string, other: string) => number;

/** Everyone who takes part: organizers first, then by name. */
export function everyone(
  participants: Readonly<Record<string, Participant>>,
  online: ReadonlySet<string> | undefined,
  byName: ByName,
): Person[] {
  const people: Person[] = [];
  for (const id of Object.keys(participants)) {
    const one = participants[id];
    if (one?.takes_part !== true) continue;
    people.push({
      id,
      name: one.name,
      room: one.room,
      isOrganizer: one.role === "organizer",
      ...(online === undefined ? {} : { isOnline: online.has(id) }),
    });
  }
  const rank = (person: Person) => (person.isOrganizer ? 0 : 1);
  return people.sort((one, other) => rank(one) - rank(other) || byName(one.name, other.name));
}

/** Cuts people into the groups of the column. One's own seat is connected, whatever was told. */
export function grouped(people: readonly Person[], room: string, me: string | undefined): Groups {
  const groups = { here: [] as Person[], elsewhere: [] as Person[], offline: [] as Person[] };
  for (const person of people) {
    const isAway = person.isOnline === false && person.id !== me;
    (isAway ? groups.offline : person.room === room ? groups.here : groups.elsewhere).push(person);
  }
  return groups;
}

/** How many stand in each room, those who are connected as far as is known. */
export function headcounts(people: readonly Person[], me: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, room, isOnline } of people) {
    if (isOnline !== false || id === me) counts.set(room, (counts.get(room) ?? 0) + 1);
  }
  return counts;
}

/** Those whose name holds what was typed, whatever its case and accents. */
export function matching(people: readonly Person[], typed: string): readonly Person[] {
  const wanted = plain(typed.trim());
  return wanted === "" ? people : people.filter(({ name }) => plain(name).includes(wanted));
}

/** Those whose name begins with what was typed behind an `@`. */
export function mentionable(people: readonly Person[], typed: string): readonly Person[] {
  const wanted = plain(typed);
  return people.filter(({ name }) => plain(name).startsWith(wanted));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
