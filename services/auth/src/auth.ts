/** Better Auth's options: every one that must be set, and why. */
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { bearer, jwt } from "better-auth/plugins";
import { CLIENT_ADDRESS_HEADER } from "./client-address.ts";
import type { Database } from "./database.ts";
import { errorFields, type Log } from "./logs.ts";
import type { ServiceSettings } from "./settings.ts";

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
  rateLimit: { storage: "database" as const },
  plugins: [bearer(), jwt()],
} satisfies BetterAuthOptions;

/** Better Auth's database option, which knows pg's pool by a type with more in it than is used. */
type DatabaseOption = NonNullable<BetterAuthOptions["database"]>;

/** Our database as Better Auth wants it: the cursors of its pool type are never asked for. */
export function asDatabaseOption(database: Database): DatabaseOption {
  return database as unknown as DatabaseOption;
}

/** The JWT plugin's options; key rotation makes its keys with the same ones. */
export function jwtOptions(settings: ServiceSettings) {
  return {
    jwks: {
      keyPairConfig: { alg: "EdDSA" as const, crv: "Ed25519" as const },
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

/** Better Auth, wired to our database and log. Nothing is asked of the database yet. */
export function createAuth(settings: ServiceSettings, database: Database, log: Log) {
  return betterAuth({
    appName: "taskchat",
    baseURL: settings.url,
    basePath: "/api/auth",
    secret: settings.secret,
    database: asDatabaseOption(database),
    trustedOrigins: [...settings.allowedOrigins],
    emailAndPassword: { enabled: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: 7 * 24 * 60 * 60, updateAge: 24 * 60 * 60 },
    rateLimit: {
      ...tableOptions.rateLimit,
      enabled: settings.rateLimitEnabled,
      window: 60,
      max: 100,
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        "/sign-up/email": { window: 60, max: 5 },
        "/token": { window: 60, max: 60 },
      },
    },
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
    plugins: [bearer({ requireSignature: true }), jwt(jwtOptions(settings))],
  });
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
    log(level === "error" ? "WARNING" : "INFO", words, error ? errorFields(error) : {});
  };
}
