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
    let x = "its public half";
    const read = noticingKeyChanges(log, () =>
      Promise.resolve({ keys: kids.map((kid) => ({ kid, x })) }),
    );

    await read();
    await read();
    assert.deepEqual(told, []);

    kids = ["two"];
    await read();
    await read();
    assert.deepEqual(told, [
      ["WARNING", "signing_key", "published", "two"],
      ["WARNING", "signing_key", "removed", "one"],
    ]);

    // Another key in the place of one that is trusted.
    x = "another's";
    await read();
    await read();
    assert.deepEqual(told.slice(2), [
      ["WARNING", "signing_key", "published", "two"],
      ["WARNING", "signing_key", "removed", "two"],
    ]);
  });
});
