// Pictures of every view: in both languages, light and dark, wide and narrow. `npm run screenshots
// -- talk de light 1280` makes those of this view, language, colour and width. README shows some.
import { copyFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openBrowser, person } from "./browser.mjs";
import { VIEWS } from "./views.mjs";

const FOLDER = fileURLToPath(new URL("./pictures/", import.meta.url));
const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const SHOWN = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const SHOWN_NAMES = ["talk-en-light-1280", "result-en-light-1280", "check-en-dark-390"];
const words = process.argv.slice(2);

await mkdir(FOLDER, { recursive: true });
await mkdir(SHOWN, { recursive: true });
const browser = await openBrowser();
for (const language of ["de", "en"]) {
  for (const colors of ["light", "dark"]) {
    for (const size of SIZES) {
      const wanted = VIEWS.filter(({ name }) => words.every((word) => word === name || [language, colors, String(size.width)].includes(word)));
      if (wanted.length === 0) continue;
      const { page, complaints, close } = await person(browser, { language, colors, ...size });
      for (const view of wanted) {
        const name = `${view.name}-${language}-${colors}-${size.width}`;
        const bridge = await view.open(page, language);
        await page.screenshot({ path: `${FOLDER}${name}.png` });
        if (SHOWN_NAMES.includes(name)) await copyFile(`${FOLDER}${name}.png`, `${SHOWN}${name}.png`);
        console.log(name, ...complaints.splice(0));
        await page.goto("about:blank");
        await bridge.close();
      }
      await close();
    }
  }
}
await browser.close();
