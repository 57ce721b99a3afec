import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { run } from "../../test/service.ts";

describe("retention", () => {
  let database: TestDatabase;
  const command = (more = {}) =>
    run("retention", [], { DATABASE_URL: database.serviceUrl, ...more });
  const count = async (sql: string) =>
    (await query(database.serviceUrl, `select count(*)::int as n from ${sql}`))[0]?.n;

  before(async () => {
    database = await migratedDatabase();
    await query(
      database.serviceUrl,
      `with person as (
         insert into auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
         values (gen_random_uuid(), 'Ada', 'ada@example.com', true, now(), now()) returning id)
       insert into auth.session (id, "expiresAt", token, "createdAt", "updatedAt", "userId")
       select gen_random_uuid(), now() + (n - 2500) * interval '1 second', 't' || n, now(), now(), id
       from person, generate_series(1, 2600) n`,
    );
    await query(
      database.serviceUrl,
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       select gen_random_uuid(), 'i', 'v', now() + age, now(), now()
       from unnest(array['-1 hour', '1 hour']::interval[]) age`,
    );
    await query(
      database.serviceUrl,
      `insert into auth.limited_rate (key, until, passed)
       select 'k' || days, now() - days * interval '1 day', true from unnest(array[-1, 2]) days`,
    );
    await query(
      database.serviceUrl,
      `insert into auth.erasure ("userId", "finishedAt")
       select gen_random_uuid(), now() - days * interval '1 day'
       from unnest(array[1, 91, null]) days`,
    );
  });

  it("wants right settings", async () => {
    const { status, stderr } = await command({ RETENTION_DAYS: "0" });
    assert.equal(status, 2);
    assert.match(stderr, /^RETENTION_DAYS is wrong/);
  });

  it("deletes what is old, in batches, twice and at once, and leaves the rest", async () => {
    const runs = await Promise.all([command(), command()]);
    assert.deepEqual(
      runs.map(({ status }) => status),
      [0, 0],
    );
    const left = await count("auth.session");
    assert.ok(typeof left === "number" && left <= 101 && left > 0, String(left));
    assert.equal(await count("auth.verification"), 1);
    assert.equal(await count("auth.limited_rate"), 1);
    assert.equal(await count("auth.erasure"), 2);
    assert.equal(await count(`auth."user"`), 1);
  });
});
