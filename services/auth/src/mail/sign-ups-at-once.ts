/** Two sign-ups with one address, at once. */
import { isAPIError, signUpEmail } from "better-auth/api";
import type { Hook } from "../accounts/hooks.ts";

const signUp = signUpEmail();

/**
 * After a sign-up that lost against another one with the same unknown address: as if it came after
 * that. Better Auth's answer, a 422, is given at unknown addresses alone, and tells them apart; and
 * a second sign-up that nobody follows leaves the owner with the mail that confirms the first one's
 * password.
 */
export const laterOfTwo: Hook = async (context) => {
  const { returned } = context.context;
  if (context.path !== "/sign-up/email" || !isAPIError(returned)) return undefined;
  if (returned.body?.code !== "FAILED_TO_CREATE_USER") return undefined;
  // The endpoint alone: limits have been counted. What it throws is the answer, as it was.
  const { body, headers, request, context: auth } = context;
  const again = { body, headers, request, context: auth, asResponse: false };
  const answer = await signUp(again as unknown as Parameters<typeof signUp>[0]);
  // Of a plain value the status of the refusal would be kept.
  return Response.json(answer);
};
