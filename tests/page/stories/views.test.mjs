// Every view, looked at by axe (WCAG 2.2 A and AA), in the narrowest window too, and there without a
// sideways scroll.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { flaws } from "../axe.mjs";
import { openBrowser, person } from "../browser.mjs";
import { VIEWS } from "../views.mjs";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

// A process of the browser's for each, beside one another.
describe("every view holds for everybody", { concurrency: 2 }, () => {
  for (const [language, colors] of [["de", "light"], ["en", "dark"]]) {
    describe(`${language}, ${colors}`, { concurrency: 1 }, () => {
      let one;
      before(async () => {
        one = await person(browser, { language, colors, ...WIDE });
      });
      after(() => one.close());
      for (const view of VIEWS) test(view.name, () => holds(view, language, one));
    });
  }
});

async function holds(view, language, { page, complaints }) {
  complaints.length = 0;
  await page.setViewportSize(WIDE);
  const bridge = await view.open(page, language);
  try {
    assert.deepEqual(await flaws(page), []);
    assert.equal(await page.locator("h1").count(), 1, "one h1");
    await page.setViewportSize(NARROW);
    // The columns become tabs; then nothing scrolls sideways.
    await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
    assert.deepEqual(await flaws(page), [], `at ${NARROW.width} px`);
    assert.deepEqual(complaints, []);
  } finally {
    await page.goto("about:blank");
    await bridge.close();
  }
}
