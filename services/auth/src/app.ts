/** The routes: probes, the public keys, and Better Auth behind the limits that it does not set. */
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { setClientAddress } from "./client-address.ts";
import { noticingOutages } from "./database.ts";
import type { KeySet } from "./jwks.ts";
import { JWKS_MAX_AGE_SECONDS } from "./keys.ts";
import { errorFields, type Log } from "./logs.ts";
import { probeRoutes, type Readiness } from "./probes.ts";
import { PROBLEMS, problemResponse } from "./problems.ts";
import type { ServiceSettings } from "./settings.ts";

/** The longest body of a sign-up is 1 KiB. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Long enough for a database to come back, short enough for a person. */
const OUTAGE_RETRY_SECONDS = 2;
/** Verifiers may go on with old keys for a day while this service is down (ADR 0004). */
const JWKS_CACHE_CONTROL = `public, max-age=${JWKS_MAX_AGE_SECONDS}, stale-if-error=86400`;

export interface AppParts {
  settings: ServiceSettings;
  /** Better Auth: any request under /api/auth. */
  authHandler: (request: Request) => Promise<Response>;
  keySet: KeySet;
  readiness: Readiness;
  log: Log;
}

/** The HTTP application of this service. */
export function createApp({ settings, authHandler, keySet, readiness, log }: AppParts): Hono {
  const app = new Hono();
  app.route("/", probeRoutes(readiness));

  app.use(
    "/api/auth/*",
    cors({
      origin: [...settings.allowedOrigins],
      allowMethods: ["GET", "POST"],
      allowHeaders: ["content-type", "authorization", "traceparent", "tracestate"],
      exposeHeaders: ["set-auth-token", "set-auth-jwt", "retry-after"],
      credentials: true,
      maxAge: 600,
    }),
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: (context) =>
        problemResponse(PROBLEMS.bodyTooLarge, {
          instance: context.req.path,
          detail: `The body may have at most ${BODY_LIMIT_BYTES} bytes.`,
        }),
    }),
  );

  app.get("/api/auth/jwks", async (context) => {
    const outcome = await keySet.get();
    if ("outage" in outcome) return databaseUnavailable(context.req.path, outcome.outage);
    return context.json(outcome.result, 200, { "cache-control": JWKS_CACHE_CONTROL });
  });

  app.on(["GET", "POST"], "/api/auth/*", async (context) => {
    const request = context.req.raw;
    const socketAddress = getConnInfo(context).remote.address;
    setClientAddress(request.headers, settings.clientIpHeader, socketAddress);
    const outcome = await noticingOutages(() => authHandler(request));
    if ("outage" in outcome) return databaseUnavailable(context.req.path, outcome.outage);
    return ourAnswer(outcome.result, context.req.path);
  });

  app.notFound((context) => problemResponse(PROBLEMS.notFound, { instance: context.req.path }));

  app.onError((error, context) => {
    log("ERROR", "request failed", errorFields(error));
    return problemResponse(PROBLEMS.internalError, { instance: context.req.path });
  });

  function databaseUnavailable(instance: string, outage: unknown): Response {
    log("WARNING", "database unavailable", errorFields(outage));
    return problemResponse(PROBLEMS.databaseUnavailable, {
      instance,
      detail: "Nothing was changed that a repeated request would not repair. Try again.",
      retryAfterSeconds: OUTAGE_RETRY_SECONDS,
    });
  }

  return app;
}

/** Better Auth's refusals as they are, what it does not explain as a problem. */
function ourAnswer(answer: Response, instance: string): Response {
  if (answer.status === 429) {
    const seconds = Number(answer.headers.get("x-retry-after"));
    return problemResponse(PROBLEMS.rateLimited, {
      instance,
      retryAfterSeconds: Math.max(1, Number.isFinite(seconds) ? seconds : 1),
    });
  }
  if (answer.status >= 500) return problemResponse(PROBLEMS.internalError, { instance });
  if (answer.status === 404 && answer.headers.get("content-type") !== "application/json") {
    return problemResponse(PROBLEMS.notFound, { instance });
  }
  return answer;
}
