/**
 * Requests below `/api`, passed to auth and the gateway where no edge does it (`make run`), so that
 * the page and its services are one origin: bodies unbuffered both ways, headers as they came.
 */
import { Agent, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { pipeline } from "node:stream";
import { errorFields, type Log } from "./logs.ts";
import { PROBLEMS, rendered } from "./problems.ts";
import type { Services } from "./settings.ts";

/** RFC 9110 section 7.6.1: what is between two neighbours. `expect` was answered by Node. */
const BETWEEN_NEIGHBOURS = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** A service of `make run` that died is there again after about this time. */
const OUTAGE_RETRY_SECONDS = 2;
/** A new connection for each request: one that was kept may be closed while we write to it. */
const agent = new Agent({ keepAlive: false });

/** Passes a request on, or says that it is none of those that are passed. */
export type Pass = (request: IncomingMessage, response: ServerResponse) => boolean;

/** What is passed to the services, each by its own path. */
export function createPass(services: Services, log: Log): Pass {
  const routes = [
    { prefix: "/api/auth/", origin: services.auth },
    { prefix: "/api/", origin: services.gateway },
  ];
  return (request, response) => {
    const target = request.url ?? "";
    const route = routes.find(({ prefix }) => target.startsWith(prefix));
    if (route === undefined) return false;
    const start = performance.now();
    response.once("close", () => {
      // The service says so too, and more.
      log("DEBUG", "request", {
        method: request.method,
        route: `${route.prefix}*`,
        status: response.headersSent ? response.statusCode : null,
        duration_ms: Math.round(performance.now() - start),
      });
    });
    passTo(route.origin, request, response, log);
    return true;
  };
}

function passTo(
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): void {
  const { method, url: path } = request;
  const upstream = send(origin, { agent, method, path, headers: requestHeaders(request) });

  upstream.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
    // The first byte of a stream may be long in coming; that there is one is known now.
    response.flushHeaders();
    // An answer that breaks off must not look whole: pipeline cuts the connection.
    pipeline(answer, response, () => undefined);
  });
  upstream.on("error", (error) => {
    if (response.headersSent || response.destroyed) return void response.destroy();
    log("WARNING", "service not reached", errorFields(error));
    unavailable(path ?? "", response);
  });
  // The client went away: so do we, and the service learns of it.
  response.once("close", () => upstream.destroy());
  // Not pipeline: a service may answer before it has read everything.
  upstream.flushHeaders();
  request.pipe(upstream);
}

function unavailable(path: string, response: ServerResponse): void {
  const { headers, text } = rendered(PROBLEMS.serviceUnavailable, {
    instance: path.split("?")[0] ?? path,
    detail: "The service cannot be reached. Try again.",
    retryAfterSeconds: OUTAGE_RETRY_SECONDS,
  });
  response.writeHead(PROBLEMS.serviceUnavailable.status, headers).end(text);
}

/** The headers of a request, and how its body ends, which Node would guess from the method. */
function requestHeaders(request: IncomingMessage): string[] {
  const headers = endToEnd(request.rawHeaders);
  const chunked = request.headers["transfer-encoding"] !== undefined;
  return chunked ? [...headers, "transfer-encoding", "chunked"] : headers;
}

/** Names and values in turn, as they came, without those that are not for the next one. */
function endToEnd(raw: readonly string[]): string[] {
  const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""]] : []));
  const named = pairs
    .filter(([name]) => name?.toLowerCase() === "connection")
    .flatMap(([, value]) => (value ?? "").split(",").map((part) => part.trim().toLowerCase()));
  const dropped = new Set([...BETWEEN_NEIGHBOURS, ...named]);
  return pairs.filter(([name]) => !dropped.has(name?.toLowerCase() ?? "")).flat();
}
