/** Our index of a table of Better Auth's: proofs are found by whose they are (password-rows.ts). */
import pg from "pg";
import { OWNER_ROLE } from "../keys/keys.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";

const NAME = "auth.verification_value";
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Make the index, unless it is there. Outside of a transaction: the version before still serves,
 * and who signs in or asks for a link must not wait for an index that is being built, nor, at every
 * later migration, for `create index if not exists`, which locks the table before it looks.
 *
 * @param patience how long to wait for older transactions: a backup is one for as long as it takes.
 *   A release must not fail for that; without the index some statements are slower, and the next
 *   migration makes it.
 */
export async function makeProofIndex(client: pg.Client, log: Log, patience = "30s"): Promise<void> {
  await client.query(`set role ${OWNER_ROLE}`);
  await client.query("select set_config('lock_timeout', $1, false)", [patience]);
  try {
    const { rows } = await client.query(
      "select indisvalid from pg_index where indexrelid = to_regclass($1)",
      [NAME],
    );
    if (rows[0]?.indisvalid === true) return;
    // One that an interrupted migration has left is of no use to anybody.
    if (rows.length > 0) await client.query(`drop index concurrently ${NAME}`);
    await client.query("create index concurrently verification_value on auth.verification (value)");
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    log("WARNING", "index not made, the next migration makes it", errorFields(error));
  }
}
