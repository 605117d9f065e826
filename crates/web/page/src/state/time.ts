// Times as people read them, in their own zone. Formatters are made once for each language, because
// making one costs as much as formatting thousands of times.

const DAY_MS = 86_400_000;

interface Formatters {
  readonly clock: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly dayOfYear: Intl.DateTimeFormat;
  readonly fullDay: Intl.DateTimeFormat;
  readonly relative: Intl.RelativeTimeFormat;
}

const made = new Map<string, Formatters>();

function formatters(language: string, zone: string | undefined): Formatters {
  const key = `${language} ${zone ?? ""}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const inZone = zone === undefined ? {} : { timeZone: zone };
  // German hours have two digits in a list of times, and English ones are told by 24 hours too: a
  // conference across zones has no use for "10".
  const locale = language === "en" ? "en-GB" : language;
  const fresh = {
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...inZone }),
    day: new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", ...inZone }),
    dayOfYear: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...inZone }),
    fullDay: new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", ...inZone }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  };
  made.set(key, fresh);
  return fresh;
}

/** "10:42" */
export function clock(at: number, language: string, zone?: string): string {
  return formatters(language, zone).clock.format(at);
}

/** "10:42" today, "yesterday 16:05", "3 Dec 16:05", "3 December 2025 16:05". */
export function moment(at: number, now: number, language: string, zone?: string): string {
  const time = clock(at, language, zone);
  return dayKey(at, zone) === dayKey(now, zone) ? time : `${dayName(at, now, language, zone)} ${time}`;
}

/** "today", "yesterday", "3 Dec", "3 December 2025". */
export function dayName(at: number, now: number, language: string, zone?: string): string {
  const { relative, dayOfYear, fullDay } = formatters(language, zone);
  const key = dayKey(at, zone);
  for (const offset of [0, -1, 1]) {
    if (key === dayKey(now + offset * DAY_MS, zone)) return relative.format(offset, "day");
  }
  return key.slice(0, 4) === dayKey(now, zone).slice(0, 4) ? dayOfYear.format(at) : fullDay.format(at);
}

/** The day of a moment, as a text that tells days apart. */
export function dayKey(at: number, zone?: string): string {
  return Number.isFinite(at) ? formatters("en", zone).day.format(at) : "";
}

/** The zone of this browser; none, where the browser does not tell it. */
export function ownZone(): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    return timeZone === "" ? undefined : timeZone;
  } catch {
    return undefined;
  }
}

/** Compares names as the language does. */
export function byName(language: string): (one: string, other: string) => number {
  let collator = collators.get(language);
  if (collator === undefined) {
    collator = new Intl.Collator(language, { sensitivity: "base", numeric: true });
    collators.set(language, collator);
  }
  return collator.compare;
}

const collators = new Map<string, Intl.Collator>();
