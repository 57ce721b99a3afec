/** Dates in the person's own zone and in the page's language. */
import { texts } from "../texts.ts";

const LANGUAGE = "en-GB";

const DAY_MS = 86_400_000;
const sameYear = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long" });
const full = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeStyle: "short" });

/** The calendar day in the person's zone, `2026-11-30`. Not by Intl: it is asked for every message. */
export function day(moment: string | Date): string {
  const date = new Date(moment);
  const [month, dayOfMonth] = [date.getMonth() + 1, date.getDate()].map((n) =>
    `${n}`.padStart(2, "0"),
  );
  return `${date.getFullYear()}-${month}-${dayOfMonth}`;
}

/** `Today`, `Yesterday`, `12 November` or `12 November 2025`. */
export function dayInWords(iso: string, now: Date = new Date()): string {
  const that = day(iso);
  if (that === day(now)) return texts.dates.today;
  // Noon, so that a day of 23 or 25 hours does not make yesterday another day.
  const noon = new Date(now).setHours(12);
  if (that === day(new Date(noon - DAY_MS))) return texts.dates.yesterday;
  const date = new Date(iso);
  return (date.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(date);
}

/** `Monday, 30 November 2026 at 14:05`. */
export function moment(iso: string): string {
  return full.format(new Date(iso));
}
