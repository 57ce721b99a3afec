/** A person's own data: to take it along, and to have all of it erased. */
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from "better-auth/api";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { PROBLEMS, problemResponse } from "../http/problems.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";
import type { Erasures } from "./erasures.ts";
import { type Errands, PartRefused } from "./errands.ts";
import { exportPerson } from "./person-export.ts";

/** What the two endpoints are made of. `errands`: there once Better Auth is, which signs them. */
export interface OwnData {
  database: Database;
  erasures: Erasures;
  errands: () => Errands;
  log: Log;
}

/** Seconds after which a person whose export is still being written may ask again. */
const RUNNING_RETRY_SECONDS = 10;

/** Better Auth takes the endpoints of a plugin before its own of the same name. */
export function ownData({ database, erasures, errands, log }: OwnData) {
  // Whose export is being written here: an export costs both services, and one is enough.
  const running = new Set<string>();

  const deleteUser = createAuthEndpoint(
    "/delete-user",
    {
      method: "POST",
      body: z.object({ password: z.string().max(128) }),
      use: [sensitiveSessionMiddleware],
      requireHeaders: true,
    },
    async (context) => {
      const { internalAdapter, password, session } = context.context;
      const account = await internalAdapter.findCredentialAccount(session.user.id);
      const hash = account?.password;
      if (!hash || !(await password.verify({ hash, password: context.body.password }))) {
        throw new APIError("BAD_REQUEST", {
          code: "INVALID_PASSWORD",
          message: "Invalid password",
        });
      }
      const { id, finishedAt } = await erasures.begin(session.user.id);
      const state = finishedAt === null ? "running" : "done";
      return context.json({ success: true, erasure: { id, state } });
    },
  );

  const exportUser = createAuthEndpoint(
    "/export",
    { method: "GET", use: [sensitiveSessionMiddleware], requireHeaders: true },
    async (context) => {
      const userId = context.context.session.user.id;
      if (running.has(userId)) return alreadyRunning();
      running.add(userId);
      try {
        const ended = () => running.delete(userId);
        const body = await exportPerson(database, errands(), userId, ended);
        const headers = {
          "content-type": "application/json",
          "content-disposition": 'attachment; filename="taskchat-export.json"',
        };
        return new Response(body, { headers });
      } catch (error) {
        if (error instanceof PartRefused && error.status === 429) return alreadyRunning();
        log("WARNING", "an export could not begin", errorFields(error));
        return problemResponse(PROBLEMS.exportUnavailable, {
          instance: "/api/auth/export",
          detail: "A part of your data cannot be reached. Try again in a minute.",
          retryAfterSeconds: 60,
        });
      }
    },
  );

  return { id: "own-data", endpoints: { deleteUser, exportUser } } satisfies BetterAuthPlugin;
}

/** By this process or, as a service says, by another one. */
function alreadyRunning(): Response {
  return problemResponse(PROBLEMS.rateLimited, {
    instance: "/api/auth/export",
    detail: "An export of your data is being written. Try again when it has ended.",
    retryAfterSeconds: RUNNING_RETRY_SECONDS,
  });
}
