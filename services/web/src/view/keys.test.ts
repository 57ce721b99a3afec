import assert from "node:assert/strict";
import { test } from "node:test";
import { isComposing, isSend, isToComposer, isUndo } from "./keys.ts";

const key = {
  key: "Enter",
  isComposing: false,
  keyCode: 13,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
};

test("Enter sends, and with Ctrl or Command too", () => {
  assert.ok(isSend(key));
  assert.ok(isSend({ ...key, ctrlKey: true }));
  assert.ok(isSend({ ...key, metaKey: true }));
});

test("Shift + Enter begins a line", () => {
  assert.ok(!isSend({ ...key, shiftKey: true }));
});

test("the Enter that ends a composition sends nothing, in Safari's spelling too", () => {
  assert.ok(isComposing({ ...key, isComposing: true }));
  assert.ok(!isSend({ ...key, isComposing: true }));
  assert.ok(!isSend({ ...key, keyCode: 229 }));
});

test("a slash goes to the composer, but not in a field and not as a shortcut of the browser", () => {
  const slash = { ...key, key: "/", keyCode: 191 };
  assert.ok(isToComposer(slash, false));
  assert.ok(
    isToComposer({ ...slash, shiftKey: true }, false),
    "a German keyboard has it on Shift + 7",
  );
  assert.ok(!isToComposer(slash, true));
  assert.ok(!isToComposer({ ...slash, ctrlKey: true }, false));
});

test("Ctrl + Z takes back outside of fields, Ctrl + Shift + Z does not", () => {
  const z = { ...key, key: "z", keyCode: 90, ctrlKey: true };
  assert.ok(isUndo(z, false));
  assert.ok(isUndo({ ...z, ctrlKey: false, metaKey: true }, false));
  assert.ok(!isUndo(z, true));
  assert.ok(!isUndo({ ...z, shiftKey: true }, false));
  assert.ok(!isUndo({ ...z, ctrlKey: false }, false));
});
