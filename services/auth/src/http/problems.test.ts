import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROBLEMS, problemResponse, rateLimited } from "./problems.ts";

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

  for (const [seconds, header, words] of [
    [1, "1", "in 1 s"],
    [119, "119", "in 119 s"],
    [120, "120", "in 2 minutes"],
    [721, "721", "in 13 minutes"],
    [null, null, "later"],
  ] as const) {
    it(`tells whoever is limited to come ${words}, and no other time`, async () => {
      const answer = rateLimited("/api/auth/token", seconds);
      assert.equal(answer.headers.get("retry-after"), header);
      const { detail } = (await answer.json()) as { detail: string };
      assert.equal(detail, `Too many attempts. Try again ${words}.`);
    });
  }
});
