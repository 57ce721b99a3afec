/** A changed password ends the sessions of whoever knew the old one. */
import type { Hook } from "./hooks.ts";

/**
 * Before `/change-password`: as if every client asked for the end of the other sessions (OWASP ASVS
 * 3.3.3 leaves the choice to the person; a thief would not choose it). The answer has the session
 * that takes the place of the one that asked.
 */
export const endOtherSessions: Hook = (context) => {
  if (context.path !== "/change-password") return Promise.resolve(undefined);
  return Promise.resolve({ context: { body: { ...context.body, revokeOtherSessions: true } } });
};
