// A user's own proxy setting, as it is typed. Pure.

import type { ProxySource } from "convene-client";

export type Mode = "auto" | "hand" | "script";

export interface ProxyForm {
  readonly mode: Mode;
  /** `[SCHEME://]HOST[:PORT]`, without a login. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** Hosts that are reached without it, by commas or blanks. */
  readonly exceptions: string;
  readonly script: string;
}

/** The form of what is set; a password is never read back. */
export function formOf(source: ProxySource | null | undefined): ProxyForm {
  const empty = { address: "", user: "", password: "", exceptions: "", script: "" };
  if (source == null) return { mode: "auto", ...empty };
  if (source.pac_url != null) return { mode: "script", ...empty, script: source.pac_url };
  const [first = ""] = source.proxies ?? [];
  const { address, user } = apart(first);
  return { mode: "hand", ...empty, address, user, exceptions: (source.exceptions ?? []).join(", ") };
}

/** Takes the login out of an address, where everybody could read it. */
export function apart(address: string): { address: string; user: string; password: string } {
  const [, scheme = "", login = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(?:([^@/]*)@)?(.*)$/i.exec(address.trim()) ?? [];
  const [user = "", ...password] = login.split(":");
  return { address: scheme + rest, user: decoded(user), password: decoded(password.join(":")) };
}

/** The merge patch that sets what was typed. Everything that the form does not hold is taken back. */
export function patchOf(form: ProxyForm): Record<string, unknown> {
  const none = { proxies: null, exceptions: null, pac_url: null, wpad: null };
  switch (form.mode) {
    case "auto":
      return { own: { proxy: null } };
    case "script":
      return { own: { proxy: { ...none, pac_url: form.script.trim() } } };
    case "hand": {
      const exceptions = form.exceptions.split(/[\s,;]+/).filter((one) => one !== "");
      return { own: { proxy: { ...none, proxies: [withLogin(form)], exceptions } } };
    }
  }
}

function withLogin({ address, user, password }: ProxyForm): string {
  const typed = apart(address);
  const who = user === "" ? typed.user : user;
  if (who === "") return typed.address;
  const secret = password === "" ? typed.password : password;
  const login = `${encodeURIComponent(who)}${secret === "" ? "" : `:${encodeURIComponent(secret)}`}@`;
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(typed.address) ?? [];
  return `${scheme}${login}${rest}`;
}

/** Whether it can be saved. */
export function isWhole(form: ProxyForm): boolean {
  switch (form.mode) {
    case "auto":
      return true;
    case "hand":
      return form.address.trim() !== "";
    case "script":
      return /^(https?|file):\/\/./i.test(form.script.trim());
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
