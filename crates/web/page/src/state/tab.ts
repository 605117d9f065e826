// What this tab keeps over a reload. A browser that keeps nothing has it until the page is closed.

const kept = new Map<string, string>();

export function read(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? kept.get(key);
  } catch {
    return kept.get(key);
  }
}

export function write(key: string, text: string): void {
  try {
    sessionStorage.setItem(key, text);
    kept.delete(key);
  } catch {
    kept.set(key, text);
  }
}

export function remove(key: string): void {
  kept.delete(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // There is nothing to remove.
  }
}

/** The keys that begin like this. */
export function keys(start: string): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(start));
  } catch {
    return [...kept.keys()].filter((key) => key.startsWith(start));
  }
}
