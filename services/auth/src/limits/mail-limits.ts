/**
 * Mails that people can have sent to a mailbox, whoever asks for them and from wherever.
 *
 * Each kind of mail has a quota of its own: what a stranger causes at one path (a sign-up with
 * your address) uses up nothing at another (your forgotten password). Who uses up a quota with
 * real requests has filled the mailbox with links of that kind, which its owner can open; so only
 * what was answered with no refusal counts, because nothing else has sent a mail.
 */
import type { HookContext } from "../accounts/hooks.ts";
import { signedIn } from "../accounts/signed-in.ts";
import type { LimitRows, Rate, Wait } from "./limit-rows.ts";

/** Of one kind, to one mailbox. */
const MAILS: Rate = { most: 5, seconds: 60 * 60 };

/** Where a path's body names the address that it writes to. */
const NAMED: Readonly<Record<string, "email" | "newEmail">> = {
  "/change-email": "newEmail",
  "/request-password-reset": "email",
  "/send-verification-email": "email",
  "/sign-up/email": "email",
};

export interface MailLimits {
  /** Count the mails that a request asks for, or say how long it has to wait. */
  pass(context: HookContext): Promise<Wait>;
  /** The request was refused: it has sent nothing, and counts for nothing. */
  refused(context: HookContext): Promise<void>;
}

/** The key of a counter, which tells nobody whose it is. */
export type KeyOf = (...parts: string[]) => string;

/**
 * Quotas that are counted in the rows.
 *
 * @param placeOf the key of the place that a request comes from, if the account that it names has
 *   signed in there.
 */
export function createMailLimits(
  rows: LimitRows,
  keyOf: KeyOf,
  placeOf: (context: HookContext) => string | null,
): MailLimits {
  /** What a request was counted under, until it is answered. */
  const counted = new WeakMap<object, string[]>();

  /** The quotas that it needs, each with the keys that have room for it one after the other. */
  async function quotasOf(context: HookContext): Promise<string[][]> {
    const { path, body } = context;
    const named = NAMED[path];
    const address: unknown = named && (body as Record<string, unknown> | undefined)?.[named];
    if (typeof address !== "string") return [];
    const ofMailbox = keyOf("mail", path, mailboxOf(address));
    if (path === "/request-password-reset") {
      // Whatever strangers ask for, from home the owner can ask too.
      const place = placeOf(context);
      const isKnown = place !== null && (await rows.knows(place));
      return [isKnown ? [keyOf("mail", path, place), ofMailbox] : [ofMailbox]];
    }
    if (path !== "/change-email") return [[ofMailbox]];
    // The address that is left is told. By the person: each session has but a rate of its own.
    const owner = (await signedIn(context))?.user;
    // Nobody's is refused, as often as it comes: it writes no row, and holds no quota meanwhile.
    if (owner === undefined) return [];
    return [[keyOf("mail", path, "left", mailboxOf(owner.email))], [ofMailbox]];
  }

  async function giveBack(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rows.giveBack(key, MAILS);
  }

  return {
    pass: async (context) => {
      const keys: string[] = [];
      for (const quota of await quotasOf(context)) {
        let wait: Wait = null;
        for (const key of quota) {
          wait = await rows.pass(key, MAILS);
          if (wait !== null) continue;
          keys.push(key);
          break;
        }
        if (wait === null) continue;
        await giveBack(keys);
        return wait;
      }
      if (context.request !== undefined) counted.set(context.request, keys);
      return null;
    },

    refused: ({ request }) => giveBack((request && counted.get(request)) ?? []),
  };
}

/** One for all spellings of an address of which many providers make one mailbox: a+b@c is a@c. */
function mailboxOf(address: string): string {
  const spelt = address.trim().toLowerCase();
  const at = spelt.lastIndexOf("@");
  return at < 0 ? spelt : (spelt.slice(0, at).split("+")[0] ?? "") + spelt.slice(at);
}
