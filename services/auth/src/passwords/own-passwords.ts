/**
 * The two endpoints that set another password, in place of Better Auth's of these names. Theirs
 * check the old password or the link, write a second later whatever was written meanwhile, and end
 * sessions in a statement after that, and nothing else: a thief who sends an old password or an
 * old link at the same time would have the last word.
 */
import { BASE_ERROR_CODES, type BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import type { HookContext } from "../accounts/hooks.ts";
import type { Database } from "../database/database.ts";
import { itIs } from "../telemetry/whom.ts";
import { openedWith } from "./opened-with.ts";
import { changePassword, LINK_TOKEN, resetPassword } from "./password-rows.ts";

/** `changed`: told of who has chosen a new password by a link, once it counts. */
export interface OwnPasswords {
  database: Database;
  changed: (email: string) => void;
}

type Context = Pick<HookContext, "context">;

function refuseLong({ context }: Context, password: string): void {
  if (password.length > context.password.config.maxPasswordLength) {
    throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.PASSWORD_TOO_LONG);
  }
}

function refuseLength({ context }: Context, chosen: string): void {
  if (chosen.length < context.password.config.minPasswordLength) {
    throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.PASSWORD_TOO_SHORT);
  }
  refuseLong({ context }, chosen);
}

/** Better Auth takes the endpoints of a plugin before its own of the same name. */
export function ownPasswords({ database, changed }: OwnPasswords) {
  const change = createAuthEndpoint(
    "/change-password",
    {
      method: "POST",
      // Whether other sessions end is nobody's to choose: a thief would choose that they do not.
      body: z.object({ currentPassword: z.string(), newPassword: z.string() }),
      use: [sensitiveSessionMiddleware],
      requireHeaders: true,
    },
    async (context) => {
      const { internalAdapter, password, session } = context.context;
      const { currentPassword, newPassword } = context.body;
      const userId = session.user.id;
      refuseLength(context, newPassword);
      refuseLong(context, currentPassword);
      const checked = (await internalAdapter.findCredentialAccount(userId))?.password;
      if (!checked) {
        throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.CREDENTIAL_ACCOUNT_NOT_FOUND);
      }
      const right = await password.verify({ hash: checked, password: currentPassword });
      if (!right) throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.INVALID_PASSWORD);
      const hash = await password.hash(newPassword);
      // It was right when it was compared, and is another one now.
      if (!(await changePassword(database, { userId, checked, hash }))) {
        throw APIError.from("BAD_REQUEST", BASE_ERROR_CODES.INVALID_PASSWORD);
      }
      openedWith(hash);
      const { user } = session;
      const opened = await internalAdapter.createSession(userId);
      await setSessionCookie(context, { session: opened, user });
      return context.json({ token: opened.token, user });
    },
  );

  const reset = createAuthEndpoint(
    "/reset-password",
    { method: "POST", body: z.object({ token: z.string(), newPassword: z.string() }) },
    async (context) => {
      const { internalAdapter, password } = context.context;
      const { token, newPassword } = context.body;
      refuseLength(context, newPassword);
      const invalid = () => APIError.from("BAD_REQUEST", BASE_ERROR_CODES.INVALID_TOKEN);
      if (!LINK_TOKEN.test(token)) throw invalid();
      // No hash for who has no link: it is what costs.
      const known = await internalAdapter.findVerificationValue(`reset-password:${token}`);
      if (known === null || known.expiresAt < new Date()) throw invalid();
      const hash = await password.hash(newPassword);
      const person = await resetPassword(database, { token, hash });
      if (person === null) throw invalid();
      itIs(person.userId);
      changed(person.email);
      return context.json({ status: true });
    },
  );

  return {
    id: "own-passwords",
    endpoints: { changePassword: change, resetPassword: reset },
  } satisfies BetterAuthPlugin;
}
