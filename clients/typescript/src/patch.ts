// JSON merge patches (RFC 7396).

import { isObject } from "./errors.js";

/**
 * The value that a patch makes of another one. Neither is changed, and what the patch does not name
 * is shared: a part that is the same object as before is the same.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return patch;
  }
  // A map, because an object would take the name `__proto__` for something else.
  const fields = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      fields.delete(name);
    } else {
      fields.set(name, mergePatch(fields.get(name), value));
    }
  }
  return Object.fromEntries(fields);
}
