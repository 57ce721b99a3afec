/** RFC 9457 problem details: the errors that this service answers itself, rendered here. */
import { trace } from "@opentelemetry/api";

export interface Problem {
  status: 403 | 404 | 413 | 415 | 429 | 500 | 503;
  code: string;
  title: string;
}

/** docs/contract.md "Errors". Better Auth's own refusals keep its body, which its clients read. */
export const PROBLEMS = {
  originNotAllowed: { status: 403, code: "origin_not_allowed", title: "Origin not allowed" },
  notFound: { status: 404, code: "not_found", title: "Not found" },
  bodyTooLarge: { status: 413, code: "body_too_large", title: "Body too large" },
  unsupportedMediaType: {
    status: 415,
    code: "unsupported_media_type",
    title: "Unsupported media type",
  },
  rateLimited: { status: 429, code: "rate_limited", title: "Too many requests" },
  internalError: { status: 500, code: "internal_error", title: "Internal error" },
  databaseUnavailable: { status: 503, code: "database_unavailable", title: "Database unavailable" },
  overloaded: { status: 503, code: "overloaded", title: "Overloaded" },
  exportUnavailable: { status: 503, code: "export_unavailable", title: "Export unavailable" },
  notReady: { status: 503, code: "not_ready", title: "Not ready" },
} as const satisfies Record<string, Problem>;

export interface Occurrence {
  /** Path of the request, without its query. */
  instance: string;
  /** What happened and what to do next; never contents, SQL or a token. */
  detail: string;
  /** At least 1; becomes `Retry-After`. */
  retryAfterSeconds?: number;
}

/** The answer for one occurrence of a problem. */
export function problemResponse(problem: Problem, occurrence: Occurrence): Response {
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
  if (occurrence.retryAfterSeconds !== undefined) {
    headers.set("retry-after", String(occurrence.retryAfterSeconds));
  }
  const body = {
    type: `urn:taskchat:problem:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: occurrence.detail,
    instance: occurrence.instance,
    code: problem.code,
    trace_id: trace.getActiveSpan()?.spanContext().traceId,
  };
  return new Response(JSON.stringify(body), { status: problem.status, headers });
}

/**
 * The answer to a limit that is used up.
 *
 * @param seconds until it is not; null: that is not known.
 */
export function rateLimited(instance: string, seconds: number | null): Response {
  const detail = `Too many attempts. Try again ${seconds === null ? "later" : inTime(seconds)}.`;
  const known = seconds === null ? {} : { retryAfterSeconds: seconds };
  return problemResponse(PROBLEMS.rateLimited, { instance, detail, ...known });
}

function inTime(seconds: number): string {
  return seconds < 120 ? `in ${seconds} s` : `in ${Math.ceil(seconds / 60)} minutes`;
}
