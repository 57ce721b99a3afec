/** Our index of a table of Better Auth's: proofs are found by whose they are (password-rows.ts). */
import type pg from "pg";
import { OWNER_ROLE } from "../keys/keys.ts";

const NAME = "auth.verification_value";

/**
 * Make the index, unless it is there. Outside of a transaction: the version before still serves,
 * and who signs in or asks for a link must not wait for an index that is being built, nor, at every
 * later migration, for `create index if not exists`, which locks the table before it looks.
 */
export async function makeProofIndex(client: pg.Client): Promise<void> {
  await client.query(`set role ${OWNER_ROLE}`);
  const { rows } = await client.query(
    "select indisvalid from pg_index where indexrelid = to_regclass($1)",
    [NAME],
  );
  if (rows[0]?.indisvalid !== true) {
    // One that an interrupted migration has left is of no use to anybody.
    if (rows.length > 0) await client.query(`drop index concurrently ${NAME}`);
    await client.query("create index concurrently verification_value on auth.verification (value)");
  }
  await client.query("reset role");
}
