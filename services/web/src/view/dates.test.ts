import assert from "node:assert/strict";
import { test } from "node:test";

// 13 hours ahead of UTC in summer, and its summer ends in April. Formatters keep the zone they began in.
// biome-ignore lint/style/noProcessEnv: where Node takes a zone from
process.env.TZ = "Pacific/Auckland";
const { day, dayInWords, moment } = await import("./dates.ts");

const now = new Date("2026-11-30T12:00:00Z");

test("a day is one of the person's zone", () => {
  assert.equal(day("2026-11-30T10:59:59Z"), "2026-11-30");
  assert.equal(day("2026-11-30T11:00:00Z"), "2026-12-01");
});

test("today and yesterday are words", () => {
  assert.equal(dayInWords("2026-11-30T11:00:00Z", now), "Today");
  assert.equal(dayInWords("2026-11-30T10:00:00Z", now), "Yesterday");
  assert.equal(dayInWords("2026-11-29T10:00:00Z", now), "29 November");
});

test("another year is named", () => {
  assert.equal(dayInWords("2025-11-29T10:00:00Z", now), "29 November 2025");
});

test("yesterday is yesterday on the day that has 25 hours, early and late", () => {
  // Clocks went back on 5 April 2026 at 3:00.
  const early = new Date("2026-04-04T11:30:00Z");
  const late = new Date("2026-04-05T11:30:00Z");
  assert.equal(day(early), day("2026-04-05T00:00:00+12:00"));
  assert.equal(dayInWords("2026-04-03T22:00:00Z", early), "Yesterday");
  assert.equal(dayInWords("2026-04-03T22:00:00Z", late), "Yesterday");
});

test("a moment has day and time", () => {
  assert.match(moment("2026-11-30T10:59:00Z"), /Monday.* 30 November 2026.* 23:59/);
});
