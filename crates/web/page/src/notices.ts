// The sentences about what happened to everybody.

import type { Body } from "convene-client";
import { phaseName } from "./names";
import type { App } from "./state/app.svelte";
import type { Conference } from "./state/conference.svelte";
import { givenName } from "./state/places";
import type { Line } from "./state/talk";
import { clock } from "./state/time";
import { upperFirst } from "./words";

/** The sentence about what a line tells; the phases are those that the conference has now. */
export function noticeText(app: App, conference: Conference, { notice }: Line): string {
  return notice === undefined ? "" : upperFirst(sentence(app, conference, notice));
}

function sentence(app: App, conference: Conference, body: Body): string {
  const time = (text: string) => clock(Date.parse(text), app.language);
  const phase = (number: number) => {
    const known = conference.shared?.schedule?.phases[String(number)];
    return known === undefined ? String(number) : phaseName(app, known);
  };
  const question = (ballot: string) => conference.shared?.ballots?.[ballot]?.question ?? "";
  switch (body.kind) {
    case "began":
      return app.say("page-notice-began");
    case "phase_began":
      return app.say("page-notice-phase-began", { phase: phase(body.phase), time: time(body.ends) });
    case "phase_ended":
      return app.say("page-notice-phase-ended", { phase: phase(body.phase) });
    case "phase_moved":
      return app.say("page-notice-phase-moved", { phase: phase(body.phase), time: time(body.ends) });
    case "room_added":
      return app.say("page-notice-room-added", { room: givenName(body.names, app.language) });
    case "room_closed":
      return app.say("page-notice-room-closed");
    case "ballot_opened":
      return app.say("page-notice-ballot-opened", { question: body.question });
    case "ballot_closed":
      return app.say("page-notice-ballot-closed", { question: question(body.ballot) });
    case "ended":
      return app.say("page-notice-ended");
    default:
      return "";
  }
}
