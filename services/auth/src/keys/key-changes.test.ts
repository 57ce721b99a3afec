import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createAuditLog } from "../telemetry/audit.ts";
import { noticingKeyChanges } from "./key-changes.ts";

describe("changes of the signing keys", () => {
  it("are told by whoever reads them next, each once, and never at the start", async () => {
    const told: unknown[] = [];
    const log = createAuditLog((level, _message, fields) => {
      told.push([level, fields?.event, fields?.reason, fields?.key_id]);
    }, "a secret of at least thirty-two characters");
    let kids = ["one"];
    let signing = "one";
    let x = "its public half";
    const read = noticingKeyChanges(
      log,
      () => Promise.resolve({ keys: kids.map((kid) => ({ kid, x })) }),
      () => Promise.resolve(signing),
    );

    await read();
    await read();
    assert.deepEqual(told, []);

    kids = ["one", "two"];
    await read();
    await read();
    assert.deepEqual(told.splice(0), [["WARNING", "signing_key", "published", "two"]]);

    signing = "two";
    await read();
    await read();
    assert.deepEqual(told.splice(0), [["WARNING", "signing_key", "activated", "two"]]);

    kids = ["three"];
    signing = "three";
    await read();
    await read();
    assert.deepEqual(told.splice(0), [
      ["WARNING", "signing_key", "published", "three"],
      ["WARNING", "signing_key", "activated", "three"],
      ["WARNING", "signing_key", "removed", "one"],
      ["WARNING", "signing_key", "removed", "two"],
    ]);

    // Another key in the place of one that is trusted.
    x = "another's";
    await read();
    await read();
    assert.deepEqual(told, [
      ["WARNING", "signing_key", "published", "three"],
      ["WARNING", "signing_key", "removed", "three"],
    ]);
  });
});
