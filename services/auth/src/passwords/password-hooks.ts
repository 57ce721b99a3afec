/** Passwords around Better Auth's endpoints: which are refused, and hashes that are made anew. */
import { APIError } from "better-auth/api";
import type { Hook, HookContext } from "../accounts/hooks.ts";
import { signedIn } from "../accounts/signed-in.ts";
import type { Database } from "../database/database.ts";
import { openedWith } from "./opened-with.ts";
import { hashPassword, isOld } from "./password-hash.ts";
import { LINK_TOKEN, renewHash } from "./password-rows.ts";
import { type Owner, passwordProblem } from "./password-rules.ts";

const LEAST_CHARACTERS = 12;

/** Before a password is set: refuse those that are guessed first, with 400. */
export const refuseEasyPassword: Hook = async (context) => {
  const { password, newPassword } = (context.body ?? {}) as Record<string, unknown>;
  const chosen = context.path === "/sign-up/email" ? password : newPassword;
  const owner = OWNERS[context.path ?? ""];
  // Too short, or no text at all, is Better Auth's to say.
  if (owner === undefined || typeof chosen !== "string" || chosen.length < LEAST_CHARACTERS) return;
  const problem = passwordProblem(chosen, await owner(context));
  if (problem !== null) throw new APIError("BAD_REQUEST", problem);
};

/**
 * After a password was right: a hash of an older kind is made anew, now that it can be. One that is
 * the hash of another password by then stays.
 */
export function renewOldHash(database: Database): Hook {
  return async (context) => {
    const { newSession, internalAdapter } = context.context;
    if (context.path !== "/sign-in/email" || newSession === null) return;
    const userId = newSession.user.id;
    const checked = (await internalAdapter.findCredentialAccount(userId))?.password;
    if (!checked || !isOld(checked)) return;
    const hash = await hashPassword(String(context.body?.password));
    if (await renewHash(database, { userId, checked, hash })) openedWith(hash);
  };
}

/** Whose password it will be, by the path that sets it. */
const OWNERS: Readonly<Record<string, (context: HookContext) => Promise<Owner>>> = {
  "/sign-up/email": ({ body }) =>
    Promise.resolve({ email: text(body.email), name: text(body.name) }),
  "/change-password": async (context) => (await signedIn(context))?.user ?? {},
  "/reset-password": ownerOfLink,
};

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whom a link to choose a password was sent to. It stays good: the next choice may be better. */
async function ownerOfLink({ body, context }: HookContext): Promise<Owner> {
  const token = String(body?.token);
  if (!LINK_TOKEN.test(token)) return {};
  const identifier = `reset-password:${token}`;
  const found = await context.internalAdapter.findVerificationValue(identifier);
  return (found && (await context.internalAdapter.findUserById(found.value))) || {};
}
