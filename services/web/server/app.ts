/** The routes: probes, the files of the page, and what the page is told when it starts. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { PageConfig } from "../src/state.ts";
import { type Headers, securityHeaders } from "./headers.ts";
import { errorFields, errorStack, type Log } from "./logs.ts";
import { probeRoutes, type Readiness } from "./probes.ts";
import { PROBLEMS, problemResponse } from "./problems.ts";
import type { Settings } from "./settings.ts";
import { type Encoding, type Site, type SiteFile, siteFile } from "./site.ts";

/** A conversation of its own address: the page itself, which reads the id. */
const DEEP_LINK = /^\/c\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What somebody may have mistyped or pasted for one: the page says that there is none. */
const LIKE_A_LINK = /^\/c\/[^/]{1,100}$/;
/** Pages of their own: the account, and where the links of mails lead. */
const PLACES = new Set(["/account", "/reset-password", "/verify"]);
const PROBES = new Set(["/healthz", "/readyz"]);
const METHODS = ["GET", "HEAD"];
/** The best that is there and wanted. */
const ENCODINGS: readonly Encoding[] = ["br", "gzip"];

export interface AppParts {
  settings: Pick<Settings, "chatkitDomainKey" | "modelIsSimulated">;
  site: Site;
  readiness: Readiness;
  log: Log;
}

/** The HTTP application of this server. */
export function createApp({ settings, site, readiness, log }: AppParts): Hono {
  const config: PageConfig = {
    chatkitDomainKey: settings.chatkitDomainKey,
    modelIsSimulated: settings.modelIsSimulated,
  };
  const files = new Map(site).set(
    "/config.json",
    siteFile("/config.json", Buffer.from(JSON.stringify(config))),
  );
  const isPage = (path: string) => DEEP_LINK.test(path) || PLACES.has(path);
  const fileAt = (path: string) => files.get(isPage(path) ? "/" : path);

  const app = new Hono();
  app.use(guarded(securityHeaders(settings.chatkitDomainKey !== null)));
  app.route("/", probeRoutes(readiness));
  app.use(logged(log));

  app.all("*", (context) => {
    const { method, path } = context.req;
    const file = fileAt(path);
    const page = files.get("/");
    if (file === undefined && page && LIKE_A_LINK.test(path) && METHODS.includes(method)) {
      return answer(context, page, 404);
    }
    if (file === undefined && !PROBES.has(path)) {
      return problemResponse(PROBLEMS.notFound, { instance: path, detail: "No such path." });
    }
    if (file === undefined || !METHODS.includes(method)) {
      return problemResponse(PROBLEMS.methodNotAllowed, {
        instance: path,
        detail: "This path can be read only.",
        allow: METHODS.join(", "),
      });
    }
    return answer(context, file);
  });

  app.onError((error, context) => {
    log("ERROR", "request failed", { ...errorFields(error), error_stack: errorStack(error) });
    const detail = "Something went wrong on our side.";
    return problemResponse(PROBLEMS.internalError, { instance: context.req.path, detail });
  });

  return app;
}

/** A file in the encoding that the client likes, or that it has it already. */
function answer(context: Context, file: SiteFile, status: 200 | 404 = 200): Response {
  const encoding = chosenEncoding(context.req.header("accept-encoding") ?? "", file);
  const body = file.bodies[encoding] ?? file.bodies.identity;
  const etag = `"${file.hash}${encoding === "identity" ? "" : `-${encoding}`}"`;
  const headers: Record<string, string> = { etag, "cache-control": file.cacheControl };
  if (file.bodies.br !== undefined) headers.vary = "accept-encoding";
  if (status === 200 && isKnown(context.req.header("if-none-match") ?? "", etag)) {
    return context.body(null, 304, headers);
  }
  headers["content-type"] = file.type;
  headers["content-length"] = String(body.length);
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  return context.body(body, status, headers);
}

/** RFC 9110 section 12.5.3, without the order of its weights: `q=0` is no, the rest is yes. */
function chosenEncoding(accepted: string, file: SiteFile): Encoding {
  const wanted = accepted
    .toLowerCase()
    .split(",")
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part))
    .map((part) => part.split(";")[0]?.trim());
  const best = ENCODINGS.find(
    (encoding) => wanted.includes(encoding) && file.bodies[encoding] !== undefined,
  );
  return best ?? "identity";
}

/** RFC 9110 section 13.1.2: compared weakly. */
function isKnown(known: string, etag: string): boolean {
  const tags = known.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || known.trim() === "*";
}

/** What a browser may do with an answer of ours. */
function guarded(headers: Headers): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  };
}

/** A log line for each request but the probes; one page is a dozen of them, so what went well is for who looks for it. */
function logged(log: Log): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    await next();
    const { method } = context.req;
    const { status } = context.res;
    const level = status < 400 ? "DEBUG" : "INFO";
    log(level, "request", { method, status, duration_ms: Math.round(performance.now() - start) });
  };
}
