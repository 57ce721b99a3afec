/** The routes: probes, the public keys, and Better Auth behind the limits that it does not set. */
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { routePath } from "hono/route";
import { noticingOutages } from "../database/database.ts";
import type { KeySet } from "../keys/jwks.ts";
import { JWKS_MAX_AGE_SECONDS } from "../keys/keys.ts";
import { setClientAddress } from "../limits/client-address.ts";
import type { Limits } from "../limits/limits.ts";
import { passwordGate } from "../passwords/password-work.ts";
import type { ServiceSettings } from "../settings/settings.ts";
import type { AuditLog } from "../telemetry/audit.ts";
import { auditedRequests } from "../telemetry/audited-requests.ts";
import { errorFields, errorStack, type Log } from "../telemetry/logs.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { requestSpan } from "../telemetry/telemetry.ts";
import { isPlainJson } from "./media-type.ts";
import { offers } from "./offers.ts";
import { GET_PATHS, isOffered, PASSWORD_PATHS, POST_PATHS } from "./paths.ts";
import { probeRoutes, type Readiness } from "./probes.ts";
import { PROBLEMS, problemResponse, rateLimited } from "./problems.ts";

/** The longest body of a sign-up is 1 KiB. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Long enough for a database to come back, short enough for a person. */
const OUTAGE_RETRY_SECONDS = 2;
/** About what the requests that wait at the gate take. */
const OVERLOAD_RETRY_SECONDS = 3;
const JWKS_CACHE_CONTROL = `public, max-age=${JWKS_MAX_AGE_SECONDS}`;

export interface AppParts {
  settings: ServiceSettings;
  /** Better Auth. */
  authHandler: (request: Request) => Promise<Response>;
  keySet: KeySet;
  readiness: Readiness;
  limits: Limits;
  log: Log;
  auditLog: AuditLog;
  metrics: Pick<Metrics, "answered">;
}

/** The HTTP application of this service. */
export function createApp(parts: AppParts): Hono {
  const { settings, authHandler, keySet, readiness, limits, log, auditLog, metrics } = parts;
  const gate = passwordGate();
  const app = new Hono();
  app.use("*", quietHeaders());
  app.route("/", probeRoutes(readiness));
  app.use(
    "/api/*",
    observed(log, metrics, settings.edgeBeginsTraces),
    crossOrigin(settings.allowedOrigins),
    limitedBody(),
  );
  app.use("/api/*", auditedRequests(auditLog, settings.clientIpHeader));

  app.get("/api/auth/jwks", async (context) => {
    const outcome = await keySet.get();
    if ("outage" in outcome) return databaseUnavailable(context, outcome.outage);
    return context.json(outcome.result, 200, { "cache-control": JWKS_CACHE_CONTROL });
  });
  app.get("/api/auth/options", (context) => context.json(offers(settings)));
  // The first route of a path answers.
  const offered = (path: string) => isOffered(path, settings);
  for (const path of GET_PATHS.filter(offered)) app.get(`/api/auth${path}`, betterAuth);
  for (const path of POST_PATHS.filter(offered)) app.post(`/api/auth${path}`, betterAuth);

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
    if (request.method === "POST" && !isPlainJson(request.headers)) {
      return problemResponse(PROBLEMS.unsupportedMediaType, {
        instance: context.req.path,
        detail: "Send the body as application/json, in UTF-8 and not coded.",
      });
    }
    const socketAddress = getConnInfo(context).remote.address;
    setClientAddress(request.headers, settings.clientIpHeader, socketAddress);
    const path = context.req.path.slice("/api/auth".length);
    const limited = await noticingOutages(() => limits.pass(path, request.headers));
    if ("outage" in limited) return databaseUnavailable(context, limited.outage);
    if (limited.result !== null) return rateLimited(context.req.path, limited.result.seconds);
    if (!PASSWORD_PATHS.includes(path)) return answered(context, () => authHandler(request));
    // Read before the gate: a body that never comes would keep everybody else out of it.
    await request
      .clone()
      .arrayBuffer()
      .catch(() => undefined);
    if (gate.full) return overloaded(context.req.path);
    return gate.pass(() => answered(context, () => authHandler(request)));
  }

  /** Better Auth's answer, or what its outage makes of it. */
  async function answered(context: Context, work: () => Promise<Response>): Promise<Response> {
    const outcome = await noticingOutages(work);
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
  if (answer.headers.get("content-type") === "application/problem+json") return answer;
  if (answer.status === 429) {
    const told = Number(answer.headers.get("retry-after"));
    // A time that nobody has told would be a promise: whoever comes back then is refused again.
    return rateLimited(instance, told >= 1 ? told : null);
  }
  return answer.status >= 500 ? internalError(instance) : answer;
}

function overloaded(instance: string): Response {
  return problemResponse(PROBLEMS.overloaded, {
    instance,
    detail: "Too many people are signing in at this moment. Try again.",
    retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
  });
}

function internalError(instance: string): Response {
  const detail = "Something went wrong on our side.";
  return problemResponse(PROBLEMS.internalError, { instance, detail });
}

/**
 * Nothing here is kept by a cache but the keys, which say so themselves, or read as another type
 * than it has: tokens and sessions are among it.
 */
function quietHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    if (!headers.get("cache-control")?.startsWith("public"))
      headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
  };
}

/** A span, a log line and a count for each request. */
function observed(
  log: Log,
  metrics: AppParts["metrics"],
  edgeBeginsTraces: boolean,
): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    await requestSpan(context.req.raw, edgeBeginsTraces, async () => {
      await next();
      const pattern = routePath(context, -1);
      const route = pattern.endsWith("*") ? null : pattern;
      const { status } = context.res;
      const milliseconds = performance.now() - start;
      const durationMs = Math.round(milliseconds);
      const method = context.req.method;
      log("INFO", "request", { method, route, status, duration_ms: durationMs });
      metrics.answered(route, status, milliseconds / 1000);
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
