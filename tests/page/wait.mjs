// Waits for what has nothing to wait for but this machine.

/** How long anything may take that has nothing to wait for but this machine, in milliseconds. */
export const PATIENCE_MS = 120_000;
/** How often it is looked. */
const LOOK_MS = 20;

/** Waits until something is so, and gives it; fails after that, in these words. */
export async function until(what, holds) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const held = await holds();
    if (held) return held;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}
