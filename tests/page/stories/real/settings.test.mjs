// The proxy that the session names lets nobody through. Somebody names one on the page, then
// another one, then none: each time the connection goes the other way, and no word is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "../../browser.mjs";
import { guest } from "../../real/guest.mjs";
import { Place } from "../../real/place.mjs";
import { Proxy } from "../../real/proxy.mjs";
import { until } from "../../wait.mjs";

const SERVER = "conference.test";

test("whatever proxy is set on the page carries the connection from then on", async (test) => {
  const place = await Place.make(test, SERVER);
  await place.server();
  const { participant_link } = await place.create('title = "Unser nächstes Jahr"\n');
  const proxies = await Promise.all([1, 2, 3].map(() => Proxy.start({ host: SERVER })));
  const [found, first, second] = proxies.map((proxy) => place.with(proxy));
  found.isShut = true;
  await place.daemon("anne", "");
  const browser = await openBrowser();
  test.after(() => browser.close());
  const anne = await guest(browser, "de");
  const { page } = anne;
  const save = async (choice, address) => {
    await page.getByRole("radio", { name: choice }).check();
    if (address !== undefined) await page.getByRole("textbox", { name: "Adresse des Proxys" }).fill(address);
    await page.getByRole("button", { name: "Speichern" }).click();
    await page.getByText("✓ Gespeichert").waitFor();
  };
  const goesBy = async (proxy) => {
    await until("the way to be shown", async () => (await anne.way()).includes(`Über den Proxy ${proxy.address}: ${SERVER}:`));
    await anne.connection.getByText("Verbunden", { exact: true }).waitFor();
    await until("the other ways to be closed", () => proxies.every((one) => one.carried > 0 === (one === proxy)));
  };
  const says = async (text) => {
    await anne.place(/^Plenum/).click();
    await anne.view("Plenum");
    await anne.say(text);
    await anne.row(text).getByText("gesendet").waitFor();
    await anne.place("Einstellungen").click();
    await anne.view("Einstellungen");
  };

  await page.goto(await place.web("anne", { env: { https_proxy: `http://${found.address}` } }));
  await page.getByRole("navigation", { name: "Ansichten" }).getByRole("link", { name: "Einstellungen" }).click();
  await anne.view("Einstellungen");
  await page.getByText(`Umgebung: http://${found.address}`).waitFor();
  await anne.holds();
  await save("Von Hand", first.address);
  await anne.holds();
  await page.getByRole("navigation", { name: "Ansichten" }).getByRole("link", { name: "Konferenzen" }).click();
  await anne.join({ link: participant_link, name: "Änne" });
  await anne.view("Plenum");
  await goesBy(first);

  await says("Auf dem einen Weg.");
  await save("Von Hand", second.address);
  await goesBy(second);
  await page.getByRole("button", { name: "Versuchen" }).click();
  await page.getByText(`✓ ${second.address} → ${SERVER}`).waitFor();
  await page.getByText(`✗ ${found.address} → ${SERVER}`).waitFor();
  await anne.holds();

  await says("Auf dem anderen.");
  found.isShut = false;
  await save("Automatisch");
  await goesBy(found);
  await says("Und auf dem dritten.");
  await anne.place(/^Plenum/).click();
  assert.deepEqual(await anne.texts(), ["Auf dem einen Weg.", "Auf dem anderen.", "Und auf dem dritten."]);
  assert.deepEqual(anne.complaints, []);
});
