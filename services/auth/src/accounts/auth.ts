/** Better Auth's options: every one that must be set, and why. */
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { bearer, jwt, twoFactor } from "better-auth/plugins";
import type { Database } from "../database/database.ts";
import { CLIENT_ADDRESS_HEADER } from "../limits/client-address.ts";
import { createLimitRows } from "../limits/limit-rows.ts";
import { createLimits, type Limits } from "../limits/limits.ts";
import { mailingOf } from "../mail/mailing.ts";
import type { Outbox } from "../mail/outbox.ts";
import { knowingPassword, openedByPassword, openedWith } from "../passwords/opened-with.ts";
import { ownPasswords } from "../passwords/own-passwords.ts";
import { hashPassword, verifyPassword } from "../passwords/password-hash.ts";
import { refuseEasyPassword, renewOldHash } from "../passwords/password-hooks.ts";
import { type OwnData, ownData } from "../people/own-data.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";
import { whoseRows, whoseSession } from "../telemetry/whom.ts";
import { type Hook, inTurn } from "./hooks.ts";
import { ownSessions } from "./own-sessions.ts";
import { refuseUnfitProfile } from "./profile-rules.ts";
import { forgetDevices, SECOND_FACTOR } from "./second-factor.ts";

/** Who may be spoken to with a token. Source: docs/contract.md "Configuration". */
export const AUDIENCES = ["chat-gateway", "mcp-tools"];

/**
 * How long a retired key stays in the JWKS: its last token, and every cache on the way.
 * An hour is five times the longest way of a key set to a verifier (see keys.ts).
 */
export function graceSeconds(jwtLifetimeSeconds: number): number {
  return jwtLifetimeSeconds + 3600;
}

/** The part of the options that decides which tables and columns there are. */
export const tableOptions = {
  advanced: { database: { generateId: "uuid" as const } },
  plugins: [bearer(), jwt(), twoFactor()],
} satisfies BetterAuthOptions;

/** Better Auth's database option, which knows pg's pool by a type with more in it than is used. */
type DatabaseOption = NonNullable<BetterAuthOptions["database"]>;

/** Our database as Better Auth wants it: the cursors of its pool type are never asked for. */
export function asDatabaseOption(database: Omit<Database, "load">): DatabaseOption {
  return database as unknown as DatabaseOption;
}

/** The kind of our signing keys; the JWT plugin and key rotation make the same. */
export const KEY_PAIR = { alg: "EdDSA" as const, crv: "Ed25519" as const };

/** The JWT plugin's options. */
export function jwtOptions(settings: ServiceSettings) {
  return {
    jwks: {
      keyPairConfig: KEY_PAIR,
      gracePeriod: graceSeconds(settings.jwtLifetimeSeconds),
    },
    jwt: {
      issuer: settings.url,
      audience: AUDIENCES,
      // A number would be a moment, not a duration.
      expirationTime: `${settings.jwtLifetimeSeconds}s`,
      // Without it the whole user row, e-mail and name, would be in the token.
      definePayload: () => ({}),
    },
  };
}

/**
 * Better Auth, wired to our database and log. Nothing is asked of the database yet.
 *
 * `outbox`: null: what needs mail is off, and an address counts without a confirmation.
 *
 * @param own with it a person can take their data along and close their account.
 */
export function createAuth(
  settings: ServiceSettings,
  database: Database,
  log: Log,
  outbox: Outbox | null = null,
  own: OwnData | null = null,
  limits: Limits = createLimits(settings, createLimitRows(database)),
) {
  const mailing = outbox === null ? null : mailingOf(settings, database, outbox, log);
  /** What is ours before and after its endpoints, in this order. */
  const before: Hook[] = [
    refuseUnfitProfile,
    refuseEasyPassword,
    // What they refuse counts for nothing: a stranger's bad requests must not use up a quota.
    limits.before,
    ...(mailing?.before ?? []),
  ];
  const after: Hook[] = [
    whoseSession,
    limits.after,
    renewOldHash(database),
    forgetDevices(database),
    ...(mailing?.after ?? []),
  ];
  const auth = betterAuth({
    appName: "taskchat",
    baseURL: settings.url,
    basePath: "/api/auth",
    secret: settings.secret,
    database: asDatabaseOption(database),
    trustedOrigins: [...settings.allowedOrigins],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 12,
      maxPasswordLength: 128,
      password: {
        hash: hashPassword,
        verify: async ({ hash, password }) => {
          const right = await verifyPassword(hash, password);
          if (right) openedWith(hash, password);
          return right;
        },
      },
      ...mailing?.options.emailAndPassword,
    },
    emailVerification: { ...mailing?.options.emailVerification },
    hooks: { before: inTurn(before), after: inTurn(after) },
    databaseHooks: whoseRows,
    session: { expiresIn: 7 * 24 * 60 * 60, updateAge: 24 * 60 * 60 },
    // Ours are in limits.ts: its own window begins anew only after a pause as long as itself.
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: settings.url.startsWith("https://"),
      // Both default to "off when TEST or NODE_ENV=test is in the environment".
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      database: {
        ...tableOptions.advanced.database,
        // The migration is what makes the schema right; introspection at each start is 50 ms.
        validateSchema: false,
      },
    },
    telemetry: { enabled: false },
    // Errors that are no answer of Better Auth's go to our own handler.
    onAPIError: { throw: true },
    logger: { level: "warn", disableColors: true, log: forward(log) },
    plugins: [
      // Before bearer, which would give out the session that this one takes back.
      twoFactor(SECOND_FACTOR),
      bearer({ requireSignature: true }),
      jwt(jwtOptions(settings)),
      ownSessions,
      openedByPassword(database),
      ownPasswords({ database, changed: (email) => mailing?.passwordChanged(email) }),
      ...(mailing === null ? [] : [mailing.plugin]),
      ...(own === null ? [] : [ownData(own)]),
    ],
  });
  mailing?.connect(auth);
  return { ...auth, handler: (request: Request) => knowingPassword(() => auth.handler(request)) };
}

export type Auth = ReturnType<typeof createAuth>;

/**
 * Better Auth's log, with its further arguments (error objects with SQL and e-mail addresses)
 * reduced to class and code. It calls a wrong password a warning and a strange origin an error;
 * neither asks for anybody to act.
 */
function forward(log: Log) {
  return (level: string, message: unknown, ...details: unknown[]) => {
    const error = [message, ...details].find((part) => part instanceof Error);
    const words = typeof message === "string" && message !== "" ? message : "request failed";
    // "Invalid callbackURL: <what somebody sent>", whatever that is
    const fixed = words.replace(/:\s.*$/s, "");
    log(level === "error" ? "WARNING" : "INFO", fixed, error ? errorFields(error) : {});
  };
}
