import assert from "node:assert/strict";
import { test } from "node:test";
import { safeLink } from "./links.ts";

for (const href of [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://example.com/1",
  "/c/0198",
  "//example.com",
  "example.com",
  "https://bank.example@evil.example/",
  "",
]) {
  test(`${JSON.stringify(href)} is text only`, () => {
    assert.equal(safeLink(href), null);
  });
}

for (const href of [
  "https://example.com/a?b=c#d",
  "http://localhost:3000/",
  "mailto:a@b.example",
]) {
  test(`${href} is followed`, () => {
    assert.equal(safeLink(href), href);
  });
}
