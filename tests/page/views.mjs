// How each view is come to, with something to see in it.
import { startBridge } from "./played/bridge.mjs";
import { BLOCKED, check, connection, LINK, machine, newcomer } from "./played/scenes.mjs";
import { until } from "./wait.mjs";

/** A view of the conference in the middle of its workshops. */
function within(name, fragment, { role, ready = () => {}, seen } = {}) {
  return {
    name,
    async open(page, language) {
      const played = machine({ role });
      await ready(played);
      return over(await startBridge(played.machine), async (bridge) => {
        await page.goto(bridge.address());
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.evaluate((hash) => void (location.hash = hash), `#/c/s1/${fragment}`);
        await page.locator(".column-main").waitFor();
        await seen?.(page, played, language);
      });
    },
  };
}

/** A view without a conference. */
function beside(name, fragment, { start = machine, ready = () => {}, seen, options } = {}) {
  return {
    name,
    async open(page, language) {
      const played = start();
      await ready(played);
      return over(await startBridge(played.machine, options), async (bridge) => {
        await page.goto(bridge.address());
        await page.getByRole("heading", { level: 1 }).waitFor();
        if (fragment !== undefined) {
          await page.evaluate((hash) => void (location.hash = hash), fragment);
          await page.waitForFunction((hash) => location.hash === hash, fragment);
        }
        await page.getByRole("heading", { level: 1 }).waitFor();
        await seen?.(page, played, language);
      });
    },
  };
}

/** Comes to a view over this bridge, and gives it; one over which it was not come to would run on. */
async function over(bridge, come) {
  try {
    await come(bridge);
    return bridge;
  } catch (error) {
    await bridge.close();
    throw error;
  }
}

function waits(played) {
  const [seat] = played.machine.seats;
  const say = (text) => ({ kind: "say", room: "plenary", text });
  seat.kept.set("00000000-0000-4000-8000-000000000001", { command: "00000000-0000-4000-8000-000000000001", body: say("Das wartet noch."), is: "waiting" });
  seat.kept.set("00000000-0000-4000-8000-000000000002", { command: "00000000-0000-4000-8000-000000000002", body: say("Das kam zu spät."), is: "refused", code: "room_closed" });
  seat.kept.set("00000000-0000-4000-8000-000000000003", { command: "00000000-0000-4000-8000-000000000003", body: say("Das war schon da."), is: "lost" });
}

export const VIEWS = [
  beside("conferences", "#/"),
  beside("no-conference", "#/", { start: newcomer }),
  beside("join", "#/join", { start: newcomer, options: { join: LINK } }),
  beside("join-problem", "#/join", {
    start: newcomer,
    seen: async (page) => {
      await page.locator("textarea").fill("Siehe https://example.org/wiki");
      await page.locator("[aria-invalid=true]").waitFor();
    },
  }),
  within("talk", "talk/plenary", {
    ready: ({ world, me }) => void world.say(me, "Ich komme gern!", "plenary"),
    seen: (page) => page.getByRole("log").getByText("Ich komme gern!").waitFor(),
  }),
  within("talk-waiting", "talk/plenary", { ready: waits, seen: (page) => page.getByText("Das war schon da.").waitFor() }),
  within("table", "talk/t2", {
    ready: ({ world, me }) => {
      world.ask("p2", [me]);
      world.sit(me, "t2");
      world.say("p2", "Unter uns gesagt …");
    },
    seen: (page) => page.getByText("Unter uns gesagt …").waitFor(),
  }),
  within("invitation", "talk/plenary", { ready: ({ world, me }) => void world.ask("p2", [me]), seen: (page) => page.locator(".banner.ask").waitFor() }),
  within("closed-room", "talk/r2", {
    ready: ({ world, me }) => void world.go(me, "r2"),
    seen: async (page, { world, ids }) => {
      await page.locator(".composer textarea").fill("Und im Frühling pflanzen wir …");
      world.act(ids[0], { kind: "close_room", room: "r2" });
      await page.locator(".composer .why").waitFor();
    },
  }),
  within("people", "people", { seen: (page) => page.getByText("Bernd").first().waitFor({ state: "attached" }) }),
  within("places", "places"),
  within("schedule", "schedule", { role: "organizer", seen: (page) => page.locator(".phase-row.running").waitFor() }),
  within("ballot", "ballot", { seen: (page) => page.locator("form.ballot").waitFor() }),
  within("result", "ballot", {
    role: "organizer",
    ready: ({ world }) => void world.closeBallot("p1"),
    seen: (page) => page.locator(".result").waitFor(),
  }),
  within("organize", "organize", { role: "organizer", seen: (page) => page.locator(".link-row").first().waitFor() }),
  within("end", "organize", {
    role: "organizer",
    seen: async (page, _, language) => {
      await page.getByRole("button", { name: language === "de" ? "Konferenz beenden" : "End the conference" }).click();
      await page.getByRole("dialog").waitFor();
    },
  }),
  beside("check", "#/check", { ready: ({ machine: played }) => void (played.checks = [check("red")]), seen: (page) => page.locator(".step").first().waitFor() }),
  beside("check-running", "#/check", { ready: ({ machine: played }) => void (played.checks = [check()]), seen: (page) => page.locator(".step").first().waitFor() }),
  beside("letter", "#/check", {
    // A proxy that wants a login is the user's to answer, and no letter is written.
    ready: ({ machine: played }) => {
      const { steps, ...red } = check("red");
      played.checks = [{ ...red, steps: steps.filter(({ kind }) => kind !== "proxy") }];
    },
    seen: async (page) => {
      await page.locator(".check .primary").click();
      await page.locator(".letter pre").waitFor();
    },
  }),
  beside("settings", "#/settings", { seen: (page) => page.locator("table").waitFor() }),
  beside("settings-locked", "#/settings", {
    ready: ({ machine: played }) => {
      const { own, proxy } = played.settings;
      own.proxy_fixed_by = "proxy.url";
      proxy.url = { ...proxy.url, from: { kind: "policy", place: "/etc/convene/policies.d/company.toml:2" }, managed: true };
    },
    seen: (page) => page.locator("fieldset .locked").waitFor(),
  }),
  beside("settings-by-hand", "#/settings", {
    seen: (page, _, language) => page.getByRole("radio", { name: language === "de" ? "Von Hand" : "By hand" }).check(),
  }),
  within("blocked", "talk/plenary", {
    ready: ({ machine: played }) => void (played.connections = [connection({ state: "blocked", route: null, attempts: BLOCKED })]),
    seen: async (page) => {
      await page.locator(".connection button").click();
      await page.locator(".connection .panel").waitFor();
    },
  }),
  beside("login-at-proxy", "#/", {
    seen: async (page, { machine: played }) => {
      for (const attendant of played.attached) {
        const params = { proxy: "proxy.example.org:3128", server: "conference.example.org", rejected: "anna" };
        attendant.send(JSON.stringify({ jsonrpc: "2.0", id: "question-1", method: "proxy.password", params }));
      }
      await page.getByRole("dialog").waitFor();
    },
  }),
  beside("disk-full", "#/", {
    ready: ({ machine: played }) => void (played.connections = [connection({ storage: "full" })]),
    seen: (page) => page.locator(".trouble").waitFor(),
  }),
  beside("not-admitted", undefined, {
    seen: async (page) => {
      await page.evaluate(() => sessionStorage.clear());
      await page.reload();
      await page.locator("main.trouble").waitFor();
    },
  }),
  beside("no-daemon", undefined, {
    seen: async (page, { machine: played }) => {
      await until("the page is attached", () => played.cut);
      played.isStopped = true;
      played.cut();
      await page.locator(".trouble").waitFor();
    },
  }),
];
