/**
 * Spans of this service: one per request, one per statement, by the semantic conventions 1.44.
 * Nothing is recorded, and no SDK loaded, unless exporting was started.
 */
import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ServiceSettings } from "../settings/settings.ts";
import { errorStack } from "./logs.ts";
import type { StopTelemetry } from "./telemetry-export.ts";

const tracer = trace.getTracer("auth");

/** Start exporting spans if an OTLP endpoint is set. The SDK is another file, loaded only then. */
export async function startTelemetry(settings: ServiceSettings): Promise<StopTelemetry> {
  if (settings.traces === null) return () => Promise.resolve();
  const { startExport } = await import("./telemetry-export.ts");
  return startExport(settings.traces);
}

/** What a request turned out to be, once it is answered. */
export interface Answered {
  /** The pattern that matched, which is bounded, unlike the path; null when none did. */
  route: string | null;
  status: number;
}

/**
 * The server span of a request. Its trace begins here, and what the caller sent of its own is
 * linked, unless an edge begins them all (`edgeBegins`): then the edge's goes on (ADR 0036).
 */
export function requestSpan(
  request: Request,
  edgeBegins: boolean,
  run: () => Promise<Answered>,
): Promise<Answered> {
  const attributes = {
    "http.request.method": request.method,
    "url.scheme": new URL(request.url).protocol.slice(0, -1),
    "url.path": new URL(request.url).pathname,
  };
  const theirs = callersContext(request);
  const named = trace.getSpanContext(theirs);
  const links =
    !edgeBegins && named !== undefined && isSpanContextValid(named) ? [{ context: named }] : [];
  const options = { kind: SpanKind.SERVER, attributes, links };
  const parent = edgeBegins ? theirs : ROOT_CONTEXT;
  return tracer.startActiveSpan(request.method, options, parent, (span) =>
    ended(span, async () => {
      const answered = await run();
      span.setAttribute("http.response.status_code", answered.status);
      if (answered.route !== null) {
        span.updateName(`${request.method} ${answered.route}`);
        span.setAttribute("http.route", answered.route);
      }
      if (answered.status >= 500) {
        span.setAttribute("error.type", String(answered.status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      return answered;
    }),
  );
}

function callersContext(request: Request): Context {
  return propagation.extract(ROOT_CONTEXT, request.headers, {
    get: (headers, key) => headers.get(key) ?? undefined,
    keys: (headers) => [...headers.keys()],
  });
}

/** The first table of a statement, after the word that introduces one. */
const TABLE = /\b(?:from|into|update)\s+((?:"?\w+"?\.)?"?\w+"?)/i;

/**
 * A client span around a statement. Its text has parameters; their values never appear. None
 * outside of a request: what the service asks when it starts would be a trace for each statement.
 */
export function querySpan<T>(sql: string, database: string, run: () => Promise<T>): Promise<T> {
  // Not whether the active span records: between it and ours stand Better Auth's silenced ones.
  const above = trace.getSpanContext(context.active());
  if (above === undefined || !isSpanContextValid(above)) return run();
  const operation = (/\w+/.exec(sql)?.[0] ?? "SQL").toUpperCase();
  const table = TABLE.exec(sql)?.[1]?.replaceAll('"', "");
  const summary = table === undefined ? operation : `${operation} ${table}`;
  const attributes = {
    "db.system.name": "postgresql",
    "db.namespace": database,
    "db.operation.name": operation,
    "db.query.summary": summary,
    "db.query.text": sql,
  };
  const options = { kind: SpanKind.CLIENT, attributes };
  return tracer.startActiveSpan(summary, options, (span) =>
    ended(span, async () => {
      try {
        return await run();
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "_OTHER";
        span.setAttribute("error.type", code);
        span.setStatus({ code: SpanStatusCode.ERROR });
        if (error instanceof Error) addException(span, error);
        throw error;
      }
    }),
  );
}

/** The exception where it was first known: its class and stack, not its words, which quote rows. */
function addException(span: Span, error: Error): void {
  span.addEvent("exception", {
    "exception.type": error.constructor.name,
    "exception.stacktrace": errorStack(error).join("\n"),
  });
}

async function ended<T>(span: Span, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    span.end();
  }
}
