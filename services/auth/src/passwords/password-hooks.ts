/** Passwords around Better Auth's endpoints: which are refused, and hashes that are made anew. */
import { APIError } from "better-auth/api";
import type { Hook, HookContext } from "../accounts/hooks.ts";
import { sessionOwner } from "../limits/session-token.ts";
import { hashPassword, isOld } from "./password-hash.ts";
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

/** After a password was right: a hash of an older kind is made anew, now that it can be. */
export const renewOldHash: Hook = async (context) => {
  const { newSession, internalAdapter } = context.context;
  if (context.path !== "/sign-in/email" || newSession === null) return;
  const account = await internalAdapter.findCredentialAccount(newSession.user.id);
  if (account?.password && isOld(account.password)) {
    const password = await hashPassword(String(context.body?.password));
    await internalAdapter.updateAccount(account.id, { password });
  }
};

/** Whose password it will be, by the path that sets it. */
const OWNERS: Readonly<Record<string, (context: HookContext) => Promise<Owner>>> = {
  "/sign-up/email": ({ body }) =>
    Promise.resolve({ email: text(body.email), name: text(body.name) }),
  "/change-password": ownerInSession,
  "/reset-password": ownerOfLink,
};

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whose session it is, if its signature is good: of nobody else's is a name or an address read. */
async function ownerInSession(context: HookContext): Promise<Owner> {
  return (await sessionOwner(context)) ?? {};
}

/** Whom a link to choose a password was sent to. It stays good: the next choice may be better. */
async function ownerOfLink({ body, context }: HookContext): Promise<Owner> {
  const identifier = `reset-password:${String(body?.token)}`;
  const found = await context.internalAdapter.findVerificationValue(identifier);
  return (found && (await context.internalAdapter.findUserById(found.value))) || {};
}
