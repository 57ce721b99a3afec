/**
 * What a password opens lives no longer than it: a session, a sign-in that waits for the second
 * factor, a device that needs none.
 *
 * A changed password ends what is there. What a request that began with the old one makes after
 * that would stay: so each request knows with which hash it began, and compares once the row is
 * there. Either it finds the new hash and takes its row back, or it comes before the change, which
 * then ends the row with all others.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { BetterAuthPlugin } from "better-auth";
import { BASE_ERROR_CODES } from "better-auth";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { signedIn } from "../accounts/signed-in.ts";
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import { isOld, verifyPassword } from "./password-hash.ts";
import { currentHash, hashBehind } from "./password-rows.ts";

/**
 * `hash`: undefined until a password counts in this request, null for a person without one.
 * `password`: the words of it, where they were sent.
 */
const current = new AsyncLocalStorage<{
  hash: string | null | undefined;
  password?: string | undefined;
}>();

/** A hash that nobody's password has: what opens the request is over already. */
const NOBODYS = "";

/** Answer a request, and know in it with which password it opens something. */
export function knowingPassword<T>(answer: () => Promise<T>): Promise<T> {
  return current.run({ hash: undefined }, answer);
}

/** Say that what this request opens is opened with the password of this hash, in these words. */
export function openedWith(hash: string | null, password?: string): void {
  const request = current.getStore();
  if (request !== undefined) Object.assign(request, { hash, password });
}

/** Paths that open a session for who has proved the password in an earlier request. */
const GOES_ON: readonly (string | undefined)[] = [
  "/two-factor/verify-totp",
  "/two-factor/verify-backup-code",
];
/** Paths that give a session another token, once what was asked in it is done. */
const REPLACES: readonly (string | undefined)[] = [
  "/two-factor/verify-totp",
  "/two-factor/disable",
];
/** Proofs that let somebody in; the tries of a code belong to one of them. */
const LETS_IN = /^(2fa-(?!attempts-)|trust-device-)/;

/** Better Auth's plugin: nothing is opened with a password that is another one by then. */
export function openedByPassword(database: Database) {
  async function isOver(userId: string): Promise<boolean> {
    const { hash, password } = current.getStore() ?? {};
    if (hash === undefined) return false;
    const now = await currentHash(database, userId);
    if (now === hash) return false;
    // Another sign-in at this moment may have hashed the same password anew (password-hooks.ts).
    const renewed = hash !== null && isOld(hash) && now !== null && password !== undefined;
    return !(renewed && (await verifyPassword(now, password)));
  }

  /** Whether a session is there, also after what is about to end it. */
  async function lives(token: string): Promise<boolean> {
    const sql = "select from auth.session where token = $1 for share";
    return (await queried(database, sql, [token])).rowCount === 1;
  }

  /** In the words of a wrong password, which it is. */
  function wrongPassword(): APIError {
    return APIError.from("UNAUTHORIZED", BASE_ERROR_CODES.INVALID_EMAIL_OR_PASSWORD);
  }

  function noSession(): APIError {
    return APIError.from("UNAUTHORIZED", BASE_ERROR_CODES.FAILED_TO_GET_SESSION);
  }

  return {
    id: "opened-by-password",
    hooks: {
      before: [
        {
          matcher: ({ path }) => GOES_ON.includes(path),
          handler: createAuthMiddleware(async (context) => {
            const { name } = context.context.createAuthCookie("two_factor");
            const proof = await context.getSignedCookie(name, context.context.secret);
            const session = (await signedIn(context))?.session.token;
            const hash = await hashBehind(database, { session, proof: proof || undefined });
            openedWith(hash === undefined ? NOBODYS : hash);
          }),
        },
      ],
    },
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              after: async ({ token, userId }, context) => {
                const old = REPLACES.includes(context?.path)
                  ? context?.context.session?.session.token
                  : undefined;
                const over = await isOver(userId);
                // Somebody may have ended the old one, by its id or with all others, meanwhile.
                if (!over && (old === undefined || (await lives(old)))) return;
                await queried(database, "delete from auth.session where token = $1", [token]);
                throw over ? wrongPassword() : noSession();
              },
            },
          },
          verification: {
            create: {
              after: async ({ identifier, value }) => {
                if (!LETS_IN.test(identifier) || !(await isOver(value))) return;
                const sql = "delete from auth.verification where identifier = $1";
                await queried(database, sql, [identifier]);
                throw wrongPassword();
              },
            },
          },
        },
      },
    }),
  } satisfies BetterAuthPlugin;
}
