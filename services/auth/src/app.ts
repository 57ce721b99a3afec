/** The routes: probes, the public keys, and Better Auth behind the limits that it does not set. */
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { routePath } from "hono/route";
import { setClientAddress } from "./client-address.ts";
import { noticingOutages } from "./database.ts";
import type { KeySet } from "./jwks.ts";
import { JWKS_MAX_AGE_SECONDS } from "./keys.ts";
import { errorFields, errorStack, type Log } from "./logs.ts";
import { probeRoutes, type Readiness } from "./probes.ts";
import { PROBLEMS, problemResponse } from "./problems.ts";
import type { ServiceSettings } from "./settings.ts";
import { requestSpan } from "./telemetry.ts";

/** What this service offers of Better Auth. Everything else it could do has no path here. */
const GET_PATHS = ["/get-session", "/list-sessions", "/token"];
const POST_PATHS = [
  "/sign-up/email",
  "/sign-in/email",
  "/sign-out",
  "/change-password",
  "/update-user",
  "/revoke-session",
  "/revoke-sessions",
  "/revoke-other-sessions",
];

/** The longest body of a sign-up is 1 KiB. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Long enough for a database to come back, short enough for a person. */
const OUTAGE_RETRY_SECONDS = 2;
/** Verifiers may go on with old keys for a day while this service is down (ADR 0004). */
const JWKS_CACHE_CONTROL = `public, max-age=${JWKS_MAX_AGE_SECONDS}, stale-if-error=86400`;

export interface AppParts {
  settings: ServiceSettings;
  /** Better Auth. */
  authHandler: (request: Request) => Promise<Response>;
  keySet: KeySet;
  readiness: Readiness;
  log: Log;
}

/** The HTTP application of this service. */
export function createApp({ settings, authHandler, keySet, readiness, log }: AppParts): Hono {
  const app = new Hono();
  app.route("/", probeRoutes(readiness));
  app.use("/api/*", observed(log), crossOrigin(settings.allowedOrigins), limitedBody());

  app.get("/api/auth/jwks", async (context) => {
    const outcome = await keySet.get();
    if ("outage" in outcome) return databaseUnavailable(context, outcome.outage);
    return context.json(outcome.result, 200, { "cache-control": JWKS_CACHE_CONTROL });
  });
  for (const path of GET_PATHS) app.get(`/api/auth${path}`, betterAuth);
  for (const path of POST_PATHS) app.post(`/api/auth${path}`, betterAuth);

  app.notFound((context) =>
    problemResponse(PROBLEMS.notFound, { instance: context.req.path, detail: "No such path." }),
  );

  app.onError((error, context) => {
    log("ERROR", "request failed", { ...errorFields(error), error_stack: errorStack(error) });
    return internalError(context.req.path);
  });

  async function betterAuth(context: Context): Promise<Response> {
    const request = context.req.raw;
    const origin = request.headers.get("origin");
    // Byte for byte, as at the gateway; Better Auth would compare what the origins mean. Programs
    // send none, and two arrive joined by a comma.
    if (origin !== null && !settings.allowedOrigins.includes(origin)) {
      return problemResponse(PROBLEMS.originNotAllowed, {
        instance: context.req.path,
        detail: "Pages of this origin may not sign people in.",
      });
    }
    const socketAddress = getConnInfo(context).remote.address;
    setClientAddress(request.headers, settings.clientIpHeader, socketAddress);
    const outcome = await noticingOutages(() => authHandler(request));
    if ("outage" in outcome) return databaseUnavailable(context, outcome.outage);
    return ourAnswer(outcome.result, context.req.path);
  }

  function databaseUnavailable(context: Context, outage: unknown): Response {
    log("WARNING", "database unavailable", errorFields(outage));
    return problemResponse(PROBLEMS.databaseUnavailable, {
      instance: context.req.path,
      detail: "The database cannot be reached. Try again.",
      retryAfterSeconds: OUTAGE_RETRY_SECONDS,
    });
  }

  return app;
}

/** Better Auth's refusals as they are, for its clients; its limits and failures as problems. */
function ourAnswer(answer: Response, instance: string): Response {
  if (answer.status === 429) {
    const seconds = Number(answer.headers.get("x-retry-after"));
    const retryAfterSeconds = Math.max(1, Number.isFinite(seconds) ? seconds : 1);
    return problemResponse(PROBLEMS.rateLimited, {
      instance,
      detail: `Too many attempts. Try again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    });
  }
  return answer.status >= 500 ? internalError(instance) : answer;
}

function internalError(instance: string): Response {
  const detail = "Something went wrong on our side.";
  return problemResponse(PROBLEMS.internalError, { instance, detail });
}

/** A span and a log line for each request. */
function observed(log: Log): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    await requestSpan(context.req.raw, async () => {
      await next();
      const pattern = routePath(context, -1);
      const route = pattern.endsWith("*") ? null : pattern;
      const { status } = context.res;
      const durationMs = Math.round(performance.now() - start);
      const method = context.req.method;
      log("INFO", "request", { method, route, status, duration_ms: durationMs });
      return { route, status };
    });
  };
}

function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "POST"],
    allowHeaders: ["content-type", "authorization", "traceparent", "tracestate"],
    exposeHeaders: ["set-auth-token", "set-auth-jwt", "retry-after"],
    credentials: true,
    maxAge: 600,
  });
}

function limitedBody(): MiddlewareHandler {
  return bodyLimit({
    maxSize: BODY_LIMIT_BYTES,
    onError: (context) =>
      problemResponse(PROBLEMS.bodyTooLarge, {
        instance: context.req.path,
        detail: `The body may have at most ${BODY_LIMIT_BYTES} bytes.`,
      }),
  });
}
