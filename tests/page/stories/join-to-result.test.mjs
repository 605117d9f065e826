// From the link in a mail to the result of a ballot, in German and without a mouse.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser, person } from "../browser.mjs";
import { Keys } from "../keys.mjs";
import { startBridge } from "../played/bridge.mjs";
import { newcomer, ORGANIZER_LINK } from "../played/scenes.mjs";

test("somebody joins, speaks, asks for votes, votes, and reads the result: by keyboard alone, in German", async () => {
  const bridge = await startBridge(newcomer().machine);
  const browser = await openBrowser();
  const { page, complaints } = await person(browser);
  const keys = new Keys(page);
  try {
    await page.goto(bridge.address());
    await page.getByRole("heading", { level: 1, name: "Konferenzen" }).waitFor();
    assert.doesNotMatch(page.url(), /[A-Za-z0-9_-]{43}/, "the code is gone from the address");
    await keys.press("link", "Beitreten");

    await page.getByRole("heading", { level: 1, name: "Einer Konferenz beitreten" }).waitFor();
    await keys.reach("textbox", "Beitrittslink oder Einladung");
    await page.keyboard.insertText(`Liebe Änne,\n\nhier ist Ihr Link: <${ORGANIZER_LINK}>.\nBis bald!`);
    await page.getByText("Link gefunden").waitFor();
    await keys.reach("textbox", "Ihr Name in der Konferenz");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Änne");
    await page.keyboard.press("Enter");

    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    await keys.reach("textbox", "Nachricht an alle im Plenum");
    await page.keyboard.type("Hallo!");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("Ich hätte ein Thema.");
    await page.keyboard.press("Enter");
    const mine = page.getByRole("log").getByRole("listitem").filter({ hasText: "Ich hätte ein Thema." });
    await mine.getByText("gesendet").waitFor();
    await page.getByRole("textbox", { name: "Nachricht an alle im Plenum" }).and(page.locator(":focus")).waitFor();

    await keys.press("link", /^Abstimmung/);
    await page.getByRole("heading", { level: 1, name: "Abstimmung" }).waitFor();
    for (const [field, text] of [["Frage", "Wann machen wir Pause?"], ["Antwort 1", "Jetzt"], ["Antwort 2", "Später"]]) {
      await keys.reach("textbox", field);
      await page.keyboard.type(text);
    }
    await keys.press("button", "Abstimmung öffnen");

    await keys.reach("radio", "Jetzt");
    await page.keyboard.press("Space");
    await keys.press("button", "Abstimmen");
    await page.getByText("Ihre Stimme: Jetzt.").waitFor();

    await keys.press("button", "Abstimmung schließen");
    const question = page.getByRole("dialog", { name: "Abstimmung schließen" });
    await question.getByText("alle sehen das Ergebnis").waitFor();
    await keys.press("button", "Abstimmung schließen", question);
    const result = page.locator(".result").filter({ hasText: "Wann machen wir Pause?" });
    await result.getByRole("listitem").filter({ hasText: "Jetzt" }).getByText("eine Stimme").waitFor();
    await result.getByRole("listitem").filter({ hasText: "Später" }).getByText("0 Stimmen").waitFor();
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await bridge.close();
  }
});
