/** RFC 9457 problem details: the errors that this server answers itself, rendered here. */

export interface Problem {
  status: 404 | 405 | 500 | 503;
  code: string;
  title: string;
}

/** docs/contract.md "Errors". */
export const PROBLEMS = {
  notFound: { status: 404, code: "not_found", title: "Not found" },
  methodNotAllowed: { status: 405, code: "method_not_allowed", title: "Method not allowed" },
  internalError: { status: 500, code: "internal_error", title: "Internal error" },
  serviceUnavailable: { status: 503, code: "service_unavailable", title: "Service unavailable" },
  notReady: { status: 503, code: "not_ready", title: "Not ready" },
} as const satisfies Record<string, Problem>;

export interface Occurrence {
  /** Path of the request, without its query. */
  instance: string;
  /** What happened and what to do next. */
  detail: string;
  /** At least 1; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** The methods that there are; becomes `Allow`. */
  allow?: string;
}

/** Headers and body of one occurrence of a problem. */
export function rendered(problem: Problem, occurrence: Occurrence) {
  const { detail, instance, retryAfterSeconds, allow } = occurrence;
  const body = {
    type: `urn:taskchat:problem:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail,
    instance,
    code: problem.code,
  };
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...(allow === undefined ? {} : { allow }),
  };
  return { headers, text: JSON.stringify(body) };
}

/** The answer for one occurrence of a problem. */
export function problemResponse(problem: Problem, occurrence: Occurrence): Response {
  const { headers, text } = rendered(problem, occurrence);
  return new Response(text, { status: problem.status, headers });
}
