import assert from "node:assert/strict";
import { test } from "node:test";
import type { Item } from "../protocol/items.ts";
import { type Stretch, stretchesOf } from "./stretches.ts";

function item(n: number, text = `message ${n}`): Item {
  return {
    type: "user_message",
    id: `i${n}`,
    thread_id: "t1",
    created_at: "2026-11-30T10:00:00Z",
    content: [{ type: "input_text", text }],
  };
}

const some = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => item(from + n));
const flat = (stretches: readonly Stretch[]) => stretches.flatMap(({ items }) => items);

function isWhole(stretches: readonly Stretch[], items: readonly Item[]): void {
  assert.deepEqual(flat(stretches), items);
  const ids = stretches.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, `twice: ${ids}`);
  assert.ok(stretches.every((stretch) => stretch.items.length > 0));
}

test("no items are no stretches", () => {
  assert.deepEqual(stretchesOf([], []), []);
  assert.deepEqual(stretchesOf([], stretchesOf(some(0, 5), [])), []);
});

test("many items are several stretches, of which none is long", () => {
  const items = some(0, 1000);
  const stretches = stretchesOf(items, []);
  isWhole(stretches, items);
  assert.equal(stretches.length, 25);
});

test("a text that grows changes the last stretch only", () => {
  const items = some(0, 1000);
  const before = stretchesOf(items, []);
  const grown = [...items.slice(0, -1), item(999, "more")];
  const after = stretchesOf(grown, before);
  isWhole(after, grown);
  assert.deepEqual(
    after.map((stretch, n) => stretch === before[n]),
    [...Array(24).fill(true), false],
  );
  assert.equal(after.at(-1)?.id, before.at(-1)?.id);
});

test("nothing new is nothing new", () => {
  const before = stretchesOf(some(0, 3), []);
  assert.equal(stretchesOf([...flat(before)], before)[0], before[0]);
});

test("items are added to the last stretch until it is full, then a new one begins", () => {
  let items: Item[] = [];
  let stretches: Stretch[] = [];
  for (let n = 0; n < 100; n += 1) {
    items = [...items, item(n)];
    stretches = stretchesOf(items, stretches);
    isWhole(stretches, items);
  }
  assert.deepEqual(
    stretches.map((stretch) => stretch.items.length),
    [40, 40, 20],
  );
});

test("earlier items come before the known stretches, which stay what they are", () => {
  const items = some(100, 190);
  const before = stretchesOf(items, []);
  const all = [...some(50, 100), ...items];
  const after = stretchesOf(all, before);
  isWhole(after, all);
  assert.deepEqual(after.slice(-before.length), before);
  assert.ok(before.every((stretch) => after.includes(stretch)));
});

test("an item that goes away takes nothing else along", () => {
  const items = some(0, 90);
  const before = stretchesOf(items, []);
  const fewer = items.filter((one) => one.id !== "i0" && one.id !== "i45");
  const after = stretchesOf(fewer, before);
  isWhole(after, fewer);
  assert.deepEqual(
    after.map(({ id }) => id),
    before.map(({ id }) => id),
  );
  assert.equal(after[2], before[2]);
});

test("another conversation, or another order, is all there and nothing is twice", () => {
  const before = stretchesOf(some(0, 90), []);
  isWhole(stretchesOf(some(200, 290), before), some(200, 290));
  const mixed = [...some(30, 90), ...some(0, 30)];
  isWhole(stretchesOf(mixed, before), mixed);
  const backwards = some(0, 90).reverse();
  isWhole(stretchesOf(backwards, before), backwards);
});
