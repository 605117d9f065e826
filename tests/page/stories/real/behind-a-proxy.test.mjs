// An office whose proxy wants a login and is known to the session alone. Nobody but the proxy knows
// where the server is, and the person uses nothing but the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "../../browser.mjs";
import { guest } from "../../real/guest.mjs";
import { Place } from "../../real/place.mjs";
import { Proxy } from "../../real/proxy.mjs";

const SERVER = "conference.test";
const LOGIN = { user: "änne", password: "geheim:und&lang" };

test("somebody joins by the page alone, through a proxy that asks for a login", async (test) => {
  const place = await Place.make(test, SERVER);
  await place.server();
  const { participant_link } = await place.create('title = "Unser nächstes Jahr"\n');
  const proxy = place.with(await Proxy.start({ host: SERVER, login: `${LOGIN.user}:${LOGIN.password}` }));
  // The machine's own settings know nothing of all that.
  const daemon = await place.daemon("anne", "");
  const browser = await openBrowser();
  test.after(() => browser.close());
  const anne = await guest(browser, "de");
  const { page } = anne;
  await page.goto(await place.web("anne", { env: { https_proxy: `http://${proxy.address}` } }));
  await anne.view("Konferenzen");
  await anne.holds();
  await anne.join({ link: participant_link, name: "Änne" });

  const login = page.getByRole("dialog", { name: "Anmeldung am Proxy" });
  await login.getByText(proxy.address).waitFor();
  await anne.holds();
  const tries = async (password) => {
    await login.getByRole("textbox", { name: "Benutzer" }).fill(LOGIN.user);
    await login.getByRole("textbox", { name: "Kennwort" }).fill(password);
    await login.getByRole("button", { name: "Anmelden" }).click();
  };
  await tries("falsch");
  await login.getByText(`Die Anmeldung als ${LOGIN.user} wurde abgelehnt.`).waitFor();
  await anne.holds();
  await tries(LOGIN.password);

  await anne.view("Plenum");
  await anne.say("Ich bin da.");
  await anne.row("Ich bin da.").getByText("gesendet").waitFor();
  await anne.connection.getByText("Verbunden", { exact: true }).waitFor();
  assert.match(await anne.way(), new RegExp(`Über den Proxy ${proxy.address}: ${SERVER}:`));
  await anne.holds();
  assert.ok(proxy.carried > 0);
  assert.equal(proxy.shown.filter((shown) => shown.endsWith(":falsch")).length, 1, "a login that was rejected is shown once");
  assert.doesNotMatch(daemon.logged(), /geheim/);
  assert.deepEqual(anne.complaints, []);
});
