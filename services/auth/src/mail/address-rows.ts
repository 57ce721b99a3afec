/** SQL of links that move an account to another address, and of what ends when it has moved. */
import pg from "pg";
import type { Database } from "../database/database.ts";
import { inTransaction } from "../database/queries.ts";
import { lockPerson } from "../passwords/password-rows.ts";

const UNIQUE_VIOLATION = "23505";
/** Sent to the address that the account has left, or for it. */
const ENDED = "^(reset-password:|change-email:)";

const identifierOf = (proof: string) => `change-email:${proof}`;

/** Who moves, in which session, and the proof that a link carries: `change-email:` and this. */
export interface Move {
  userId: string;
  session: string;
  proof: string;
  to: string;
}

/**
 * Keep the proof of a link that moves an account, unless somebody has the new address. Nothing is
 * kept for a session that is over by then. Returns whether there is a link to send.
 */
export function keepMove(
  database: Database,
  { userId, session, proof, to }: Move,
  seconds: number,
): Promise<boolean> {
  // Makes true: a change of the password either ends this proof, or has ended its session before.
  return inTransaction(database, async (connection) => {
    await lockPerson(connection, userId);
    const kept = await connection.query(
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       select gen_random_uuid(), $3, $1::text, now() + make_interval(secs => $5), now(), now()
       where exists (select from auth.session
                     where "userId" = $1::uuid and token = $2 and "expiresAt" > now())
         and not exists (select from auth."user" where email = $4)`,
      [userId, session, identifierOf(proof), to, seconds],
    );
    return kept.rowCount === 1;
  });
}

/**
 * Move an account, once. Returns whether it has moved: not with a proof or a session that is over,
 * nor from another address than the link was asked for at, nor to one that somebody has by now.
 */
export async function move(
  database: Database,
  { userId, session, proof, from, to }: Move & { from: string },
): Promise<boolean> {
  // Makes true: no other link that was sent to, or asked for at, the old address counts any more.
  const work = inTransaction(database, async (connection) => {
    await lockPerson(connection, userId);
    const used = await connection.query(
      `delete from auth.verification
       where identifier = $3 and value = $1::text and "expiresAt" > now()
         and exists (select from auth.session
                     where "userId" = $1::uuid and token = $2 and "expiresAt" > now())`,
      [userId, session, identifierOf(proof)],
    );
    if (used.rowCount !== 1) return false;
    const moved = await connection.query(
      `update auth."user" set email = $3, "emailVerified" = true, "updatedAt" = now()
       where id = $1 and email = $2`,
      [userId, from, to],
    );
    if (moved.rowCount !== 1) return false;
    // Index: verification_value.
    await connection.query("delete from auth.verification where value = $1 and identifier ~ $2", [
      userId,
      ENDED,
    ]);
    return true;
  });
  return await work.catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION) return false;
    throw error;
  });
}

/**
 * Whether a link to choose a password, that is there by now, goes to the person's address. Where
 * the account has moved meanwhile, it ends the link.
 */
export async function stillTheirs(
  database: Database,
  { userId, email, token }: { userId: string; email: string; token: string },
): Promise<boolean> {
  return await inTransaction(database, async (connection) => {
    const found = await connection.query(`select email from auth."user" where id = $1 for share`, [
      userId,
    ]);
    if (found.rows[0]?.email === email) return true;
    await connection.query("delete from auth.verification where identifier = $1", [
      `reset-password:${token}`,
    ]);
    return false;
  });
}
