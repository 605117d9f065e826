// A link that begins with `convene:`, with which a browser turns to the desktop.

/** Does something that leads to such a link, and gives the link as a whole. The page gets no keys any more, because
 *  its window asks whether a program may be opened. */
export async function handedOver(page, press) {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.enable");
  const requested = new Promise((done) => {
    session.on("Page.frameRequestedNavigation", ({ url }) => url.startsWith("convene:") && done(url));
  });
  await press();
  return requested;
}
