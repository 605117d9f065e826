// Pictures of every view: in both languages, light and dark, wide and narrow. `npm run screenshots
// -- talk de light 1280` makes those whose names hold these words. README shows some of them.
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
for (const view of VIEWS) {
  for (const language of ["de", "en"]) {
    for (const colors of ["light", "dark"]) {
      for (const size of SIZES) {
        const name = `${view.name}-${language}-${colors}-${size.width}`;
        const parts = name.split("-");
        if (!words.every((word) => word === view.name || parts.includes(word))) continue;
        const { page, complaints, close } = await person(browser, { language, colors, ...size });
        const bridge = await view.open(page, language);
        await page.screenshot({ path: `${FOLDER}${name}.png` });
        if (SHOWN_NAMES.includes(name)) await copyFile(`${FOLDER}${name}.png`, `${SHOWN}${name}.png`);
        console.log(name, ...complaints);
        await close();
        await bridge.close();
      }
    }
  }
}
await browser.close();
