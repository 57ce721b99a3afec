/** The second factor that a person may ask for: codes of an authenticator, and ten spare ones. */
import type { TwoFactorOptions } from "better-auth/plugins";

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
