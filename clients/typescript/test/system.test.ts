// With the real programs.

import assert from "node:assert/strict";
import test from "node:test";

import { DaemonError } from "../src/index.js";
import type { Event } from "../src/index.js";
import { until } from "./fake.js";
import { NO_PROGRAMS, Place } from "./place.js";

const texts = (events: Event[]): string[] =>
  events.flatMap(({ body }) => (body.kind === "said" ? [body.text] : []));

test(
  "two people talk while a daemon is killed, and each hears all once, in order",
  { skip: NO_PROGRAMS },
  async (test) => {
    const place = await Place.start(test);
    const { conference, participant_link } = await place.create();
    place.daemon("anna");
    place.daemon("bernd");
    const [anna, bernd] = [place.client(test, "anna"), place.client(test, "bernd")];
    const join = { link: participant_link, wait_ms: 20_000 };
    assert.equal((await anna.call("conference.join", { ...join, name: "Anna" })).state, "joined");
    assert.equal((await bernd.call("conference.join", { ...join, name: "Bernd" })).state, "joined");

    const watches = [anna.watch(conference), bernd.watch(conference)] as const;
    const heard = [[], []] as [string[], string[]];
    watches.forEach((watch, index) => watch.on("events", (events) => heard[index]?.push(...texts(events))));
    const state = await watches[0].ready();
    await watches[1].ready();
    assert.equal(state.public.settings.title, "A test");
    const sent = [];
    for (let number = 0; number < 30; number += 1) {
      const text = `message ${number}`;
      sent.push(text);
      const said = watches[0].act({ kind: "say", room: "foyer", text }, { waitMs: 5_000 });
      if (number % 10 === 5) {
        await place.kill(number === 15 ? "bernd" : "anna");
        place.daemon(number === 15 ? "bernd" : "anna");
      }
      assert.ok(["accepted", "queued"].includes((await said).state));
    }
    for (const [index, watch] of watches.entries()) {
      await until(
        () => (heard[index]?.length ?? 0) >= sent.length,
        (look) => watch.on("events", look),
      );
    }
    assert.deepEqual(heard, [sent, sent]);
    const names = Object.values(watches[1].state?.public.participants ?? {}).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["Anna", "Bernd"]);
    await until(
      () => watches[0].kept.size === 0,
      (look) => watches[0].on("change", look),
    );

    const page = await anna.call("conference.history", { conference, limit: 1_000 });
    assert.deepEqual([texts(page.events), page.complete], [sent, true]);
  },
);

test("the example says again what others say", { skip: NO_PROGRAMS }, async (test) => {
  const place = await Place.start(test);
  const { conference, participant_link } = await place.create();
  for (const [daemon, name] of [
    ["anna", "Anna"],
    ["bernd", "Echo"],
  ] as const) {
    place.daemon(daemon);
    const join = { link: participant_link, name, wait_ms: 20_000 };
    assert.equal((await place.client(test, daemon).call("conference.join", join)).state, "joined");
  }
  const watch = place.client(test, "anna").watch(conference);
  const heard: string[] = [];
  watch.on("events", (events) => heard.push(...texts(events)));
  await watch.ready();
  await place.example("bernd", conference);
  await watch.act({ kind: "say", room: "foyer", text: "Good morning" });
  await until(
    () => heard.length === 2,
    (look) => watch.on("events", look),
  );
  assert.deepEqual(heard, ["Good morning", "Anna: Good morning"]);
});

test(
  "what the daemon refuses is an error with its word and its fields",
  { skip: NO_PROGRAMS },
  async (test) => {
    const place = await Place.start(test);
    const { conference, participant_link } = await place.create();
    place.daemon("anna");
    const client = place.client(test, "anna");
    const refusal = async (call: Promise<unknown>): Promise<[string, unknown]> => {
      const error = await call.then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(error instanceof DaemonError, String(error));
      return [error.word, error.data["reason"] === undefined];
    };
    const unknown = {
      conference,
      id: "6f1c2d9e-95c5-4a1e-8a8b-1d2f4c5b6a70",
      body: { kind: "say", text: "x" },
    } as const;
    assert.deepEqual(await refusal(client.call("conference.act", unknown)), ["conference_unknown", true]);
    const link = { link: "https://localhost/nothing", name: "Anna" };
    assert.deepEqual(await refusal(client.call("conference.join", link)), ["link_malformed", false]);

    const watch = client.watch(conference);
    await assert.rejects(
      watch.ready(),
      (error) => error instanceof DaemonError && error.is("conference_unknown"),
    );
    watch.stop();
    await client.call("conference.join", { link: participant_link, name: "Anna", wait_ms: 20_000 });
    const refused = client.watch(conference);
    await refused.ready();
    const told = await refused.act({ kind: "go", room: "nowhere" }, { waitMs: 20_000 });
    assert.deepEqual([told.state, told.code], ["refused", "room_unknown"]);
    await until(
      () => refused.kept.get(told.command)?.code === "room_unknown",
      (look) => refused.on("change", look),
    );
    await refused.dismiss(told.command);
    await until(
      () => refused.kept.size === 0,
      (look) => refused.on("change", look),
    );
  },
);
