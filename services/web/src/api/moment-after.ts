/** When something will be, in the reader's own time zone. */
import { stateTexts } from "../texts.ts";

const LANGUAGE = "en-GB";
const MINUTE_MS = 60_000;

const { api } = stateTexts;

/** `at 18:05`, `tomorrow at 01:00`, `on 2 December at 01:00`. The minute is the next whole one. */
export function momentAfter(milliseconds: number, now: number = Date.now()): string {
  const then = new Date(Math.ceil((now + milliseconds) / MINUTE_MS) * MINUTE_MS);
  const time = then.toLocaleTimeString(LANGUAGE, { timeStyle: "short" });
  const tomorrow = new Date(now);
  tomorrow.setDate(tomorrow.getDate() + 1);
  if (isSameDay(then, new Date(now))) return api.at(time);
  if (isSameDay(then, tomorrow)) return api.tomorrowAt(time);
  return api.onDayAt(then.toLocaleDateString(LANGUAGE, { day: "numeric", month: "long" }), time);
}

function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
