import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { dropUnconfirmedPassword } from "./unconfirmed-password.ts";

describe("a password that a second sign-up makes unusable", () => {
  let database: TestDatabase;
  let pool: Database;

  before(async () => {
    database = await migratedDatabase();
    pool = createDatabase(database.serviceUrl, () => undefined);
  });
  after(() => pool.end());

  async function person(confirmed: boolean): Promise<string> {
    const id = randomUUID();
    await query(
      database.serviceUrl,
      `insert into auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
       values ($1, 'A', $2, $3, now(), now())`,
      [id, `${id}@example.com`, confirmed],
    );
    await query(
      database.serviceUrl,
      `insert into auth.account
         (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
       values (gen_random_uuid(), $1::uuid::text, 'credential', $1::uuid, 'hash', now(), now())`,
      [id],
    );
    return id;
  }

  async function password(userId: string): Promise<unknown> {
    const sql = `select password from auth.account where "userId" = $1`;
    return (await query(database.serviceUrl, sql, [userId]))[0]?.password;
  }

  it("is the one that was looked at, of nobody else", async () => {
    const [stranger, other] = [await person(false), await person(false)];
    assert.equal(await dropUnconfirmedPassword(pool, stranger, "hash"), true);
    assert.deepEqual([await password(stranger), await password(other)], [null, "hash"]);
  });

  it("is not the one that the owner chose by mail meanwhile", async () => {
    const owner = await person(false);
    assert.equal(await dropUnconfirmedPassword(pool, owner, "the hash before"), false);
    assert.equal(await password(owner), "hash");
  });

  it("is not the one that the owner confirmed meanwhile", async () => {
    const owner = await person(true);
    assert.equal(await dropUnconfirmedPassword(pool, owner, "hash"), false);
    assert.equal(await password(owner), "hash");
  });
});
