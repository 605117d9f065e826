// What a large conference costs the browser: an hour of 20 messages a second to 500 people, played
// faster, and the opening of a conference of 50,000 events. Prints a table and a line of JSON.
import { openBrowser, person } from "./browser.mjs";
import { startBridge } from "./played/bridge.mjs";
import { crowd } from "./played/scenes.mjs";

const PEOPLE = 500;
const MESSAGES = Number(process.env.CONVENE_MEASURED_MESSAGES ?? 72_000);
const EVENTS = 50_000;
/** Messages of one tick, and its length in milliseconds: twenty times as fast as that hour. */
const TICK = { messages: 8, ms: 20 };
/** How often the large conference is opened, each time by a new person: the median counts. */
const OPENINGS = 5;
const MEBIBYTE = 2 ** 20;

const browser = await openBrowser();

async function metrics(session) {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics: all } = await session.send("Performance.getMetrics");
  const of = (name) => all.find((one) => one.name === name).value;
  return { main_s: of("TaskDuration"), heap_mib: of("JSHeapUsedSize") / MEBIBYTE, nodes: of("Nodes") };
}

async function busyHour() {
  const { machine, world, ids } = crowd({ people: PEOPLE, messages: 200 });
  const bridge = await startBridge(machine);
  const { page, close } = await person(browser);
  await page.goto(`${bridge.address()}`);
  await page.getByRole("link", { name: "Fünfhundert", exact: true }).click();
  await page.getByText("Nachricht 199 ").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await metrics(session);
  const heaps = [];
  for (let said = 0; said < MESSAGES; ) {
    const began = Date.now();
    for (let index = 0; index < TICK.messages; index += 1, said += 1) {
      world.say(ids[1 + (said % (PEOPLE - 1))], `Nachricht ${said} über das, was wir im nächsten Jahr beginnen wollen`, "plenary");
    }
    await new Promise((done) => setTimeout(done, Math.max(0, TICK.ms - (Date.now() - began))));
    if (said % (MESSAGES / 10) < TICK.messages) heaps.push((await metrics(session)).heap_mib);
  }
  await page.getByText(`Nachricht ${MESSAGES - 1} `).waitFor({ timeout: 60_000 });
  const after = await metrics(session);
  await close();
  await bridge.close();
  return { main_s: after.main_s - before.main_s, heaps_mib: heaps.map(Math.round), nodes: after.nodes };
}

/** How long it takes from the click to the last line, in milliseconds. */
function openTalk(page) {
  return page.evaluate(
    ({ text }) =>
      new Promise((done) => {
        const began = performance.now();
        const look = () => {
          const is = document.querySelector(".log")?.textContent.includes(text) === true;
          if (is) done(performance.now() - began);
          else requestAnimationFrame(look);
        };
        location.hash = "#/c/s1/talk";
        look();
      }),
    { text: `Nachricht ${EVENTS - PEOPLE - 2} ` },
  );
}

/** Reads back to the beginning: how many numbers were seen. */
function readBack(page) {
  return page.evaluate(async () => {
    const log = document.querySelector(".log");
    const numbers = new Set();
    for (let still = 0; still < 200; ) {
      const before = numbers.size;
      for (const row of log.querySelectorAll(".message .text")) numbers.add(Number(/Nachricht ([0-9]+)/.exec(row.textContent)?.[1]));
      log.scrollTop = 0;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
      still = numbers.size === before ? still + 1 : 0;
      if (numbers.has(0)) break;
    }
    return numbers.size;
  });
}

async function opening() {
  const { machine } = crowd({ people: PEOPLE, messages: EVENTS - PEOPLE - 1 });
  const bridge = await startBridge(machine);
  const times = [];
  let seen = 0;
  for (let opened = 0; opened < OPENINGS; opened += 1) {
    const { page, close } = await person(browser);
    await page.goto(bridge.address());
    await page.getByRole("link", { name: "Fünfhundert", exact: true }).waitFor();
    times.push(Math.round(await openTalk(page)));
    if (opened === 0) seen = await readBack(page);
    await close();
  }
  await bridge.close();
  times.sort((one, other) => one - other);
  return { open_ms: times[(OPENINGS - 1) / 2], openings_ms: times, seen, all: EVENTS - PEOPLE - 1 };
}

const opened = await opening();
const hour = await busyHour();
await browser.close();
console.log(`${MESSAGES} messages to ${PEOPLE} people: ${hour.main_s.toFixed(1)} s of the main thread (at most 360 s for 72,000)`);
console.log(`memory on the way: ${hour.heaps_mib.join(", ")} MiB; ${hour.nodes} nodes at the end`);
console.log(`a conference of ${EVENTS} events: its last page after ${opened.open_ms} ms, the median of ${opened.openings_ms.join(", ")} (at most 300); ${opened.seen} of ${opened.all} messages read on the way back`);
console.log(JSON.stringify({ page: { ...hour, ...opened } }));
