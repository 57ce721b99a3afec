/** How a setting is written, and what is said of one that is wrong. */
import { z } from "zod";

/** What a variable means, and one value that would be accepted: both go into the refusal. */
export interface Described {
  meaning: string;
  example: string;
}

export function described<T extends z.ZodType>(schema: T, meaning: string, example: string): T {
  return schema.meta({ meaning, example });
}

/** https://www.postgresql.org/docs/18/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/** database.ts says what becomes of them. Any other would be lost in silence. */
const PARAMETERS = [
  "sslmode",
  "sslrootcert",
  "host",
  "channel_binding",
  "options",
  "connect_timeout",
];

export function postgresUrlProblem(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !["postgres:", "postgresql:"].includes(url.protocol)) {
    return "must begin with postgresql://";
  }
  if (url.username === "" || url.password === "") return "must name a user and a password";
  if (url.hostname === "") return "must name a host";
  if (url.pathname.length < 2) return "must name a database";
  if (!SSL_MODES.includes(url.searchParams.get("sslmode") ?? "disable")) {
    return `must have an sslmode of ${SSL_MODES.join(", ")}`;
  }
  const names = [...url.searchParams.keys()];
  const unknown = names.filter((name) => !PARAMETERS.includes(name));
  if (unknown.length > 0) return `must not have the parameter ${unknown.join(", ")}`;
  // Which of the two counts is read in two ways, and one of them may be without TLS.
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) return `must not have the parameter ${repeated} twice`;
  return null;
}

/** RFC 6454 section 6.2: what a browser sends, byte for byte. A wildcard or `null` is no origin. */
export function originProblem(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !["http:", "https:"].includes(url.protocol) || value.includes("*")) {
    return "must be scheme://host[:port] with http or https, and no wildcard";
  }
  if (url.origin !== value) {
    return "must be serialized: lower case, no default port, no path or final slash";
  }
  return null;
}

export function checked(schema: z.ZodString, problemOf: (value: string) => string | null) {
  return schema.superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });
}

/** Empty is unset, as a chart writes it. */
export function unsetOr(problemOf: (value: string) => string | null) {
  return checked(z.string(), (value) => (value === "" ? null : problemOf(value))).default("");
}

export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
}
