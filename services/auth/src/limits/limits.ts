/**
 * How often somebody may ask (ADR 0030). Requests with a session are counted by the session, so
 * that an office behind one address has no limit in common; those without one by their address.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { APIError } from "better-auth/api";
import type { Hook, HookContext } from "../accounts/hooks.ts";
import { signedToken } from "../accounts/signed-in.ts";
import { PASSWORD_PATHS } from "../http/paths.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import { whoItIs } from "../telemetry/whom.ts";
import { addressPrefix, CLIENT_ADDRESS_HEADER } from "./client-address.ts";
import type { LimitRows, Rate, Wait } from "./limit-rows.ts";
import { createMailLimits } from "./mail-limits.ts";
import { tellLock } from "./second-factor-lock.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Paths that nobody needs a session for, by address. */
const BY_ADDRESS: Readonly<Record<string, Rate>> = {
  "/sign-in/email": { most: 10, seconds: MINUTE },
  "/sign-up/email": { most: 5, seconds: MINUTE },
  "/two-factor/verify-totp": { most: 10, seconds: MINUTE },
  "/two-factor/verify-backup-code": { most: 10, seconds: MINUTE },
  "/request-password-reset": { most: 5, seconds: MINUTE },
  "/send-verification-email": { most: 5, seconds: MINUTE },
  "/reset-password": { most: 10, seconds: MINUTE },
  "/verify-email": { most: 20, seconds: MINUTE },
};

/** Paths of somebody who is signed in, by session. */
const BY_SESSION: Readonly<Record<string, Rate>> = {
  "/token": { most: 60, seconds: MINUTE },
  "/change-email": { most: 5, seconds: HOUR },
};
/**
 * Passwords tried with one session, at whatever path asks for one: a thief of the session could
 * guess there, and each path with a count of its own would be as many guesses more.
 */
const PASSWORDS = "passwords";
const PASSWORDS_RATE: Rate = { most: 10, seconds: MINUTE };
/** All other paths of a session together. */
const OTHERS = "others";
const OTHERS_RATE: Rate = { most: 100, seconds: MINUTE };

const SIGN_IN = "/sign-in/email";
const RESET = "/reset-password";

const SESSION_COOKIE = "better-auth.session_token";

export interface Limits {
  /** Count a request that came, by its path below `/api/auth`, or say how long it has to wait. */
  pass(path: string, headers: Headers): Promise<Wait>;
  /**
   * Before an endpoint: limits that are counted by the account that the body names. After the hooks
   * that refuse a body for what is in it.
   */
  before: Hook;
  /** After an endpoint: what became of a password that was tried, or of a mail that was asked for. */
  after: Hook;
}

const NO_LIMITS: Limits = {
  pass: () => Promise.resolve(null),
  before: () => Promise.resolve(undefined),
  // The lock is Better Auth's, and no limit of these.
  after: tellLock,
};

/** Limits that are counted in the rows, under keys that tell nobody whose they are. */
export function createLimits(settings: LimitSettings, rows: LimitRows): Limits {
  if (!settings.rateLimitEnabled) return NO_LIMITS;
  const hashKey = new Uint8Array(hkdfSync("sha256", settings.secret, "", "taskchat limits", 32));
  const sessionForm = { secret: settings.secret, cookieName: cookieName(settings.url) };
  const mails = createMailLimits(rows, keyOf, (context) => guessOf(context)?.place ?? null);

  /**
   * 32 hex digits. No part can be written so that it reads as two: an address is anybody's text, and
   * must not be the key of somebody else's place.
   */
  function keyOf(...parts: string[]): string {
    const text = JSON.stringify(parts);
    return createHmac("sha256", hashKey).update(text).digest("hex").slice(0, 32);
  }

  /** Who tries which account, and from where. */
  function guessOf(context: HookContext, account = accountOf(context)) {
    if (account === null) return null;
    const place = placeOf(context.headers ?? new Headers());
    return { account: keyOf("guess", account), place: keyOf("guess", account, place) };
  }

  /** The account is let in here: whatever strangers try elsewhere, from here its owner gets in. */
  async function letIn(context: HookContext, account = accountOf(context)): Promise<void> {
    const guess = guessOf(context, account);
    if (guess !== null) await rows.guessed(guess.account, guess.place);
  }

  return {
    pass: async (path, headers) => {
      const byAddress = BY_ADDRESS[path];
      if (byAddress !== undefined) return rows.pass(keyOf(path, placeOf(headers)), byAddress);
      const session = signedToken(headers, sessionForm);
      // Better Auth answers 401 to it, and asks nothing of the database.
      if (session === null) return null;
      for (const [name, rate] of sessionRates(path)) {
        const wait = await rows.pass(keyOf(name, session), rate);
        if (wait !== null) return wait;
      }
      return null;
    },

    before: async (context) => {
      if (context.path === SIGN_IN) {
        const guess = guessOf(context);
        if (guess !== null) refuse(await rows.guess(guess.account, guess.place));
      } else if (settings.mail !== null) {
        refuse(await mails.pass(context));
      }
    },

    after: async (context) => {
      if (context.context.returned instanceof Error) {
        await mails.refused(context);
        return tellLock(context);
      }
      if (context.path === SIGN_IN) return letIn(context);
      if (context.path !== RESET) return;
      // Who was kept waiting by guesses has this way in: a link that only the mailbox's owner has.
      const userId = whoItIs();
      if (userId === undefined) return;
      const owner = await context.context.internalAdapter.findUserById(userId);
      if (owner !== null) await letIn(context, owner.email);
    },
  };
}

/** The rates of a path that are counted by session, each with the name that it is counted under. */
function sessionRates(path: string): [string, Rate][] {
  const rates: [string, Rate][] = [];
  const own = BY_SESSION[path];
  if (own !== undefined) rates.push([path, own]);
  if (PASSWORD_PATHS.includes(path)) rates.push([PASSWORDS, PASSWORDS_RATE]);
  return rates.length > 0 ? rates : [[OTHERS, OTHERS_RATE]];
}

/** What limits need of the settings. Where no mail is sent none is counted. */
export type LimitSettings = Pick<ServiceSettings, "secret" | "url" | "rateLimitEnabled" | "mail">;

function refuse(wait: Wait): void {
  if (wait === null) return;
  throw new APIError("TOO_MANY_REQUESTS", undefined, { "retry-after": String(wait.seconds) });
}

/** The e-mail address that a body names, as Better Auth compares it. Not checked yet. */
function accountOf({ body }: HookContext): string | null {
  const email = (body as { email?: unknown } | undefined)?.email;
  return typeof email === "string" ? email.trim().toLowerCase() : null;
}

function placeOf(headers: Headers): string {
  return addressPrefix(headers.get(CLIENT_ADDRESS_HEADER) ?? "");
}

function cookieName(url: string): string {
  return url.startsWith("https://") ? `__Secure-${SESSION_COOKIE}` : SESSION_COOKIE;
}
