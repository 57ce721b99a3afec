import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, errorFields, errorStack } from "./logs.ts";

describe("logs", () => {
  it("are one JSON line for each event that is severe enough", () => {
    const lines: string[] = [];
    const log = createLog("WARNING", "auth.server", (line) => lines.push(line));
    log("INFO", "not this one");
    log("WARNING", "two\nlines", { port: 8001 });
    assert.equal(lines.length, 1);
    const { ts, ...line } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(line, {
      level: "WARNING",
      logger: "auth.server",
      message: "two\nlines",
      service: "auth",
      port: 8001,
    });
  });

  it("say of an error its class, code and place, never its words", () => {
    const error = Object.assign(new TypeError("ada@example.com\n    is taken"), { code: "23505" });
    assert.deepEqual(errorFields(error), { error: "TypeError", error_code: "23505" });
    assert.deepEqual(errorFields("ada@example.com"), { error: "string" });
    const stack = errorStack(error);
    assert.ok(stack.length > 0);
    assert.equal(stack.join().includes("ada@example.com"), false);
  });
});
