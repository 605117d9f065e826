// A person without a mouse: goes from control to control by Tab, and sees where the focus is.

/** Presses of Tab after which a control counts as out of reach. */
const TABS_MAX = 150;

export class Keys {
  constructor(page) {
    this.page = page;
  }

  /** Goes on to a control by Tab. Fails where that is not reached, or its focus cannot be seen. */
  async reach(role, name, within = this.page) {
    const wanted = within.getByRole(role, { name, exact: typeof name === "string" });
    await wanted.first().waitFor();
    for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
      const focused = wanted.and(this.page.locator(":focus"));
      if ((await focused.count()) > 0) {
        const outline = await focused.first().evaluate((one) => getComputedStyle(one).outlineStyle);
        if (outline === "none") throw new Error(`the focus on ${name} cannot be seen`);
        return;
      }
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`${role} ${name} is not reached by Tab`);
  }

  /** Goes on to a control, and presses it. */
  async press(role, name, within) {
    await this.reach(role, name, within);
    await this.page.keyboard.press("Enter");
  }
}
