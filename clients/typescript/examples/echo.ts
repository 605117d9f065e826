// Says again what others say in a room: `node dist/examples/echo.js CONFERENCE`.

import { DaemonError } from "../src/index.js";
import { localClient } from "../src/node.js";

const [conference] = process.argv.slice(2);
if (conference === undefined) {
  console.error("usage: echo CONFERENCE");
  process.exit(2);
}

const client = localClient({ program: "echo 1" });
client.onStatus((status) => console.error(status.is));

const watch = client.watch(conference);
watch.on("events", async (events) => {
  for (const { by, body } of events) {
    if (body.kind === "said" && by != null && by !== watch.participant) {
      const name = watch.state?.public.participants[by]?.name ?? by;
      const told = await watch.act({ kind: "say", room: body.room, text: `${name}: ${body.text}` });
      console.error(told.state, told.code ?? "");
    }
  }
});
try {
  await watch.ready();
  console.error("listens");
} catch (error) {
  console.error(error instanceof DaemonError ? error.word : error);
  client.close();
}
