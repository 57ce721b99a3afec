/**
 * What an account does by mail (ADR 0031): Better Auth's flows, and what they leave open.
 *
 * An address belongs to who reads its mail. Whoever signs up first with a stranger's address has
 * an account that nobody can use, and must never become able to use it by what the owner does
 * later. So a link confirms one password, the one of the sign-up that it was sent for; a second
 * sign-up with another password makes both unusable, until the owner chooses one by mail.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { createHmac, randomBytes } from "node:crypto";
import type { AuthContext, BetterAuthOptions, User } from "better-auth";
import { createEmailVerificationToken } from "better-auth/api";
import { verifyJWT } from "better-auth/crypto";
import type { Database } from "../database/database.ts";
import { verifyPassword } from "../passwords/password-hash.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";
import { itIs } from "../telemetry/whom.ts";
import { stillTheirs } from "./address-rows.ts";
import * as texts from "./mail-texts.ts";
import type { Outbox } from "./outbox.ts";
import { dropUnconfirmedPassword } from "./unconfirmed-password.ts";

/** The part of Better Auth's context that is used. */
export type Context = Pick<AuthContext, "internalAdapter">;
type EmailAndPassword = NonNullable<BetterAuthOptions["emailAndPassword"]>;
type EmailVerification = NonNullable<BetterAuthOptions["emailVerification"]>;

/** What our links carry besides what Better Auth's do. */
export interface LinkClaims {
  email: string;
  /** The new address, in a link that changes it. */
  updateTo?: string;
  /** The proof of a link that changes the address, which counts once (own-address.ts). */
  move?: string;
  /** Of the password that the link confirms. */
  credential?: string;
}

export interface AccountMail {
  emailAndPassword: Partial<EmailAndPassword>;
  emailVerification: EmailVerification;
  /** The claims of a link, or null: it is not ours, or too old. */
  readLink(token: string): Promise<LinkClaims | null>;
  /** Whether the link confirms the password that the account has now. */
  confirmsPassword(claims: LinkClaims): Promise<boolean>;
}

export interface AccountMailParts {
  settings: ServiceSettings;
  database: Database;
  outbox: Outbox;
  log: Log;
  /** Better Auth's context, which is there only after these options. */
  context: () => Promise<Context>;
}

/** The first of the allowed origins is the page's (docs/contract.md "Configuration"). */
export function pageUrl(settings: ServiceSettings): string {
  return settings.allowedOrigins[0] ?? settings.url;
}

/** Better Auth's options of mail. */
export function createAccountMail({
  settings,
  database,
  outbox,
  log,
  context,
}: AccountMailParts): AccountMail {
  const page = pageUrl(settings);
  // What goes on after an answer must not use the answered request's transaction.
  const outside = AsyncLocalStorage.snapshot();

  function digest(hash: string): string {
    return createHmac("sha256", settings.secret).update(`link ${hash}`).digest("base64url");
  }

  function resetLink(token: string): string {
    return `${page}/reset-password?token=${encodeURIComponent(token)}`;
  }

  /** A link to choose a password, as `/request-password-reset` makes one. */
  async function newResetLink(userId: string): Promise<string> {
    const token = randomBytes(24).toString("base64url");
    await (await context()).internalAdapter.createVerificationValue({
      value: userId,
      identifier: `reset-password:${token}`,
      expiresAt: new Date(Date.now() + texts.RESET_LINK_SECONDS * 1000),
    });
    return resetLink(token);
  }

  /** Better Auth's link with our token in it, and with the way back to the page. */
  function verifyLink(url: string, token: string): string {
    const link = new URL(url);
    const back = URL.parse(link.searchParams.get("callbackURL") ?? "/", page);
    link.searchParams.set("token", token);
    link.searchParams.set("callbackURL", back?.href ?? page);
    return link.href;
  }

  async function hashOf(userId: string): Promise<string | null> {
    const account = await (await context()).internalAdapter.findCredentialAccount(userId);
    return account?.password ?? null;
  }

  async function sendConfirmation(user: User, url: string): Promise<void> {
    const hash = await hashOf(user.id);
    if (hash === null) {
      outbox.put(texts.claimAccount(user.email, await newResetLink(user.id)));
      return;
    }
    const seconds = texts.CONFIRM_LINK_SECONDS;
    const claims = { credential: digest(hash) };
    const { secret } = settings;
    const token = await createEmailVerificationToken(
      secret,
      user.email,
      undefined,
      seconds,
      claims,
    );
    outbox.put(texts.confirmAddress(user.email, verifyLink(url, token)));
  }

  /** A second sign-up with an address that nobody has confirmed. */
  async function signedUpAgain(user: User, request: Request | undefined): Promise<void> {
    const hash = await hashOf(user.id);
    const body = (await request?.json()) as { password?: string; callbackURL?: string } | undefined;
    if (hash !== null && body?.password && (await verifyPassword(hash, body.password))) {
      const back = encodeURIComponent(body.callbackURL ?? "/");
      await sendConfirmation(user, `${settings.url}/api/auth/verify-email?callbackURL=${back}`);
      return;
    }
    if (hash !== null && !(await dropUnconfirmedPassword(database, user.id, hash))) return;
    outbox.put(texts.claimAccount(user.email, await newResetLink(user.id)));
  }

  return {
    readLink: (token) => verifyJWT<LinkClaims>(token, settings.secret),
    confirmsPassword: async ({ email, credential }) => {
      const found = await (await context()).internalAdapter.findUserByEmail(email);
      if (found === null) return false;
      const hash = await hashOf(found.user.id);
      return hash !== null && credential === digest(hash);
    },
    emailAndPassword: {
      requireEmailVerification: true,
      resetPasswordTokenExpiresIn: texts.RESET_LINK_SECONDS,
      // Not awaited: a known address would take longer.
      sendResetPassword: ({ user: { id: userId, email }, token }) => {
        itIs(userId);
        outside(() => {
          stillTheirs(database, { userId, email, token })
            .then((sends) => sends && outbox.put(texts.resetPassword(email, resetLink(token))))
            .catch((error: unknown) => log("WARNING", "reset not followed", errorFields(error)));
        });
        return Promise.resolve();
      },
      // Not awaited: what an unconfirmed address costs more would tell it from others.
      onExistingUserSignUp: ({ user }, request) => {
        if (user.emailVerified) {
          outbox.put(texts.accountExists(user.email, page));
          return Promise.resolve();
        }
        outside(() => {
          signedUpAgain(user, request).catch((error: unknown) =>
            log("WARNING", "second sign-up not followed", errorFields(error)),
          );
        });
        return Promise.resolve();
      },
    },
    emailVerification: {
      expiresIn: texts.CONFIRM_LINK_SECONDS,
      sendVerificationEmail: ({ user, url }) => sendConfirmation(user, url),
    },
  };
}
