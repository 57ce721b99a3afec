/** Waits for a state, never for a time. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export async function until(what: string, holds: () => boolean, limitMs = 8_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) assert.fail(`not within ${limitMs} ms: ${what}`);
    await sleep(5);
  }
}
