// An office that lets nothing through: the person learns what was tried, and has a letter for whom
// it concerns.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "../../browser.mjs";
import { guest } from "../../real/guest.mjs";
import { Place } from "../../real/place.mjs";
import { Proxy } from "../../real/proxy.mjs";

test("where everything is blocked, a check ends in a letter, in both languages", async (test) => {
  const place = await Place.make(test);
  const server = await place.server();
  const { participant_link } = await place.create('title = "Unser nächstes Jahr"\n');
  // Nothing answers at the ports any more, and the proxy lets nobody through.
  await server.kill();
  const proxy = place.with(await Proxy.start());
  await place.daemon("anne", '[[server]]\nhost = "localhost"\ncontact = "hilfe@example.org"\n');
  const browser = await openBrowser();
  test.after(() => browser.close());
  const anne = await guest(browser, "de", { permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = anne;
  await page.goto(await place.web("anne", { env: { https_proxy: `http://${proxy.address}` } }));
  await anne.join({ link: participant_link, name: "Änne" });

  const away = "Der Server wird nicht erreicht. Convene versucht es weiter. Der Proxy dieses Netzes lässt den Server nicht durch.";
  await anne.connection.getByText(away).waitFor();
  await anne.holds();
  await page.getByRole("navigation", { name: "Ansichten" }).getByRole("link", { name: "Zugang prüfen" }).click();
  await anne.view("Zugang prüfen");
  // One begins by itself behind the join, sooner or later.
  await page.getByRole("button", { name: /^(Zugang jetzt|Noch einmal) prüfen$/ }).click();
  await page.getByText("Von hier ist der Server nicht zu erreichen.").waitFor();
  const step = (name) => page.locator(".step").filter({ hasText: name });
  for (const name of [/^.*Konferenzports [0-9]/, /Der Weg der Webseiten/, new RegExp(`Proxy: ${proxy.address}`)]) {
    await step(name).getByText("geht nicht:").waitFor();
  }
  await page.getByText("hilfe@example.org").waitFor();
  await anne.holds();

  await page.getByRole("button", { name: "An meine IT-Abteilung schreiben" }).click();
  const letter = page.locator(".letter pre");
  const isWhole = async (greeting, failures, copy, copied) => {
    await letter.getByText(greeting).waitFor();
    const text = await letter.textContent();
    for (const fact of ["localhost", `via ${proxy.address}`, ...failures]) {
      assert.ok(text.includes(fact), `${fact} is missing in\n${text}`);
    }
    await page.locator(".letter").getByRole("button", { name: copy }).click();
    await page.locator(".letter").getByText(copied).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    assert.match(await page.locator(".letter a").getAttribute("href"), /^mailto:hilfe@example\.org\?subject=/);
    await anne.holds();
  };
  const failures = ["die Verbindung wurde abgelehnt", "der Proxy lässt es nicht durch"];
  await isWhole("Sehr geehrte Administration", failures, "Kopieren", "Kopiert");
  await page.getByLabel("Sprache").selectOption("en");
  await anne.view("Check access");
  await page.getByText("The server cannot be reached from here.").waitFor();
  const inEnglish = ["the connection was refused", "the proxy does not let it through"];
  await isWhole("Dear administrators", inEnglish, "Copy", "Copied");

  // The day the network opens she is in without having done anything.
  server.start();
  await page.getByRole("link", { name: "Conferences" }).click();
  await page.getByRole("link", { name: "Unser nächstes Jahr", exact: true }).click();
  await anne.view("Plenary");
  assert.deepEqual(anne.complaints, []);
});
