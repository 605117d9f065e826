// An organizer leads a conference by the page, and somebody else sees in theirs what happens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "../../browser.mjs";
import { guest } from "../../real/guest.mjs";
import { Place } from "../../real/place.mjs";

/** How long before it opens they come: as long as two of them need to get in. */
const FOYER_MS = 8_000;

test("an organizer opens a room, moves the phases, and ends the conference, and the others see it", async (test) => {
  const place = await Place.make(test);
  await place.server();
  await Promise.all([place.daemon("olga"), place.daemon("bernd")]);
  const browser = await openBrowser();
  test.after(() => browser.close());
  const [olga, bernd] = [await guest(browser, "de"), await guest(browser, "en")];
  await olga.page.goto(await place.web("olga"));
  await bernd.page.goto(await place.web("bernd"));
  const opens = new Date(Date.now() + FOYER_MS);
  const { organizer_link, participant_link } = await place.create(`
title = "Unser nächstes Jahr"
start = ${opens.toISOString()}
phase = [{ kind = "opening", minutes = 30 }, { kind = "workshops", minutes = 60, rounds = 2 }, { kind = "closing", minutes = 20 }]
`);
  await olga.join({ link: organizer_link, name: "Olga" });
  await bernd.join({ link: participant_link, name: "Bernd" });

  // It opens by itself, and everybody goes along.
  await olga.page.getByText("Die Konferenz ist eröffnet. Willkommen im Plenum.").first().waitFor();
  await Promise.all([olga.view("Plenum"), bernd.view("Plenary")]);
  await bernd.log.getByText(/^Now begins: Opening, until /).waitFor();

  await olga.place("Leitung").click();
  await olga.view("Leitung");
  await olga.page.getByText("2 von 2 sind verbunden.").waitFor();
  await olga.page.getByText(organizer_link).waitFor();
  await olga.holds();
  await olga.page.getByRole("textbox", { name: "Name eines neuen Raumes" }).fill("Garten");
  await olga.page.getByRole("button", { name: "Raum hinzufügen" }).click();
  await bernd.place(/^Garten/).click();
  await bernd.view("Garten");
  await bernd.say("Nice here.");
  await bernd.row("Nice here.").getByText("sent").waitFor();

  await olga.place("Zeitplan").click();
  await olga.view("Zeitplan");
  await olga.holds();
  await bernd.place("Schedule").click();
  await bernd.view("Schedule");
  const running = bernd.page.locator(".phase-row.running");
  /** When the phase that runs ends, as Bernd reads it: minutes since the day's beginning. */
  const ends = async () => {
    const [, hours, minutes] = /to ([0-9]{2}):([0-9]{2})$/.exec((await running.locator("dd").first().innerText()).trim());
    return 60 * Number(hours) + Number(minutes);
  };
  const confirms = async (button, sentence) => {
    await olga.page.getByRole("button", { name: button }).click();
    const dialog = olga.page.getByRole("dialog", { name: button });
    await dialog.getByText(sentence).waitFor();
    await dialog.getByRole("button", { name: button }).click();
    await dialog.waitFor({ state: "detached" });
  };
  const isMovedTo = (minutes) => bernd.page.waitForFunction((at) => {
    const dd = document.querySelector(".phase-row.running dd");
    const [, hours, rest] = /to ([0-9]{2}):([0-9]{2})$/.exec(dd.innerText.trim());
    return 60 * Number(hours) + Number(rest) === at % 1440;
  }, minutes);
  await bernd.holds();
  const planned = await ends();
  await confirms("+5 Minuten", /„Eröffnung“ endet dann um/);
  await isMovedTo(planned + 5);
  await confirms("+5 Minuten", /„Eröffnung“ endet dann um/);
  await isMovedTo(planned + 10);
  await confirms("−5 Minuten", /Alles danach verschiebt sich mit/);
  await isMovedTo(planned + 5);
  await confirms("Weiter zur nächsten Phase", /„Eröffnung“ endet jetzt, und es beginnt: Workshops 1 von 2/);
  await running.getByRole("heading", { name: "Workshops 1 of 2" }).waitFor();
  await bernd.page.locator(".page-head .phase-name").getByText("Workshops 1 of 2").waitFor();

  // The room is closed under his feet, and what he writes is not lost.
  await bernd.place(/^Garten/).click();
  await bernd.field.fill("I was about to say");
  await olga.place("Leitung").click();
  await olga.page.getByRole("button", { name: "Garten schließen" }).click();
  await olga.page.getByRole("dialog").getByRole("button", { name: "Raum schließen" }).click();
  await bernd.view("A place that is gone");
  assert.equal(await bernd.field.inputValue(), "I was about to say");
  await bernd.page.getByText("You may not speak there").waitFor();
  await bernd.holds();
  await bernd.place(/^Plenary/).click();
  await bernd.view("Plenary");
  await bernd.log.getByText("A room was closed. Everybody who was there is in the plenary now.").waitFor();

  await olga.page.getByRole("button", { name: "Konferenz beenden" }).click();
  const end = olga.page.getByRole("dialog", { name: "Konferenz beenden" });
  await olga.holds();
  assert.ok(await end.getByRole("button", { name: "Konferenz beenden" }).isDisabled(), "a word is typed first");
  await end.getByRole("textbox").fill("beenden");
  await end.getByRole("button", { name: "Konferenz beenden" }).click();
  await Promise.all([
    olga.page.getByText("Die Konferenz ist zu Ende. Alles bleibt lesbar.").waitFor(),
    bernd.page.getByText("The conference is over. Everything stays readable.").waitFor(),
  ]);
  await bernd.holds();
  assert.deepEqual([olga.complaints, bernd.complaints], [[], []]);
});
