/**
 * How often somebody may ask (ADR 0030). Requests with a session are counted by the session, so
 * that an office behind one address has no limit in common; those without one by their address.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { APIError } from "better-auth/api";
import type { Hook, HookContext } from "../accounts/hooks.ts";
import { addressPrefix, CLIENT_ADDRESS_HEADER } from "./client-address.ts";
import type { LimitRows, Rate, Wait } from "./limit-rows.ts";
import { signedToken } from "./session-token.ts";

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

/** Paths of somebody who is signed in, by session. A thief of one could guess a password there. */
const BY_SESSION: Readonly<Record<string, Rate>> = {
  "/token": { most: 60, seconds: MINUTE },
  "/change-password": { most: 10, seconds: MINUTE },
  "/change-email": { most: 5, seconds: HOUR },
  "/delete-user": { most: 10, seconds: MINUTE },
  "/two-factor/enable": { most: 10, seconds: MINUTE },
  "/two-factor/disable": { most: 10, seconds: MINUTE },
  "/two-factor/generate-backup-codes": { most: 10, seconds: MINUTE },
};
/** All other paths of a session together. */
const OTHERS = "others";
const OTHERS_RATE: Rate = { most: 100, seconds: MINUTE };

/** Mails to one address, whoever asks for them. */
const MAILS: Rate = { most: 5, seconds: HOUR };
const MAIL_PATHS = ["/request-password-reset", "/send-verification-email", "/sign-up/email"];

const SIGN_IN = "/sign-in/email";

const SESSION_COOKIE = "better-auth.session_token";

export interface Limits {
  /** Count a request that came, by its path below `/api/auth`, or say how long it has to wait. */
  pass(path: string, headers: Headers): Promise<Wait>;
  /** Before an endpoint: limits that are counted by the account that the body names. */
  before: Hook;
  /** After a sign-in: what became of the password that was tried. */
  after: Hook;
}

const NO_LIMITS: Limits = {
  pass: () => Promise.resolve(null),
  before: () => Promise.resolve(undefined),
  after: () => Promise.resolve(undefined),
};

/** Limits that are counted in the rows, under keys that tell nobody whose they are. */
export function createLimits(settings: LimitSettings, rows: LimitRows): Limits {
  if (!settings.rateLimitEnabled) return NO_LIMITS;
  const hashKey = new Uint8Array(hkdfSync("sha256", settings.secret, "", "taskchat limits", 32));
  const sessionForm = { secret: settings.secret, cookieName: cookieName(settings.url) };

  /** 32 hex digits. */
  function keyOf(...parts: string[]): string {
    return createHmac("sha256", hashKey).update(parts.join("\n")).digest("hex").slice(0, 32);
  }

  /** Who tries which account, and from where. */
  function guessOf(context: HookContext) {
    const account = accountOf(context);
    if (account === null) return null;
    const place = placeOf(context.headers ?? new Headers());
    return { account: keyOf("guess", account), place: keyOf("guess", account, place) };
  }

  return {
    pass: (path, headers) => {
      const byAddress = BY_ADDRESS[path];
      if (byAddress !== undefined) return rows.pass(keyOf(path, placeOf(headers)), byAddress);
      const session = signedToken(headers, sessionForm);
      // Better Auth answers 401 to it, and asks nothing of the database.
      if (session === null) return Promise.resolve(null);
      const own = BY_SESSION[path];
      return rows.pass(keyOf(own ? path : OTHERS, session), own ?? OTHERS_RATE);
    },

    before: async (context) => {
      if (context.path === SIGN_IN) {
        const guess = guessOf(context);
        if (guess !== null) refuse(await rows.guess(guess.account, guess.place));
      } else if (MAIL_PATHS.includes(context.path)) {
        const account = accountOf(context);
        if (account !== null) refuse(await rows.pass(keyOf("mail", account), MAILS));
      }
    },

    after: async (context) => {
      if (context.path !== SIGN_IN || context.context.returned instanceof Error) return;
      const guess = guessOf(context);
      if (guess !== null) await rows.guessed(guess.account, guess.place);
    },
  };
}

/** What limits need of the settings. */
export interface LimitSettings {
  secret: string;
  url: string;
  rateLimitEnabled: boolean;
}

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
