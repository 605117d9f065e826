// Every view, looked at by axe (WCAG 2.2 A and AA), in the narrowest window, and without a sideways
// scroll.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openBrowser, person } from "../browser.mjs";
import { VIEWS } from "../views.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

async function flaws(page) {
  const results = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

for (const view of VIEWS) {
  test(`${view.name} holds for everybody`, async () => {
    for (const [language, colors] of [["de", "light"], ["en", "dark"]]) {
      // The policy of the page lets no foreign script in, so axe is put in beside it.
      const { page, complaints, close } = await person(browser, { language, colors, bypassCSP: true });
      const bridge = await view.open(page, language);
      try {
        await page.addScriptTag({ path: AXE });
        assert.deepEqual(await flaws(page), [], `${language} ${colors}`);
        assert.equal(await page.locator("h1").count(), 1, "one h1");
        await page.setViewportSize({ width: 320, height: 640 });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(sideways <= 0, `${sideways} px beyond a window of 320 px`);
        assert.deepEqual(await flaws(page), [], `${language} ${colors} at 320 px`);
        assert.deepEqual(complaints, []);
      } finally {
        await close();
        await bridge.close();
      }
    }
  });
}
