// What a person sees of their own words: nothing typed is lost, and nothing is shown as done that is
// not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, person } from "../browser.mjs";
import { startBridge } from "../played/bridge.mjs";
import { crowd, machine } from "../played/scenes.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

async function inPlenary(run) {
  const played = machine();
  const bridge = await startBridge(played.machine);
  const one = await person(browser);
  try {
    await one.page.goto(bridge.address());
    await one.page.getByRole("link", { name: "Unser nächstes Jahr", exact: true }).click();
    await one.page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    await run({ ...one, ...played, bridge, log: one.page.getByRole("log"), field: one.page.getByRole("textbox", { name: /^Nachricht an alle/ }) });
  } finally {
    await one.close();
    await bridge.close();
  }
}

test("a message that waits says so, and is sent when the server is reached", () =>
  inPlenary(async ({ machine: played, log, field }) => {
    played.isOnline = false;
    await field.fill("Geht das raus?");
    await field.press("Enter");
    const row = log.getByRole("listitem").filter({ hasText: "Geht das raus?" });
    await row.getByText("wartet").waitFor();
    assert.equal(await field.inputValue(), "");
    played.reconnect();
    await row.getByText("gesendet").waitFor();
    assert.equal(await row.count(), 1);
  }));

test("a message that is not accepted says why, and its text can be edited", () =>
  inPlenary(async ({ machine: played, world, log, field }) => {
    played.isOnline = false;
    await field.fill("Zu spät");
    await field.press("Enter");
    await log.getByText("wartet").waitFor();
    world.happen("p1", { kind: "ended" }, { ended: true });
    played.reconnect();
    const row = log.getByRole("listitem").filter({ hasText: "Zu spät" });
    await row.getByText("nicht angenommen").waitFor();
    await row.getByText("Die Konferenz ist beendet").waitFor();
    await row.getByRole("button", { name: "Bearbeiten" }).click();
    await row.waitFor({ state: "detached" });
    assert.equal(await field.inputValue(), "Zu spät");
    assert.ok(await log.page().getByRole("button", { name: "Senden" }).isDisabled());
  }));

test("who types on while a text is on its way loses no letter, and nothing of both on a reload", () =>
  inPlenary(async ({ page, machine: played, log, field }) => {
    const slow = () => {
      let goOn;
      played.disk = new Promise((done) => (goOn = done));
      return goOn;
    };
    const goOn = slow();
    await field.press("a");
    await page.keyboard.press("Enter");
    await page.keyboard.type("bc");
    await page.keyboard.press("Enter");
    await page.keyboard.type("de");
    for (const text of ["a", "bc"]) await log.getByText(text, { exact: true }).waitFor();
    assert.equal(await log.getByText("wartet").count(), 2);
    goOn();
    for (const text of ["a", "bc"]) await log.locator(".message:not(.pending)").getByText(text, { exact: true }).waitFor();
    assert.deepEqual((await log.locator(".message.own .text").allTextContents()).slice(-2), ["a", "bc"]);
    assert.equal(await field.inputValue(), "de");
    slow();
    await page.keyboard.press("Enter");
    await page.keyboard.type("f");
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    assert.equal(await field.inputValue(), "de\nf");
  }));

test("what is typed survives a reload, another room, and the end of the connection", () =>
  inPlenary(async ({ page, field, machine: played }) => {
    await field.fill("Noch nicht fertig");
    await page.getByRole("navigation", { name: "Orte" }).getByRole("link", { name: /^Foyer/ }).click();
    await page.getByRole("heading", { level: 1, name: "Foyer" }).waitFor();
    assert.equal(await field.inputValue(), "");
    await page.getByRole("navigation", { name: "Orte" }).getByRole("link", { name: /^Plenum/ }).click();
    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    assert.equal(await field.inputValue(), "Noch nicht fertig");
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    assert.equal(await field.inputValue(), "Noch nicht fertig");
    played.isStopped = true;
    played.cut();
    await field.fill("Noch nicht fertig, und weiter");
    await page.reload();
    await page.getByRole("heading", { name: "Der Dienst von Convene läuft auf diesem Rechner nicht." }).waitFor();
    played.isStopped = false;
    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
    assert.equal(await field.inputValue(), "Noch nicht fertig, und weiter");
  }));

test("a busy room scrolls only for a reader who is at its end", () =>
  inPlenary(async ({ page, log, world, field }) => {
    const say = (count) => Array.from({ length: count }, (_, index) => world.say("p2", `Zeile ${world.cursor} ${index}`, "plenary"));
    say(60);
    await log.getByText(/^Zeile [0-9]+ 59$/).waitFor();
    const box = await log.elementHandle();
    const isAtEnd = () => page.waitForFunction((one) => one.scrollHeight - one.scrollTop - one.clientHeight < 2, box);
    await isAtEnd();
    // The field below grows: the list becomes lower, and its end stays.
    await field.fill("eins\nzwei\ndrei\nvier");
    say(1);
    await log.getByText(/^Zeile [0-9]+ 0$/).last().waitFor();
    await isAtEnd();
    await log.hover();
    await page.mouse.wheel(0, -600);
    const place = () =>
      log.evaluate((box) => {
        const top = box.getBoundingClientRect().top;
        const row = [...box.querySelectorAll("[data-key]")].find((one) => one.getBoundingClientRect().top >= top);
        return { key: row.dataset.key, at: Math.round(row.getBoundingClientRect().top - top) };
      });
    await page.waitForFunction((one) => one.scrollHeight - one.scrollTop - one.clientHeight > 300, box);
    const before = await place();
    say(12);
    await page.getByRole("button", { name: "12 neue Nachrichten" }).waitFor();
    assert.deepEqual(await place(), before);
    await page.getByRole("button", { name: "12 neue Nachrichten" }).click();
    await log.getByText(/^Zeile [0-9]+ 11$/).last().waitFor();
    await isAtEnd();
  }));

test("who is at the first line before earlier ones are there, sees them once they come", async () => {
  const { machine: played } = crowd({ people: 3, messages: 300 });
  let give;
  played.past = new Promise((done) => (give = done));
  const bridge = await startBridge(played);
  const { page, close } = await person(browser);
  try {
    await page.goto(bridge.address());
    await page.getByRole("link", { name: "Fünfhundert", exact: true }).click();
    const log = page.getByRole("log");
    await log.getByText("Nachricht 299 ").waitFor();
    const box = await log.elementHandle();
    await page.waitForFunction((one) => one.scrollTop > 0, box);
    await log.hover();
    await page.mouse.wheel(0, -20_000);
    await page.waitForFunction((one) => one.scrollTop === 0, box);
    await log.getByText("Frühere Nachrichten werden geholt").waitFor();
    give();
    await log.getByText("Nachricht 250 ").waitFor();
    await page.waitForFunction((one) => one.scrollTop > 0, box);
    await page.mouse.wheel(0, -20_000);
    await log.getByText("Nachricht 200 ").waitFor();
  } finally {
    await close();
    await bridge.close();
  }
});

test("whoever opens a conference goes on in its field, late and with all that was said, too", async () => {
  const { machine: played } = crowd({ people: 3, messages: 300 });
  const bridge = await startBridge(played);
  const { page, close } = await person(browser);
  const opened = async () => {
    await page.getByRole("log").getByText("Nachricht 299 ").waitFor();
    assert.equal(await page.getByRole("log").getByText("Nachricht 299 ").count(), 1);
    await page.waitForFunction(() => document.activeElement?.matches(".composer textarea"));
  };
  try {
    await page.goto(bridge.address());
    const link = page.getByRole("link", { name: "Fünfhundert", exact: true });
    await link.click();
    await opened();
    await page.evaluate(() => (location.hash = "#/"));
    // The last page was read before the last messages came.
    played.lag = 5;
    let tell;
    played.present = new Promise((done) => (tell = done));
    await link.click();
    await page.getByText("Einen Augenblick").waitFor();
    tell();
    await opened();
  } finally {
    await close();
    await bridge.close();
  }
});

test("texts of others do nothing", () =>
  inPlenary(async ({ page, log, world, complaints }) => {
    world.say("p2", '<img src=x onerror="document.title=1"><script>document.title=2</script> javascript:alert(1) https://example.org/', "plenary");
    const row = log.getByRole("listitem").filter({ hasText: "<img src=x" });
    await row.waitFor();
    assert.equal(await row.locator("img, script").count(), 0);
    const link = row.getByRole("link");
    assert.equal(await link.count(), 1);
    assert.deepEqual(
      await link.evaluate(({ href, target, rel }) => ({ href, target, rel })),
      { href: "https://example.org/", target: "_blank", rel: "noopener noreferrer" },
    );
    assert.doesNotMatch(await page.title(), /^[12]$/);
    assert.deepEqual(complaints, []);
  }));

test("two people at a table: asked, seated, heard by nobody else, and up again", () =>
  inPlenary(async ({ page, log, field, world, me }) => {
    world.ask("p2", [me]);
    const invitation = page.getByRole("group", { name: "Bitte an einen Tisch" });
    await invitation.getByText("Bernd bittet Sie an Tisch 2").waitFor();
    await invitation.getByRole("button", { name: "Hinsetzen" }).click();
    await page.getByRole("heading", { level: 1, name: "Tisch 2" }).waitFor();
    await field.fill("Unter uns");
    await field.press("Enter");
    await log.getByText("gesendet").waitFor();
    assert.deepEqual(world.events.at(-1).audience.sort(), [me, "p2"].sort());
    await page.getByRole("button", { name: "Aufstehen" }).click();
    await page.getByRole("heading", { level: 1, name: "Plenum" }).waitFor();
  }));
