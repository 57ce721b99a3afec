import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { migratedDatabase } from "../../test/databases.ts";
import {
  freePort,
  PASSWORD,
  readyService,
  run,
  type Service,
  signUp,
  variables,
} from "../../test/service.ts";
import { createDatabase } from "../database/database.ts";
import { found } from "./measurements.ts";
import { createMetrics } from "./metrics.ts";

describe("metrics", () => {
  let databaseUrl: string;
  let port: number;
  let service: Service;

  before(async () => {
    databaseUrl = (await migratedDatabase()).serviceUrl;
    port = await freePort();
    service = await readyService(databaseUrl, {
      METRICS_PORT: String(port),
      BUILD_REVISION: "4f1e2d3",
    });
  });
  after(() => service.stop());

  const page = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  /** The sum of a sample's series that have these labels. */
  const value = async (name: string, ...labels: string[]) =>
    (await page())
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);

  it("end the start with words when their port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const METRICS_PORT = String((taken.address() as AddressInfo).port);
    const PORT = String(await freePort());
    const { status, stdout } = await run(
      "server",
      [],
      variables(databaseUrl, { PORT, METRICS_PORT }),
    );
    taken.close();
    assert.equal(status, 3);
    assert.match(stdout, /set METRICS_PORT to another one/);
  });

  it("are on a port of their own, and nothing else is", async () => {
    assert.equal((await service.fetch("/metrics")).status, 404);
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/auth/jwks`)).status, 404);
    assert.match(await page(), /^process_cpu_seconds_total /m);
    assert.equal(await value("taskchat_build_info", 'service="auth"', 'revision="4f1e2d3"'), 1);
  });

  it("count requests by the pattern of their path, and no path of a stranger's", async () => {
    const route = 'route="/api/auth/sign-in/email"';
    const email = "nobody@example.com";
    await service.fetch("/api/auth/sign-in/email", { json: { email, password: PASSWORD } });
    assert.equal(await value("taskchat_auth_requests_total", route, 'status="401"'), 1);
    assert.equal(await value("taskchat_auth_request_duration_seconds_count", route), 1);
    for (let made = 0; made < 20; made += 1) await service.fetch(`/api/auth/made-up-${made}`);
    assert.equal(await value("taskchat_auth_requests_total", 'route="none"'), 20);
    assert.equal((await page()).includes("made-up"), false);
  });

  it("count the audit by what happened, what came of it and why", async () => {
    const person = await signUp(service);
    const json = { email: person.email, password: "a wrong password" };
    const failures = () =>
      value(
        "taskchat_security_events_total",
        'event="sign_in"',
        'outcome="refused"',
        'reason="invalid_email_or_password"',
      );
    const earlier = await failures();
    await service.fetch("/api/auth/sign-in/email", { json });
    assert.equal(await failures(), earlier + 1);
    assert.equal((await page()).includes(person.email), false);
  });

  it("tell the time of a hash, and the state of the pool", async () => {
    const earlier = await value("taskchat_auth_hash_duration_seconds_count");
    await signUp(service);
    assert.equal(await value("taskchat_auth_hash_duration_seconds_count"), earlier + 1);
    assert.ok((await value("taskchat_auth_hash_duration_seconds_sum")) > 0.01);
    assert.ok((await value("taskchat_database_pool_wait_seconds_count")) > 0);
    assert.ok((await value("taskchat_database_pool_connections")) > 0);
    assert.equal(await value("taskchat_database_pool_limit"), 10);
    assert.equal(await value("taskchat_database_pool_waiting"), 0);
  });

  it("tell the age of the oldest erasure that is not finished", async () => {
    const pool = createDatabase(databaseUrl, () => undefined);
    const metrics = createMetrics(pool, "1.0.0", "4f1e2d3");
    const name = "taskchat_auth_erasure_oldest_seconds";
    assert.match(await metrics.page(), new RegExp(`^${name} 0$`, "m"));
    found("oldest_erasure", 7200.5);
    assert.match(await metrics.page(), new RegExp(`^${name} 7200\\.5$`, "m"));
    await pool.end();
  });
});
