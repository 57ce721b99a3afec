import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROBLEMS, problemResponse } from "./problems.ts";

describe("a problem", () => {
  it("says what RFC 9457 asks for, and our code", async () => {
    const answer = problemResponse(PROBLEMS.databaseUnavailable, {
      instance: "/api/auth/token",
      detail: "Try again.",
      retryAfterSeconds: 2,
    });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("retry-after"), "2");
    assert.deepEqual(await answer.json(), {
      type: "urn:taskchat:problem:database_unavailable",
      title: "Database unavailable",
      status: 503,
      detail: "Try again.",
      instance: "/api/auth/token",
      code: "database_unavailable",
    });
  });

  it("names no time to come back when waiting does not help", () => {
    const answer = problemResponse(PROBLEMS.notFound, {
      instance: "/nope",
      detail: "No such path.",
    });
    assert.equal(answer.headers.get("retry-after"), null);
  });
});
