import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { migratedDatabase, query } from "../../test/databases.ts";
import { until, variables } from "../../test/service.ts";
import { type TcpProxy, tcpProxy } from "../../test/tcp-proxy.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { connectionSettings, createDatabase, type Database, noticingOutages } from "./database.ts";

interface TlsCase {
  url: string;
  tls: "none" | "verified" | "refused";
  why: string;
}

/** The table of cases that the Python services are tested with. */
const CASES = JSON.parse(
  readFileSync(
    new URL("../../../../libs/servicekit/tests/database/tls_cases.json", import.meta.url),
    "utf8",
  ),
) as TlsCase[];

describe("a database URL", () => {
  it("may come from Neon, with settings that its pooler refuses", () => {
    const settings = connectionSettings(
      "postgresql://auth:p%40s%2Fs@ep-x-pooler.neon.tech/neondb" +
        "?sslmode=require&channel_binding=require&options=endpoint%3Dx",
    );
    assert.equal(settings.host, "ep-x-pooler.neon.tech");
    assert.equal(settings.port, 5432);
    assert.equal(settings.database, "neondb");
    assert.equal(settings.user, "auth");
    assert.equal(settings.password, "p@s/s");
    assert.deepEqual(settings.ssl, { rejectUnauthorized: true });
    assert.equal("options" in settings, false);
    assert.equal("channel_binding" in settings, false);
  });

  it("may name an IPv6 address", () => {
    const { host, port } = connectionSettings("postgresql://a:b@[::1]:54329/x");
    assert.deepEqual([host, port], ["::1", 54329]);
  });

  for (const { url, tls, why } of CASES.filter((one) => one.tls !== "refused")) {
    it(`uses ${tls === "none" ? "no" : tls} TLS: ${why}: ${url}`, () => {
      const { ssl } = connectionSettings(url);
      assert.deepEqual(ssl, tls === "none" ? false : { rejectUnauthorized: true });
    });
  }

  for (const { url, tls, why } of CASES) {
    it(`is ${tls === "refused" ? "no" : "a"} setting: ${why}: ${url}`, () => {
      const settings = readServiceSettings(variables(url));
      assert.equal("complaints" in settings, tls === "refused");
    });
  }

  it("may name its authorities", () => {
    const file = fileURLToPath(import.meta.url);
    const { ssl } = connectionSettings(`postgresql://a:b@db/x?sslrootcert=${file}`);
    assert.deepEqual(ssl, { rejectUnauthorized: true, ca: readFileSync(file) });
    assert.throws(() => connectionSettings("postgresql://a:b@db/x?sslrootcert=/nowhere.pem"));
  });
});

describe("a database", () => {
  let proxy: TcpProxy;
  let database: Database;
  let ownerUrl: string;
  let serviceRole: string;

  before(async () => {
    const found = await migratedDatabase();
    ({ ownerUrl, serviceRole } = found);
    const url = new URL(found.serviceUrl);
    proxy = await tcpProxy(url.hostname, Number(url.port));
    url.port = String(proxy.port);
    database = createDatabase(url.href, () => undefined, { connectMs: 2_000, queryMs: 500 });
  });
  after(async () => {
    await database.end();
    await proxy.cut();
  });

  async function ask(sql: string): Promise<unknown> {
    const connection = await database.connect();
    try {
      return Object.values((await connection.query(sql, [])).rows[0] ?? {})[0];
    } finally {
      connection.release();
    }
  }

  it("gives 64-bit integers as numbers", async () => {
    assert.equal(await ask("select 1795268786895::int8"), 1795268786895);
  });

  it("has the limits of its role", async () => {
    assert.equal(await ask("show search_path"), "auth");
    assert.equal(await ask("show statement_timeout"), "30s");
    assert.equal(await ask("show idle_in_transaction_session_timeout"), "15s");
    assert.equal(await ask("show lock_timeout"), "5s");
  });

  it("that answers with an error has no outage", async () => {
    await assert.rejects(
      noticingOutages(() => ask("select 1/0")),
      /division by zero/,
    );
  });

  it("that is gone is an outage, even of work that hides it", async () => {
    await proxy.cut();
    const hidden = await noticingOutages(() => ask("select 1").catch(() => "all is well"));
    assert.ok("outage" in hidden);
    const open = await noticingOutages(() => ask("select 1"));
    assert.ok("outage" in open);
    await proxy.mend();
    assert.deepEqual(await noticingOutages(() => ask("select 1")), { result: 1 });
  });

  it("may be lost between two statements of a transaction", async () => {
    const outcome = await noticingOutages(async () => {
      const connection = await database.connect();
      try {
        await connection.query("begin", []);
        await proxy.cut();
        await proxy.mend();
        await connection.query("select 1", []);
      } finally {
        connection.release();
      }
    });
    assert.ok("outage" in outcome);
    assert.deepEqual(await noticingOutages(() => ask("select 1")), { result: 1 });
  });

  it("that no longer answers is an outage, and its connection is never used again", async () => {
    await ask("select 1");
    proxy.freeze();
    assert.ok("outage" in (await noticingOutages(() => ask("select 1"))));
    assert.deepEqual(await noticingOutages(() => ask("select 1")), { result: 1 });
  });

  it("that has no connection left is an outage", async () => {
    const taken = await Promise.all(Array.from({ length: 10 }, () => database.connect()));
    assert.ok("outage" in (await noticingOutages(() => ask("select 1"))));
    for (const connection of taken) connection.release();
    assert.deepEqual(await noticingOutages(() => ask("select 1")), { result: 1 });
  });

  it("that ends a session is an outage once, not for the next request", async () => {
    const sleeping = noticingOutages(() => ask("select pg_sleep(20)"));
    // The owner made the role, but may see and end its sessions only as a member of it.
    await query(ownerUrl, `grant ${serviceRole} to current_user`);
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
                 where usename = $1 and query like '%pg_sleep(20)%'`;
    const ended = async () => (await query(ownerUrl, end, [serviceRole])).length === 1;
    await until("the session sleeps", ended);
    assert.ok("outage" in (await sleeping));
    assert.deepEqual(await noticingOutages(() => ask("select 1")), { result: 1 });
  });

  it("that cancels a statement for its time is an outage", async () => {
    const slow = () => ask("select set_config('statement_timeout', '20', false), pg_sleep(0)");
    await slow();
    const outcome = await noticingOutages(() => ask("select pg_sleep(20)"));
    assert.ok("outage" in outcome);
  });

  it("keeps one request's outage from another's", async () => {
    await proxy.cut();
    const [bad] = await Promise.all([noticingOutages(() => ask("select 1"))]);
    const good = await noticingOutages(() => Promise.resolve("nothing asked"));
    assert.ok("outage" in bad);
    assert.deepEqual(good, { result: "nothing asked" });
    await proxy.mend();
  });
});
