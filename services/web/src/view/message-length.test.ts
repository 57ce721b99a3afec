import assert from "node:assert/strict";
import { test } from "node:test";
import { charactersLeft, isShort } from "./message-length.ts";

test("8,000 characters fit and one more does not", () => {
  assert.equal(charactersLeft("x".repeat(8000)), 0);
  assert.equal(charactersLeft("x".repeat(8001)), -1);
});

test("characters outside the basic plane count once, spaces around the text not at all", () => {
  assert.equal(charactersLeft("🛒".repeat(8000)), 0);
  assert.equal(charactersLeft(`\n ${"x".repeat(8000)} \n`), 0);
});

test("nothing is said until 500 are left", () => {
  assert.ok(!isShort(charactersLeft("x".repeat(7499))));
  assert.ok(isShort(charactersLeft("x".repeat(7500))));
});
