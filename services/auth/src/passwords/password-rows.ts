/**
 * SQL of a password that takes the place of another. What was opened with the old one ends in the
 * same transaction, so that nothing sees the new password and is still what the old one opened.
 *
 * Who writes takes the person's row first: two changes of one person come one after the other, and
 * neither waits for the other's rows in another order.
 */
import type { Connection, Database } from "../database/database.ts";
import { inTransaction, queried } from "../database/queries.ts";

/**
 * Proofs of a person that count no more once the password is another one: links to choose one,
 * sign-ins that wait for the second factor, devices that need none, and links that move the account.
 */
const ENDED = "^(reset-password:|2fa-|trust-device-|change-email:)";

/** What links to choose a password carry. Of anything else Postgres may not even be asked: a NUL. */
export const LINK_TOKEN = /^[\w-]+$/;

/** Let nobody else change this person's password or address before the transaction's end. */
export async function lockPerson(connection: Connection, userId: string): Promise<void> {
  const sql = `select from auth."user" where id = $1 for no key update`;
  await connection.query(sql, [userId]);
}

async function endWhatItOpened(connection: Connection, userId: string): Promise<void> {
  await connection.query(`delete from auth.session where "userId" = $1`, [userId]);
  // Index: verification_value.
  await connection.query("delete from auth.verification where value = $1 and identifier ~ $2", [
    userId,
    ENDED,
  ]);
}

/**
 * The hash that a person's password has now, null without one. It waits for a change that is not
 * committed yet: what this does not show ends whatever was there before this was asked.
 */
export async function currentHash(database: Database, userId: string): Promise<string | null> {
  const sql = `select password from auth.account
               where "userId" = $1 and "providerId" = 'credential' for share`;
  return (await queried(database, sql, [userId])).rows[0]?.password ?? null;
}

/** As `currentHash`, of whose session or half-done sign-in this is; undefined: it is none now. */
export async function hashBehind(
  database: Database,
  { session, proof }: { session?: string | undefined; proof?: string | undefined },
): Promise<string | null | undefined> {
  // One statement, that sees a change of the password whole or not at all.
  const sql = `select a.password from auth.account a where a."providerId" = 'credential'
    and a."userId" = coalesce(
      (select "userId" from auth.session where token = $1 and "expiresAt" > now()),
      (select value::uuid from auth.verification where identifier = $2 and "expiresAt" > now()))`;
  const { rows } = await queried(database, sql, [session ?? null, proof ?? null]);
  return rows[0]?.password;
}

/** `checked`: the hash that the old password was compared with; `hash`: the new one's. */
export interface Change {
  userId: string;
  checked: string;
  hash: string;
}

/** Set another password, if it is still the one that was checked. Returns whether it was. */
export function changePassword(
  database: Database,
  { userId, checked, hash }: Change,
): Promise<boolean> {
  // Makes true: nothing that knows the old password alone can do anything any more.
  return inTransaction(database, async (connection) => {
    await lockPerson(connection, userId);
    const changed = await connection.query(
      `update auth.account set password = $3, "updatedAt" = now()
       where "userId" = $1 and "providerId" = 'credential' and password = $2`,
      [userId, checked, hash],
    );
    if (changed.rowCount !== 1) return false;
    await endWhatItOpened(connection, userId);
    return true;
  });
}

/** Hash the same password anew, if it is still that one. Returns whether it was. */
export async function renewHash(
  database: Database,
  { userId, checked, hash }: Change,
): Promise<boolean> {
  const renewed = await queried(
    database,
    `update auth.account set password = $3
     where "userId" = $1 and "providerId" = 'credential' and password = $2`,
    [userId, checked, hash],
  );
  return renewed.rowCount === 1;
}

/**
 * Use a link to choose a password up, and set the one that was chosen. Who could read its mail has
 * the address, which is confirmed by that. Returns whose it was, or null: the link counts no more.
 */
export function resetPassword(
  database: Database,
  { token, hash }: { token: string; hash: string },
): Promise<{ userId: string; email: string } | null> {
  const identifier = `reset-password:${token}`;
  // Makes true: as after a change; and the address is its reader's, with a password of nobody else.
  return inTransaction(database, async (connection) => {
    const found = await connection.query(
      `select value from auth.verification where identifier = $1 and "expiresAt" > now()`,
      [identifier],
    );
    const userId: string | undefined = found.rows[0]?.value;
    if (userId === undefined) return null;
    await lockPerson(connection, userId);
    // Another change may have ended it while this one waited for the person.
    const used = await connection.query(
      `delete from auth.verification where identifier = $1 and "expiresAt" > now()`,
      [identifier],
    );
    if (used.rowCount !== 1) return null;
    const person = await connection.query(
      `update auth."user" set "emailVerified" = true, "updatedAt" = now() where id = $1
       returning email`,
      [userId],
    );
    if (person.rowCount !== 1) return null;
    const chosen = await connection.query(
      `update auth.account set password = $2, "updatedAt" = now()
       where "userId" = $1 and "providerId" = 'credential'`,
      [userId, hash],
    );
    if (chosen.rowCount === 0) {
      await connection.query(
        `insert into auth.account
           (id, "userId", "accountId", "providerId", password, "createdAt", "updatedAt")
         values (gen_random_uuid(), $1::uuid, $1::uuid::text, 'credential', $2, now(), now())`,
        [userId, hash],
      );
    }
    await endWhatItOpened(connection, userId);
    return { userId, email: person.rows[0].email };
  });
}
