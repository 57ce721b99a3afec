/** What mail adds around Better Auth's endpoints: which links count, and notices. */
import { getSessionFromCtx } from "better-auth/api";
import type { Hook } from "../accounts/hooks.ts";
import type { Database } from "../database/database.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import { itIs } from "../telemetry/whom.ts";
import { type AccountMail, pageUrl } from "./account-mail.ts";
import { move } from "./address-rows.ts";
import { addressChanged, newSignIn, passwordChanged } from "./mail-texts.ts";
import type { Outbox } from "./outbox.ts";

/** The first sign-in follows the confirmation of the address, by the same person. */
const NEW_ACCOUNT_MS = 10 * 60 * 1000;
const SIGN_INS = ["/sign-in/email", "/two-factor/verify-totp", "/two-factor/verify-backup-code"];
const NO_LINK = "no link";

/** What checks links, and tells of what came of them. */
export interface LinkParts {
  mail: AccountMail;
  settings: ServiceSettings;
  database: Database;
  outbox: Outbox;
}

/**
 * Before `/verify-email`: a link that confirms another password than the account has now confirms
 * nothing. One that moves an account to another address does so here and once, for its owner alone,
 * in a session; Better Auth would open one, past the second factor, for whoever reads that mail.
 */
export function checkLink({ mail, settings, database, outbox }: LinkParts): Hook {
  return async (context) => {
    if (context.path !== "/verify-email") return undefined;
    const claims = await mail.readLink(String(context.query?.token));
    if (claims === null) return undefined;
    const { email, updateTo, move: proof = "" } = claims;
    if (updateTo === undefined) {
      if (await mail.confirmsPassword(claims)) return undefined;
      // A link that is opened twice has done its work; the endpoint says so.
      const found = await context.context.internalAdapter.findUserByEmail(email);
      return found?.user.emailVerified ? undefined : withoutLink(context.query);
    }
    const back = String(context.query?.callbackURL);
    if (!context.context.isTrustedOrigin(back, { allowRelativePaths: true })) {
      return withoutLink(context.query);
    }
    const target = new URL(back, context.context.baseURL);
    const asking = await getSessionFromCtx(context);
    if (asking?.user.email !== email) {
      target.searchParams.set("error", "SIGN_IN_FIRST");
      throw context.redirect(target.href);
    }
    const userId = asking.user.id;
    const session = asking.session.token;
    const moved = await move(database, { userId, session, proof, from: email, to: updateTo });
    if (!moved) return withoutLink(context.query);
    itIs(userId);
    outbox.put(addressChanged(email, pageUrl(settings)));
    throw context.redirect(target.href);
  };
}

/** The endpoint then refuses in its own way. */
function withoutLink(query: unknown) {
  return { context: { query: { ...(query as object), token: NO_LINK } } };
}

/** After a change of the password: tell its owner. */
export function noticeChangedPassword(settings: ServiceSettings, outbox: Outbox): Hook {
  return (context) => {
    const { newSession } = context.context;
    if (context.path === "/change-password" && newSession !== null) {
      outbox.put(passwordChanged(newSession.user.email, pageUrl(settings)));
    }
    return Promise.resolve(undefined);
  };
}

/** After a sign-in by a program that has no other session of this person: tell its owner. */
export function noticeNewSignIn(settings: ServiceSettings, outbox: Outbox): Hook {
  return async (context) => {
    const { newSession, internalAdapter } = context.context;
    if (!SIGN_INS.includes(context.path ?? "") || newSession === null) return;
    const { user, session } = newSession;
    const isSignIn = context.path === "/sign-in/email";
    // The second factor is still to come; and it is no sign-in when a session tries it out.
    if (isSignIn && (user as { twoFactorEnabled?: boolean }).twoFactorEnabled) return;
    const halfSignedIn = context.context.createAuthCookie("two_factor").name;
    if (!isSignIn && context.getCookie(halfSignedIn) === null) return;
    if (Date.now() - user.createdAt.getTime() < NEW_ACCOUNT_MS) return;
    const others = await internalAdapter.listSessions(user.id, { onlyActiveSessions: true });
    const known = others.some(
      ({ id, userAgent }) => id !== session.id && userAgent === session.userAgent,
    );
    if (known) return;
    const address = session.ipAddress || null;
    outbox.put(newSignIn(user.email, session.createdAt, address, pageUrl(settings)));
  };
}
