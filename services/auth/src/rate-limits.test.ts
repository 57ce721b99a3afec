import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertProblem, serviceFor } from "../test/expectations.ts";
import { PASSWORD, readyService, type Service, type Variables } from "../test/service.ts";

describe("rate limits", () => {
  const signIn = (service: Service, headers: Variables = {}) =>
    service.fetch("/api/auth/sign-in/email", {
      json: { email: "nobody@example.com", password: PASSWORD },
      headers,
    });
  const statuses = async (requests: Promise<Response>[]) =>
    (await Promise.all(requests)).map((answer) => answer.status);

  describe("without an edge", () => {
    const found = serviceFor({ RATE_LIMIT_ENABLED: "true" });

    it("count the socket's address, whatever address a client names", async () => {
      const spoofed = Array.from({ length: 14 }, (_, index) =>
        signIn(found.service, {
          "x-forwarded-for": `192.0.2.${index}`,
          "x-real-ip": `192.0.2.${index}`,
          "x-taskchat-client-address": `192.0.2.${index}`,
        }),
      );
      const refused = (await statuses(spoofed)).filter((status) => status === 429);
      assert.equal(refused.length, 4);
      const answer = await signIn(found.service);
      await assertProblem(answer, 429, "rate_limited");
      const seconds = Number(answer.headers.get("retry-after"));
      assert.ok(seconds >= 1 && seconds <= 60, `retry-after: ${seconds}`);
    });

    it("are shared by all replicas", async () => {
      const another = await readyService(found.database.serviceUrl, { RATE_LIMIT_ENABLED: "true" });
      try {
        await assertProblem(await signIn(another), 429, "rate_limited");
      } finally {
        await another.stop();
      }
    });

    it("never keep a verifier from the keys", async () => {
      const many = Array.from({ length: 150 }, () => found.service.fetch("/api/auth/jwks"));
      assert.deepEqual(new Set(await statuses(many)), new Set([200]));
    });
  });

  describe("behind an edge", () => {
    const found = serviceFor({ RATE_LIMIT_ENABLED: "true", CLIENT_IP_HEADER: "X-Real-IP" });

    it("count the address in the edge's header, and no other", async () => {
      const from = (address: string, forwarded: string) =>
        signIn(found.service, { "x-real-ip": address, "x-forwarded-for": forwarded });
      const one = Array.from({ length: 12 }, (_, i) => from("198.51.100.1", `192.0.2.${i}`));
      assert.equal((await statuses(one)).filter((status) => status === 429).length, 2);
      assert.equal((await from("198.51.100.2", "192.0.2.1")).status, 401);
    });
  });
});
