/**
 * An account's change of address, in place of Better Auth's endpoint. Its link is a token that
 * counts wherever the account comes from the same address, for a day: after a changed password, and
 * again after the account has moved back. Ours counts once, and ends with the password.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import {
  APIError,
  createAuthEndpoint,
  createEmailVerificationToken,
  sensitiveSessionMiddleware,
} from "better-auth/api";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";
import { pageUrl } from "./account-mail.ts";
import { keepMove, type Move } from "./address-rows.ts";
import { addressWillChange, CONFIRM_LINK_SECONDS, confirmNewAddress } from "./mail-texts.ts";
import type { Outbox } from "./outbox.ts";

export interface OwnAddressParts {
  settings: ServiceSettings;
  database: Database;
  outbox: Outbox;
  log: Log;
}

/** Better Auth takes the endpoints of a plugin before its own of the same name. */
export function ownAddress({ settings, database, outbox, log }: OwnAddressParts) {
  // What goes on after an answer must not belong to the answered request.
  const outside = AsyncLocalStorage.snapshot();

  async function offer(asked: Move, from: string, back: string): Promise<void> {
    if (!(await keepMove(database, asked, CONFIRM_LINK_SECONDS))) return;
    const { to, proof } = asked;
    const { secret } = settings;
    const claims = { move: proof };
    const token = await createEmailVerificationToken(
      secret,
      from,
      to,
      CONFIRM_LINK_SECONDS,
      claims,
    );
    const link = new URL(`${settings.url}/api/auth/verify-email`);
    link.searchParams.set("token", token);
    link.searchParams.set(
      "callbackURL",
      URL.parse(back, pageUrl(settings))?.href ?? pageUrl(settings),
    );
    outbox.put(confirmNewAddress(to, link.href));
  }

  const changeEmail = createAuthEndpoint(
    "/change-email",
    {
      method: "POST",
      body: z.object({ newEmail: z.email(), callbackURL: z.string().optional() }),
      use: [sensitiveSessionMiddleware],
      requireHeaders: true,
    },
    (context) => {
      const { user, session } = context.context.session;
      const { newEmail, callbackURL } = context.body;
      const to = newEmail.toLowerCase();
      if (to === user.email) throw new APIError("BAD_REQUEST", { message: "Email is the same" });
      // Answer and notice are the same, and as quick, whether somebody has the new address or not.
      outbox.put(addressWillChange(user.email, pageUrl(settings)));
      const proof = randomBytes(24).toString("base64url");
      const asked = { userId: user.id, session: session.token, proof, to };
      outside(() => {
        offer(asked, user.email, callbackURL ?? "/").catch((error: unknown) =>
          log("WARNING", "change of address not followed", errorFields(error)),
        );
      });
      return Promise.resolve(context.json({ status: true }));
    },
  );

  return { id: "own-address", endpoints: { changeEmail } } satisfies BetterAuthPlugin;
}
