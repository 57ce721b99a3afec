import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { Outcome } from "../database/database.ts";
import { createKeySet, FRESH_SECONDS, type KeySet, type PublicKeys } from "./jwks.ts";

const STALE_SECONDS = 330;
const OUTAGE = { outage: new Error("no database") };

describe("the key set", () => {
  let reads: number;
  let nowMs: number;
  let next: () => Promise<Outcome<PublicKeys>>;
  let keySet: KeySet;

  const keys = (kid: string) => Promise.resolve({ result: { keys: [{ kid }] } });
  const kid = (outcome: Outcome<PublicKeys>) =>
    "result" in outcome ? outcome.result.keys[0]?.kid : "none";

  beforeEach(() => {
    reads = 0;
    nowMs = 0;
    next = () => keys("first");
    keySet = createKeySet(
      () => {
        reads += 1;
        return next();
      },
      STALE_SECONDS,
      () => nowMs,
    );
  });

  it("is an outage only while it was never read, and is read again at once", async () => {
    next = () => Promise.resolve(OUTAGE);
    assert.equal(await keySet.get(), OUTAGE);
    next = () => keys("first");
    assert.equal(kid(await keySet.get()), "first");
  });

  it("is read once, however many ask at once", async () => {
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => keySet.get()));
    assert.equal(reads, 1);
    assert.ok(outcomes.every((outcome) => kid(outcome) === "first"));
  });

  it("is not read again while it is fresh", async () => {
    await keySet.get();
    next = () => keys("second");
    nowMs = FRESH_SECONDS * 1000 - 1;
    assert.equal(kid(await keySet.get()), "first");
    nowMs += 1;
    assert.equal(kid(await keySet.get()), "second");
  });

  it("stays as it was during an outage, and asks once in a while", async () => {
    await keySet.get();
    next = () => Promise.resolve(OUTAGE);
    nowMs = FRESH_SECONDS * 1000;
    for (let request = 0; request < 10; request += 1) {
      assert.equal(kid(await keySet.get()), "first");
    }
    assert.equal(reads, 2);
    next = () => keys("second");
    nowMs *= 2;
    assert.equal(kid(await keySet.get()), "second");
  });

  it("is gone when no token of before an outage can live, whatever it was asked meanwhile", async () => {
    await keySet.get();
    next = () => Promise.resolve(OUTAGE);
    const end = (FRESH_SECONDS + STALE_SECONDS) * 1000;
    for (; nowMs < end; nowMs += 10_000) assert.equal(kid(await keySet.get()), "first");
    assert.equal(await keySet.get(), OUTAGE);
    next = () => keys("second");
    assert.equal(kid(await keySet.get()), "second");
  });

  it("does not remember a read that broke", async () => {
    next = () => Promise.reject(new Error("bug"));
    await assert.rejects(keySet.get(), /bug/);
    next = () => keys("first");
    assert.equal(kid(await keySet.get()), "first");
  });
});
