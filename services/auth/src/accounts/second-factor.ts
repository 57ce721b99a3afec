/** The second factor that a person may ask for: codes of an authenticator, and ten spare ones. */
import type { TwoFactorOptions } from "better-auth/plugins";
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import type { Hook } from "./hooks.ts";

/**
 * Better Auth's plugin as it is used: RFC 6238 codes of six digits and 30 s.
 *
 * Five wrong codes end a sign-in, ten in a row lock the second factor of the account for a quarter
 * of an hour, whoever tries from wherever; both are counted in the database.
 */
export const SECOND_FACTOR = {
  issuer: "taskchat",
  accountLockout: { enabled: true, maxFailedAttempts: 10, durationSeconds: 15 * 60 },
  // How long the code may be in coming after the password was right.
  twoFactorCookieMaxAge: 10 * 60,
} satisfies TwoFactorOptions;

/**
 * After the second factor was given up: no device is trusted to go without it any more. Better Auth
 * forgets the one that asks, and others would go without the next authenticator as well.
 */
export function forgetDevices(database: Database): Hook {
  return async ({ path, context: { returned, session } }) => {
    if (path !== "/two-factor/disable" || returned instanceof Error || session === null) return;
    // Index: verification_value.
    const sql = "delete from auth.verification where value = $1 and identifier ~ $2";
    await queried(database, sql, [session.user.id, "^(2fa-|trust-device-)"]);
  };
}
