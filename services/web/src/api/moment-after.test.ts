import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { momentAfter } from "./moment-after.ts";

const HOUR_MS = 3_600_000;

describe("a moment to come, by the reader's clock", () => {
  // Local: whatever zone this runs in is the reader's.
  const now = new Date(2026, 10, 30, 16, 4, 30).getTime();
  const until = (...at: [number, number, number, number]) => new Date(...at).getTime() - now;

  for (const [milliseconds, words] of [
    [1, "at 16:05"],
    [HOUR_MS, "at 17:05"],
    [until(2026, 11, 1, 1), "tomorrow at 01:00"],
    [until(2026, 11, 1, 0), "tomorrow at 00:00"],
    [until(2026, 11, 2, 16), "on 2 December at 16:00"],
  ] as const) {
    it(words, () => assert.equal(momentAfter(milliseconds, now), words));
  }
});
