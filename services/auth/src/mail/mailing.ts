/** All of mail that Better Auth is told of: options, and what is ours around its endpoints. */

import type { Hook } from "../accounts/hooks.ts";
import type { Database } from "../database/database.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import type { Log } from "../telemetry/logs.ts";
import { type AccountMail, type Context, createAccountMail } from "./account-mail.ts";
import { checkLink, noticeChangedPassword, noticeNewSignIn } from "./mail-hooks.ts";
import type { Outbox } from "./outbox.ts";

export interface Mailing {
  options: AccountMail;
  before: Hook[];
  after: Hook[];
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
    before: [checkLink(options)],
    after: [noticeChangedPassword(settings, outbox), noticeNewSignIn(settings, outbox)],
    connect: (auth) => connected.resolve(auth.$context),
  };
}
