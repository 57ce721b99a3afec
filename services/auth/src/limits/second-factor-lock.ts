/** A second factor that is locked (second-factor.ts): Better Auth refuses it, and tells no time. */
import { APIError } from "better-auth/api";
import type { Hook } from "../accounts/hooks.ts";

const LOCKED = "ACCOUNT_TEMPORARILY_LOCKED";

/** After an endpoint: a refusal because of the lock says how long that goes on. */
export const tellLock: Hook = async (context) => {
  const { returned, internalAdapter, adapter, createAuthCookie, secret } = context.context;
  if (!(returned instanceof APIError) || returned.body?.code !== LOCKED) return;
  // Only a sign-in that is half done is refused, and its cookie says whose it is.
  const halfDone = await context.getSignedCookie(createAuthCookie("two_factor").name, secret);
  const whose = halfDone ? await internalAdapter.findVerificationValue(halfDone) : null;
  const factor =
    whose &&
    (await adapter.findOne<{ lockedUntil: Date | null }>({
      model: "twoFactor",
      where: [{ field: "userId", value: whose.value }],
    }));
  if (!factor?.lockedUntil) return;
  const seconds = Math.ceil((factor.lockedUntil.getTime() - Date.now()) / 1000);
  throw new APIError("TOO_MANY_REQUESTS", undefined, {
    "retry-after": String(Math.max(1, seconds)),
  });
};
