// Listeners by name.

/** Those who want to know of something, by its name, in the order in which they came. */
export class Listeners<Told extends object> {
  readonly #of = new Map<keyof Told, Set<(told: never) => void>>();

  /** Adds one. The function that is given removes it again. */
  on<Name extends keyof Told>(name: Name, listener: (told: Told[Name]) => void): () => void {
    const entry = (told: Told[Name]): void => listener(told);
    const all = this.#of.get(name) ?? new Set();
    this.#of.set(name, all.add(entry));
    return () => void all.delete(entry);
  }

  /** Tells all of them. An exception of one is reported as uncaught, and keeps nothing from the others. */
  tell<Name extends keyof Told>(name: Name, told: Told[Name]): void {
    for (const listener of [...(this.#of.get(name) ?? [])]) {
      guarded(() => (listener as (told: Told[Name]) => void)(told));
    }
  }
}

/** Calls code of the user's, whose mistakes are not to break the client. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
