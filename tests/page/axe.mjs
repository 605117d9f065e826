// What axe (WCAG 2.2 A and AA) finds in a page. The browser's debugger puts it in, which the page's
// policy does not concern: that holds meanwhile.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OPTIONS = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] };

/** Every flaw, with the elements that have it. */
export async function flaws(page) {
  const session = await page.context().newCDPSession(page);
  try {
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true });
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    if (!(await evaluate("'axe' in globalThis"))) await evaluate(`${AXE};0`);
    const found = await evaluate(`axe.run(document, ${JSON.stringify(OPTIONS)}).then((found) => JSON.stringify(found.violations))`);
    return JSON.parse(found).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  } finally {
    await session.detach();
  }
}
