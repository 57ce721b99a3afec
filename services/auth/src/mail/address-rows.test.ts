import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { keepMove, move, stillTheirs } from "./address-rows.ts";

const HOUR = 3600;

describe("links and the address that they were sent for", () => {
  let database: TestDatabase;
  let pool: Database;

  before(async () => {
    database = await migratedDatabase();
    pool = createDatabase(database.serviceUrl, () => undefined);
  });
  after(() => pool.end());

  const rows = (sql: string, parameters: unknown[]) => query(database.serviceUrl, sql, parameters);

  /** Somebody who is signed in, and what a link of theirs is asked for with. */
  async function person() {
    const userId = randomUUID();
    const email = `${userId}@example.com`;
    await rows(
      `insert into auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
       values ($1, 'A', $2, true, now(), now())`,
      [userId, email],
    );
    await rows(
      `insert into auth.session (id, "userId", token, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid(), $1::uuid, $1::uuid::text, now() + interval '1 hour', now(), now())`,
      [userId],
    );
    return { userId, session: userId, proof: randomUUID(), from: email, to: `new-${email}` };
  }
  const endSession = (session: string) =>
    rows("delete from auth.session where token = $1", [session]);

  it("are not kept for a session that has ended", async () => {
    const asked = await person();
    await endSession(asked.session);
    assert.equal(await keepMove(pool, asked, HOUR), false);
  });

  it("move nobody without a proof, with another's, too late, or after the session", async () => {
    const [asked, other, late] = [await person(), await person(), await person()];
    assert.equal(await move(pool, asked), false);
    assert.equal(await keepMove(pool, other, HOUR), true);
    assert.equal(await move(pool, { ...asked, proof: other.proof }), false);
    assert.equal(await keepMove(pool, late, -1), true);
    assert.equal(await move(pool, late), false);
    assert.equal(await keepMove(pool, asked, HOUR), true);
    await endSession(asked.session);
    assert.equal(await move(pool, asked), false);
  });

  it("move an account once", async () => {
    const asked = await person();
    assert.equal(await keepMove(pool, asked, HOUR), true);
    assert.equal(await move(pool, asked), true);
    const [account] = await rows(`select email from auth."user" where id = $1`, [asked.userId]);
    assert.equal(account?.email, asked.to);
    assert.equal(await move(pool, { ...asked, from: asked.to, to: asked.from }), false);
  });

  it("choose no password when the account moved while they were made", async () => {
    const { userId, from: email } = await person();
    const token = randomUUID();
    const identifier = `reset-password:${token}`;
    await rows(
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid(), $1, $2, now() + interval '1 hour', now(), now())`,
      [identifier, userId],
    );
    const kept = async () =>
      (await rows("select from auth.verification where identifier = $1", [identifier])).length;
    assert.equal(await stillTheirs(pool, { userId, email, token }), true);
    assert.equal(await kept(), 1);
    assert.equal(await stillTheirs(pool, { userId, email: `old-${email}`, token }), false);
    assert.equal(await kept(), 0);
  });
});
