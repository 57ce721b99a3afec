import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { changePassword, renewHash, resetPassword } from "./password-rows.ts";

/** What ends with a password. */
const ENDS = ["reset-password:b", "2fa-c", "trust-device-d", "change-email:e"];

describe("another password in the database", () => {
  let database: TestDatabase;
  let pool: Database;

  before(async () => {
    database = await migratedDatabase();
    pool = createDatabase(database.serviceUrl, () => undefined);
  });
  after(() => pool.end());

  const rows = (sql: string, parameters: unknown[]) => query(database.serviceUrl, sql, parameters);

  async function proof(identifier: string, value: string): Promise<void> {
    await rows(
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid(), $1, $2, now() + interval '1 hour', now(), now())`,
      [identifier, value],
    );
  }

  /** Somebody with a session, a link to choose a password, and whatever else was opened. */
  async function person(): Promise<{ userId: string; token: string }> {
    const userId = randomUUID();
    await rows(
      `with p as (insert into auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
                  values ($1::uuid, 'A', $1::uuid::text || '@example.com', false, now(), now()))
       insert into auth.account
         (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
       values (gen_random_uuid(), $1::uuid::text, 'credential', $1::uuid, 'old', now(), now())`,
      [userId],
    );
    await rows(
      `insert into auth.session (id, "userId", token, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid(), $1::uuid, $1::uuid::text, now() + interval '1 hour', now(), now())`,
      [userId],
    );
    for (const name of ENDS) await proof(name, userId);
    await proof("something-else", userId);
    await proof(`reset-password:${userId}`, userId);
    return { userId, token: userId };
  }

  async function left(userId: string): Promise<unknown> {
    const [account] = await rows(`select password from auth.account where "userId" = $1`, [userId]);
    const sessions = await rows(`select from auth.session where "userId" = $1`, [userId]);
    const proofs = await rows("select identifier from auth.verification where value = $1", [
      userId,
    ]);
    return [account?.password, sessions.length, proofs.map(({ identifier }) => identifier)];
  }

  it("is not set in the place of one that nobody has checked", async () => {
    const { userId } = await person();
    const untouched = await left(userId);
    const change = { userId, checked: "the one before", hash: "new" };
    assert.equal(await changePassword(pool, change), false);
    assert.equal(await renewHash(pool, change), false);
    assert.deepEqual(await left(userId), untouched);
  });

  it("ends what the old one opened, and nothing of anybody else", async () => {
    const [{ userId }, other] = [await person(), await person()];
    const untouched = await left(other.userId);
    assert.equal(await changePassword(pool, { userId, checked: "old", hash: "new" }), true);
    assert.deepEqual(await left(userId), ["new", 0, ["something-else"]]);
    assert.deepEqual(await left(other.userId), untouched);
  });

  it("is set by a link once, and confirms its reader's address in the same moment", async () => {
    const { userId, token } = await person();
    const email = `${userId}@example.com`;
    assert.deepEqual(await resetPassword(pool, { token, hash: "new" }), { userId, email });
    assert.deepEqual(await left(userId), ["new", 0, ["something-else"]]);
    const verified = `select "emailVerified" from auth."user" where id = $1`;
    assert.deepEqual(await rows(verified, [userId]), [{ emailVerified: true }]);
    assert.equal(await resetPassword(pool, { token, hash: "thief's" }), null);
    assert.deepEqual(await left(userId), ["new", 0, ["something-else"]]);
  });

  it("is set by one of two links at once", async () => {
    const { userId } = await person();
    const links = ["x", "y", "z"].map((name) => `${name}-${userId}`);
    for (const token of links) await proof(`reset-password:${token}`, userId);
    const set = await Promise.all(
      links.map((token) => resetPassword(pool, { token, hash: token })),
    );
    assert.equal(set.filter((whose) => whose !== null).length, 1);
  });

  it("is set for who had none", async () => {
    const { userId, token } = await person();
    await rows(`delete from auth.account where "userId" = $1`, [userId]);
    assert.ok(await resetPassword(pool, { token, hash: "new" }));
    const account = `select password, "providerId", "accountId" from auth.account where "userId" = $1`;
    assert.deepEqual(await rows(account, [userId]), [
      { password: "new", providerId: "credential", accountId: userId },
    ]);
  });

  it("finds what it ends by an index", async () => {
    // A table of a few rows is read whole, whatever the index.
    await rows(
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       select gen_random_uuid(), 'many-' || n, gen_random_uuid()::text, now(), now(), now()
       from generate_series(1, 5000) n`,
      [],
    );
    const sql = "explain delete from auth.verification where value = $1 and identifier ~ $2";
    const plan = JSON.stringify(await rows(sql, [randomUUID(), "^2fa-"]));
    assert.match(plan, /verification_value/);
  });
});
