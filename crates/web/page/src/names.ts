// How places, people and phases are called.

import type { Phase } from "convene-client";
import type { App } from "./state/app.svelte";
import type { Conference } from "./state/conference.svelte";
import { FOYER, givenName, isTable, ORGANIZERS, placeOf, PLENARY, type Place } from "./state/places";
import { moment } from "./state/time";
import { named, upperFirst } from "./words";

export function placeName(app: App, { id, name }: Place): string {
  switch (name.kind) {
    case "fixed":
      return upperFirst(named(app.language, "room", id));
    case "given":
      return givenName(name.names, app.language);
    case "table":
      return upperFirst(app.say("room-table", { number: String(name.number) }));
    case "gone":
      return upperFirst(app.say("page-place-gone"));
  }
}

export function roomName(app: App, conference: Conference, room: string): string {
  return conference.shared === undefined ? "" : placeName(app, placeOf(room, conference.shared));
}

/** A table within a sentence. */
export function tableWord(app: App, conference: Conference, table: string): string {
  const number = conference.shared?.tables?.taken[table]?.number;
  return number === undefined ? app.say("page-place-gone") : app.say("room-table", { number: String(number) });
}

export function phaseName(app: App, { kind, round, rounds }: Phase): string {
  const phase = upperFirst(named(app.language, "phase", kind));
  if (rounds <= 1) return phase;
  return app.say("phase-round", { phase, round: String(round), rounds: String(rounds) });
}

/** To whom one speaks in a room. */
export function addressees(app: App, conference: Conference, room: string): string {
  const { shared } = conference;
  if (room === PLENARY) return app.say("page-message-to-plenary");
  if (room === FOYER) return app.say("page-message-to-foyer");
  if (room === ORGANIZERS) return app.say("page-message-to-organizers");
  if (shared !== undefined && isTable(room, shared)) return app.say("page-message-to-table");
  return app.say("page-message-to", { room: roomName(app, conference, room) });
}

/** Why something may not be done; nothing, where the rules have not been told yet. */
export function whyNot(app: App, { code, opens }: { code?: string; opens?: string }): string {
  if (code === "not_open_yet" && opens !== undefined) {
    return app.say("page-opens", { time: moment(Date.parse(opens), Date.now(), app.language) });
  }
  return code === undefined ? "" : app.word(code);
}
