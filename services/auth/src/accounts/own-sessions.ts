/**
 * A person's own sessions: to look at, and to end one.
 *
 * In place of Better Auth's two endpoints of these names, which give out every session's token,
 * want it back to end one, and refuse a person whose session is older than a day.
 */
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from "better-auth/api";
import { z } from "zod";

/** One session as its owner sees it. */
export interface ListedSession {
  id: string;
  createdAt: Date;
  updatedAt: Date;
  ipAddress: string | null;
  userAgent: string | null;
  /** The one that asks. */
  current: boolean;
}

const listSessions = createAuthEndpoint(
  "/list-sessions",
  { method: "GET", use: [sensitiveSessionMiddleware], requireHeaders: true },
  async (context) => {
    const { user, session: current } = context.context.session;
    const options = { onlyActiveSessions: true };
    const sessions = await context.context.internalAdapter.listSessions(user.id, options);
    const listed = sessions.map(
      (session): ListedSession => ({
        id: session.id,
        createdAt: session.createdAt,
        updatedAt: session.updatedAt,
        ipAddress: session.ipAddress || null,
        userAgent: session.userAgent || null,
        current: session.id === current.id,
      }),
    );
    return context.json(listed);
  },
);

const revokeSession = createAuthEndpoint(
  "/revoke-session",
  {
    method: "POST",
    body: z.object({ id: z.string() }),
    use: [sensitiveSessionMiddleware],
    requireHeaders: true,
  },
  async (context) => {
    const { internalAdapter, session } = context.context;
    const own = await internalAdapter.listSessions(session.user.id);
    const revoked = own.find(({ id }) => id === context.body.id);
    // Somebody else's is not told from one that is not there.
    if (revoked === undefined) {
      throw new APIError("NOT_FOUND", {
        code: "SESSION_NOT_FOUND",
        message: "There is no such session of yours. It may be over already.",
      });
    }
    await internalAdapter.deleteSession(revoked.token);
    return context.json({ status: true });
  },
);

/** Better Auth takes the endpoints of a plugin before its own of the same name. */
export const ownSessions = {
  id: "own-sessions",
  endpoints: { listSessions, revokeSession },
} satisfies BetterAuthPlugin;
