/** SQL of a password that its address's owner has not confirmed. */
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";

/**
 * Make a password unusable that nobody has confirmed.
 *
 * `hash` is the one that was looked at: one that the owner chose meanwhile, or confirmed, stays.
 * Returns whether it was made unusable.
 */
export async function dropUnconfirmedPassword(
  database: Database,
  userId: string,
  hash: string,
): Promise<boolean> {
  const dropped = await queried(
    database,
    `update auth.account set password = null from auth."user" as person
     where account."userId" = $1 and account."providerId" = 'credential' and account.password = $2
       and person.id = account."userId" and not person."emailVerified"`,
    [userId, hash],
  );
  return dropped.rowCount === 1;
}
