// A browser for stories, and the people who have it in front of them.
import { chromium } from "playwright-core";
import { PATIENCE_MS } from "./wait.mjs";

const PROGRAM = process.env.CONVENE_CHROMIUM ?? "/usr/bin/chromium";
export async function openBrowser() {
  // Root has no sandbox, and this browser sees nothing but the page.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: PROGRAM, args });
}

/** A fresh person with a fresh browser: their language, window and colours. */
export async function person(browser, { language = "de", width = 1280, height = 800, colors = "light", ...more } = {}) {
  const context = await browser.newContext({
    locale: language === "de" ? "de-DE" : "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width, height },
    colorScheme: colors,
    reducedMotion: "reduce",
    ...more,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = [];
  // A policy that was broken, an exception: whatever the browser complains of fails the story.
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints, close: () => context.close() };
}
