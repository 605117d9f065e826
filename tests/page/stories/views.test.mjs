// Every view, looked at by axe (WCAG 2.2 A and AA), in the narrowest window, and without a sideways
// scroll.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { flaws } from "../axe.mjs";
import { openBrowser, person } from "../browser.mjs";
import { VIEWS } from "../views.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

for (const view of VIEWS) {
  test(`${view.name} holds for everybody`, async () => {
    for (const [language, colors] of [["de", "light"], ["en", "dark"]]) {
      const { page, complaints, close } = await person(browser, { language, colors });
      const bridge = await view.open(page, language);
      try {
        assert.deepEqual(await flaws(page), [], `${language} ${colors}`);
        assert.equal(await page.locator("h1").count(), 1, "one h1");
        await page.setViewportSize({ width: 320, height: 640 });
        // The columns become tabs; then nothing scrolls sideways.
        await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
        assert.deepEqual(await flaws(page), [], `${language} ${colors} at 320 px`);
        assert.deepEqual(complaints, []);
      } finally {
        await close();
        await bridge.close();
      }
    }
  });
}
