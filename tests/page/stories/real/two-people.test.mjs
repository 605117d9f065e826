// Two people and the real programs: from the page of their invitation to the result of a ballot.
// Änne speaks German and has no mouse; her network is cut meanwhile, and the server is killed. Each
// text is there once in the end, for both of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "../../browser.mjs";
import { handedOver } from "../../real/desktop.mjs";
import { guest } from "../../real/guest.mjs";
import { Place } from "../../real/place.mjs";
import { Relay } from "../../real/relay.mjs";

const CONFERENCE = `
title = "Unser nächstes Jahr"
theme = "Was wollen wir beginnen?"
hosts = "Olga"
[[room]]
name = { de = "Werkstatt", en = "Workshop room" }
`;

/** Sentences about a connection that is looked for. */
const AWAY = { de: /^(Verbindung wird gesucht|Der Server wird nicht erreicht)/, en: /^(Connecting|The server is not reached)/ };

/** From the page of an invitation to the plenary, as the desktop leads there. */
async function comes(browser, place, who, { language, link, name, press }) {
  const invited = await guest(browser, language);
  const { words } = invited;
  await invited.page.goto(link);
  await invited.view("Unser nächstes Jahr");
  await invited.holds();
  const handed = await handedOver(invited.page, () => press(invited, "link", words("In Convene öffnen", "Open in Convene")));
  assert.equal(handed, `convene:${link}`, "what stands behind # came along");
  await invited.close();

  const one = await guest(browser, language);
  await one.page.goto(await place.web(who, { join: handed }));
  await one.view(words("Einer Konferenz beitreten", "Join a conference"));
  await one.page.getByText(words("Link gefunden: localhost", "Link found: localhost")).waitFor();
  await one.holds();
  await one.keys.reach("textbox", words("Ihr Name in der Konferenz", "Your name in the conference"));
  await one.page.keyboard.type(name);
  await one.page.keyboard.press("Enter");
  await one.view(words("Plenum", "Plenary"));
  return one;
}

test("two people meet, speak through cuts and kills, sit at a table and vote; nothing is lost", async (test) => {
  const place = await Place.make(test);
  const server = await place.server();
  const { organizer_link, participant_link } = await place.create(CONFERENCE);
  const relay = place.with(await Relay.to(place.port));
  await Promise.all([place.daemon("anne"), place.daemon("olga")]);
  const browser = await openBrowser();
  test.after(() => browser.close());
  const click = ({ page }, role, name) => page.getByRole(role, { name }).click();
  const press = (one, role, name) => one.keys.press(role, name);
  const olga = await comes(browser, place, "olga", { language: "en", link: organizer_link, name: "Olga", press: click });
  const anne = await comes(browser, place, "anne", { language: "de", link: relay.lead(participant_link), name: "Änne", press });
  const { keys } = anne;
  const type = async (text) => {
    await keys.reach("textbox", /^Nachricht an/);
    await anne.page.keyboard.type(text);
    await anne.page.keyboard.press("Enter");
  };

  // In the plenary, while all is well.
  await olga.say("Welcome, Änne!");
  await anne.row("Welcome, Änne!").waitFor();
  await type("Guten Morgen!");
  await anne.row("Guten Morgen!").getByText("gesendet").waitFor();
  await olga.row("Guten Morgen!").waitFor();
  await anne.connection.getByText("Verbunden", { exact: true }).waitFor();
  await anne.holds();

  // Her network is cut.
  relay.shut();
  await anne.connection.getByText(AWAY.de).waitFor();
  await type("Hört ihr mich?");
  await type("Ich schreibe einfach weiter.");
  await anne.row("Hört ihr mich?").getByText("wartet").waitFor();
  await anne.row("Ich schreibe einfach weiter.").getByText("wartet").waitFor();
  await anne.holds();
  await olga.say("Änne is away.");
  await olga.row("Änne is away.").getByText("sent").waitFor();
  await olga.page.getByText("Not connected (1)").waitFor();
  assert.equal(await olga.row("Hört ihr mich?").count(), 0);
  assert.equal(await anne.row("Änne is away.").count(), 0);
  await keys.press("button", AWAY.de);
  await keys.press("button", "Jetzt versuchen");
  await anne.page.keyboard.press("Escape");
  relay.open();
  await anne.row("Hört ihr mich?").getByText("gesendet").waitFor();
  await anne.row("Änne is away.").waitFor();
  await olga.row("Ich schreibe einfach weiter.").waitFor();
  await anne.connection.getByText("Verbunden", { exact: true }).waitFor();

  // The server is killed under both, and comes back.
  await server.kill();
  await olga.connection.getByText(AWAY.en).waitFor();
  await olga.say("Is anybody there?");
  await type("Ist noch jemand da?");
  await olga.row("Is anybody there?").getByText("waits").waitFor();
  await anne.row("Ist noch jemand da?").getByText("wartet").waitFor();
  server.start();
  await anne.row("Ist noch jemand da?").getByText("gesendet").waitFor();
  await olga.row("Is anybody there?").getByText("sent").waitFor();
  await Promise.all([anne.row("Is anybody there?").waitFor(), olga.row("Ist noch jemand da?").waitFor()]);

  // On to another room.
  await keys.press("link", /^Werkstatt/);
  await anne.view("Werkstatt");
  await olga.page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: /^Workshop room/ }).click();
  await olga.view("Workshop room");
  await olga.say("Here is more room.");
  await anne.row("Here is more room.").waitFor();
  await type("Und es ist ruhiger.");
  await olga.row("Und es ist ruhiger.").waitFor();
  await anne.page.getByRole("complementary").getByText("Hier (2)").waitFor();

  // At a table.
  await olga.page.getByRole("complementary").getByRole("button", { name: "Änne" }).click();
  await olga.page.getByRole("button", { name: "Ask to a table" }).click();
  await anne.page.getByRole("group", { name: "Bitte an einen Tisch" }).getByText("Olga bittet Sie an Tisch 1").waitFor();
  await anne.holds();
  await keys.press("button", "Hinsetzen");
  await anne.view("Tisch 1");
  await olga.view("Table 1");
  await type("Unter uns: Ich würde gern leiten.");
  await olga.row("Unter uns").waitFor();
  await olga.say("Then do.");
  await anne.row("Then do.").waitFor();
  assert.deepEqual([await anne.texts(), await olga.texts()], Array(2).fill(["Unter uns: Ich würde gern leiten.", "Then do."]));
  await anne.holds();
  await keys.press("button", "Aufstehen");
  await anne.view("Werkstatt");
  await olga.page.getByRole("button", { name: "Stand up" }).click();
  await olga.view("Workshop room");

  // They vote.
  await olga.page.getByRole("link", { name: /^Ballot/ }).click();
  for (const [label, text] of [["Question", "When is the break?"], ["Answer 1", "Now"], ["Answer 2", "Later"]]) {
    await olga.page.getByRole("textbox", { name: label }).fill(text);
  }
  await olga.page.getByRole("button", { name: "Open the ballot" }).click();
  await keys.press("link", /^Abstimmung.*Ihre Stimme fehlt noch/);
  await anne.view("Abstimmung");
  await keys.reach("radio", "Now");
  await anne.page.keyboard.press("ArrowDown");
  await anne.holds();
  await keys.press("button", "Abstimmen");
  await anne.page.getByText("Ihre Stimme: Later.").waitFor();
  await olga.page.getByRole("radio", { name: "Later" }).check();
  await olga.page.getByRole("button", { name: "Vote", exact: true }).click();
  await olga.page.getByText("2 of 2").waitFor();
  await olga.page.getByRole("button", { name: "Close the ballot" }).click();
  await olga.page.getByRole("dialog").getByRole("button", { name: "Close the ballot" }).click();
  for (const [{ page }, votes] of [[anne, ["0 Stimmen", "2 Stimmen"]], [olga, ["0 votes", "2 votes"]]]) {
    const result = page.locator(".result").filter({ hasText: "When is the break?" });
    await result.waitFor();
    assert.deepEqual(await result.locator(".votes").allTextContents(), votes);
  }
  await Promise.all([anne.holds(), olga.holds()]);

  // Everything is there, once, and after a look anew too.
  await anne.page.reload();
  await anne.view("Abstimmung");
  await keys.press("link", /^Plenum/);
  await anne.view("Plenum");
  await olga.page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: /^Plenary/ }).click();
  await olga.view("Plenary");
  const said = [
    "Welcome, Änne!", "Guten Morgen!", "Änne is away.", "Hört ihr mich?", "Ich schreibe einfach weiter.",
  ];
  const [hers, theirs] = [await anne.texts(), await olga.texts()];
  assert.deepEqual(hers, theirs);
  assert.deepEqual(hers.slice(0, said.length), said);
  assert.deepEqual(hers.slice(said.length).sort(), ["Is anybody there?", "Ist noch jemand da?"]);
  assert.deepEqual([anne.complaints, olga.complaints], [[], []]);
});
