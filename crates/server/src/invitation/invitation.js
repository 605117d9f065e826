// Makes of the address of this page what no server can: the whole join link, with what stands
// behind #, and the link that opens it in Convene. It sends nothing and keeps nothing.
"use strict";

(() => {
  const link = location.origin + location.pathname + location.hash;
  const element = (id) => document.getElementById(id);

  const open = element("open-link");
  if (open) {
    open.href = `convene:${link}`;
  }
  const whole = element("whole-link");
  if (whole) {
    whole.value = link;
    whole.addEventListener("focus", () => whole.select());
  }

  // Otherwise another language would lose what stands behind #.
  const language = element("language");
  if (language) {
    language.hash = location.hash;
  }

  const time = document.querySelector("time");
  if (time) {
    const page = document.documentElement.lang;
    const locale = navigator.languages.find((tag) => tag.split("-")[0] === page) ?? page;
    const parts = { weekday: "long", year: "numeric", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" };
    const format = new Intl.DateTimeFormat(locale, { ...parts, timeZoneName: "short" });
    time.textContent = format.format(new Date(time.dateTime));
  }

  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
    } catch {
      // A browser without that, or a person who has forbidden it: select it, and copy that.
      if (source.select) {
        source.select();
      } else {
        getSelection().selectAllChildren(source);
      }
      return document.execCommand("copy");
    }
    return true;
  };
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.addEventListener("click", async () => {
      const copied = await copy(element(button.dataset.copies));
      element("status").textContent = copied ? button.dataset.copied : "";
    });
  }

  for (const part of document.querySelectorAll("[data-scripted]")) {
    part.hidden = false;
  }
  for (const part of document.querySelectorAll("[data-unscripted]")) {
    part.hidden = true;
  }
})();
