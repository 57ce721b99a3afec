import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEmail, checkName, checkNewPassword, checkTitle } from "./checks.ts";

test("a password says how many characters it has when they are too few", () => {
  assert.match(checkNewPassword("eleven char") ?? "", /11 characters/);
  assert.match(checkNewPassword("x") ?? "", /1 character\./);
});

test("a password of 12 and one of 128 characters are right, one of 129 is not", () => {
  assert.equal(checkNewPassword("x".repeat(12)), null);
  assert.equal(checkNewPassword("x".repeat(128)), null);
  assert.notEqual(checkNewPassword("x".repeat(129)), null);
});

for (const email of ["", "ana", "@", "ana@", "@example.com", "a na@example.com"]) {
  test(`${JSON.stringify(email)} is no email address`, () => {
    assert.notEqual(checkEmail(email), null);
  });
}

test("an email address may have spaces around it", () => {
  assert.equal(checkEmail(" ana@example.com "), null);
});

test("a name of spaces is none", () => {
  assert.notEqual(checkName("  "), null);
});

test("a title of 200 characters outside the basic plane is right, of 201 it is not", () => {
  assert.equal(checkTitle("🛒".repeat(200)), null);
  assert.notEqual(checkTitle("🛒".repeat(201)), null);
  assert.notEqual(checkTitle(" \n"), null);
});
