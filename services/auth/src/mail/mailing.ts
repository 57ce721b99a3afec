/** All of mail that Better Auth is told of: options, and what is ours around its endpoints. */

import type { Hook } from "../accounts/hooks.ts";
import type { Database } from "../database/database.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import type { Log } from "../telemetry/logs.ts";
import { type AccountMail, type Context, createAccountMail, pageUrl } from "./account-mail.ts";
import { checkLink, noticeChangedPassword, noticeNewSignIn } from "./mail-hooks.ts";
import { passwordChanged } from "./mail-texts.ts";
import type { Outbox } from "./outbox.ts";
import { ownAddress } from "./own-address.ts";
import { laterOfTwo } from "./sign-ups-at-once.ts";

export interface Mailing {
  options: AccountMail;
  before: Hook[];
  after: Hook[];
  /** Its endpoints. */
  plugin: ReturnType<typeof ownAddress>;
  /** Tell the owner of an address that the password is another one now. */
  passwordChanged(email: string): void;
  /** Give what is made with these options, which they use later. */
  connect(auth: { $context: Promise<Context> }): void;
}

/** Mail by an outbox. */
export function mailingOf(
  settings: ServiceSettings,
  database: Database,
  outbox: Outbox,
  log: Log,
): Mailing {
  const connected = Promise.withResolvers<Context>();
  const context = () => connected.promise;
  const options = createAccountMail({ settings, database, outbox, log, context });
  return {
    options,
    before: [checkLink({ mail: options, settings, database, outbox })],
    after: [noticeChangedPassword(settings, outbox), noticeNewSignIn(settings, outbox), laterOfTwo],
    plugin: ownAddress({ settings, database, outbox, log }),
    passwordChanged: (email) => outbox.put(passwordChanged(email, pageUrl(settings))),
    connect: (auth) => connected.resolve(auth.$context),
  };
}
