import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { bounded, Turnstile } from "./password-work.ts";

/** Works that run until they are told to end. */
function works(turnstile: Pick<Turnstile, "pass">, count: number) {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const done = Array.from({ length: count }, (_, index) =>
    turnstile.pass(() => {
      started.push(index);
      return new Promise<number>((resolve) => {
        ends[index] = () => resolve(index);
      });
    }),
  );
  return { started, ends, done };
}

describe("a turnstile", () => {
  it("refuses when its places and its queue are taken", async () => {
    const turnstile = new Turnstile(1, 1);
    const { ends, done } = works(turnstile, 2);
    assert.equal(turnstile.full, true);
    await assert.rejects(turnstile.pass(() => Promise.resolve()));
    ends[0]?.();
    await done[0];
    assert.equal(turnstile.full, false);
    await nextTurn();
    ends[1]?.();
    assert.equal(await done[1], 1);
  });

  it("frees the place of a work that fails", async () => {
    const turnstile = new Turnstile(1, 0);
    await assert.rejects(
      turnstile.pass(() => Promise.reject(new Error("broken"))),
      /broken/,
    );
    assert.equal(await turnstile.pass(() => Promise.resolve("next")), "next");
  });

  it("lets a few run, and the others in their order", async () => {
    const { started, ends, done } = works(new Turnstile(2, 8), 5);
    assert.deepEqual(started, [0, 1]);
    ends[1]?.();
    await done[1];
    await nextTurn();
    assert.deepEqual(started, [0, 1, 2]);
    for (const index of [0, 2, 3, 4]) {
      ends[index]?.();
      await done[index];
      await nextTurn();
    }
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
  });
});

describe("hashes", () => {
  it("are computed at most two at once, and none is refused", async () => {
    const { started, ends, done } = works({ pass: bounded }, 40);
    assert.ok(started.length >= 1 && started.length <= 2);
    for (const [index, work] of done.entries()) {
      ends[index]?.();
      await work;
      await nextTurn();
    }
    assert.equal(started.length, 40);
  });
});
