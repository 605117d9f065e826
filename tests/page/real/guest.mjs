// A person with a browser of their own, what they see of a conference, and what they do there.
import assert from "node:assert/strict";
import { flaws } from "../axe.mjs";
import { person } from "../browser.mjs";
import { Keys } from "../keys.mjs";

export async function guest(browser, language, options = {}) {
  // The server's certificate is its own: a person who opens an invitation goes on nevertheless.
  const one = await person(browser, { language, ignoreHTTPSErrors: true, ...options });
  const { page } = one;
  const words = (german, english) => (language === "de" ? german : english);
  const log = page.getByRole("log");
  const field = page.getByRole("textbox", { name: words(/^Nachricht an/, /^Message to/) });
  return {
    ...one,
    words,
    keys: new Keys(page),
    log,
    field,
    row: (text) => log.getByRole("listitem").filter({ hasText: text }),
    view: (name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor(),
    place: (name) => page.getByRole("navigation", { name: words("Orte", "Places") }).getByRole("link", { name }),
    /** The connection, as a sentence in the head of the page. */
    connection: page.locator(".connection .sentence"),

    async say(text) {
      await field.fill(text);
      await field.press("Enter");
    },

    /** Every text of the room that is shown, from its beginning. */
    async texts() {
      await log.getByText(words("Hier beginnt das Gespräch.", "The talk begins here.")).waitFor();
      return log.locator(".message .text").allTextContents();
    },

    /** Fills in the view for joining, and joins. */
    async join({ link, name }) {
      if (link !== undefined) {
        await page.getByRole("link", { name: words("Beitreten", "Join"), exact: true }).click();
        await page.getByRole("textbox", { name: words("Beitrittslink oder Einladung", "Join link or invitation") }).fill(link);
      }
      await page.getByRole("textbox", { name: words("Ihr Name in der Konferenz", "Your name in the conference") }).fill(name);
      await page.getByRole("button", { name: words("Beitreten", "Join"), exact: true }).click();
    },

    /** What is told of the connection when one asks for more. */
    async way() {
      const status = page.locator(".connection .status");
      await status.click();
      const panel = page.locator(".connection .panel");
      const told = await panel.innerText();
      await page.keyboard.press("Escape");
      return told;
    },

    /** Axe finds nothing in what is shown. */
    async holds() {
      assert.deepEqual(await flaws(page), [], page.url());
    },
  };
}
