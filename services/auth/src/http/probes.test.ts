import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createReadiness, probeRoutes } from "./probes.ts";

describe("probes", () => {
  it("are not ready until every need is met, and say which is not", async () => {
    const readiness = createReadiness(["keys", "mail"]);
    const probes = probeRoutes(readiness);
    readiness.met("mail");
    const answer = await probes.request("/readyz");
    assert.equal(answer.status, 503);
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    assert.deepEqual([code, detail], ["not_ready", "waiting for: keys"]);
    readiness.met("keys");
    const ready = await probes.request("/readyz");
    assert.equal(ready.status, 200);
    assert.deepEqual(await ready.json(), { status: "ready" });
  });

  it("are never ready again once draining, and still healthy", async () => {
    const readiness = createReadiness([]);
    const probes = probeRoutes(readiness);
    readiness.drain();
    const answer = await probes.request("/readyz");
    assert.equal(answer.status, 503);
    assert.equal(((await answer.json()) as { detail: string }).detail, "draining");
    const healthy = await probes.request("/healthz");
    assert.equal(healthy.status, 200);
    assert.deepEqual(await healthy.json(), { status: "ok" });
  });
});
