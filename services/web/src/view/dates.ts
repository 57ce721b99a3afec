/** Dates in the person's own zone and in the page's language. */
import { texts } from "../texts.ts";

const LANGUAGE = "en-GB";

const DAY_MS = 86_400_000;
const dayOf = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short" });
const timeOf = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const sameYear = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long" });
const full = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeStyle: "short" });

/** The calendar day, `2026-11-30`: equal for two moments of one day in the person's zone. */
export function day(iso: string): string {
  return dayOf.format(new Date(iso));
}

/** `Today`, `Yesterday`, `12 November` or `12 November 2025`. */
export function dayInWords(iso: string, now: Date = new Date()): string {
  const that = day(iso);
  if (that === dayOf.format(now)) return texts.dates.today;
  // Noon, so that a day of 23 or 25 hours does not make yesterday another day.
  const noon = new Date(now);
  noon.setHours(12);
  if (that === dayOf.format(noon.getTime() - DAY_MS)) return texts.dates.yesterday;
  const date = new Date(iso);
  return (date.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(date);
}

/** `14:05`. */
export function time(iso: string): string {
  return timeOf.format(new Date(iso));
}

/** `Monday, 30 November 2026 at 14:05`. */
export function moment(iso: string): string {
  return full.format(new Date(iso));
}
