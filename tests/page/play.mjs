// Plays a conference for whoever works at the page: prints an address to open. `organizer` and
// `newcomer` choose the seat.
import { startBridge } from "./played/bridge.mjs";
import { machine, newcomer } from "./played/scenes.mjs";

const [who = "participant"] = process.argv.slice(2);
const played = who === "newcomer" ? newcomer() : machine({ role: who });
const bridge = await startBridge(played.machine, { port: 4711 });
console.log(bridge.address());
console.log("Enter: another address, which works once. Ctrl-C ends it.");
process.stdin.on("data", () => console.log(bridge.address()));
