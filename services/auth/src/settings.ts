/**
 * Settings: read once from the environment by a command, frozen, and refused with a message that
 * helps. Nothing else in this service reads the environment.
 */
import { z } from "zod";

/** sysexits has no better one, and the Python services use the same. */
export const EXIT_CODE_WRONG_SETTINGS = 2;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable means, and one value that would be accepted: both go into the refusal. */
interface Described {
  meaning: string;
  example: string;
}

function described<T extends z.ZodType>(schema: T, meaning: string, example: string): T {
  return schema.meta({ meaning, example });
}

/** https://www.postgresql.org/docs/18/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

function postgresUrlProblem(value: string): string | null {
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
  return null;
}

/** RFC 6454 section 6.2: what a browser sends, byte for byte. A wildcard or `null` is no origin. */
function originProblem(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !["http:", "https:"].includes(url.protocol) || value.includes("*")) {
    return "must be scheme://host[:port] with http or https, and no wildcard";
  }
  if (url.origin !== value) {
    return "must be serialized: lower case, no default port, no path or final slash";
  }
  return null;
}

function checked(schema: z.ZodString, problemOf: (value: string) => string | null) {
  return schema.superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
}

const postgresUrl = (meaning: string, role: string) =>
  described(
    checked(z.string(), postgresUrlProblem),
    meaning,
    `postgresql://${role}:secret@localhost:54329/taskchat?sslmode=disable`,
  );

const logLevel = described(
  z
    .enum(["DEBUG", "INFO", "WARNING", "ERROR"], "must be DEBUG, INFO, WARNING or ERROR")
    .default("INFO"),
  "least severe level logged",
  "INFO",
);

const databaseUrl = postgresUrl("URL of this service's own database role", "auth");

const migrationVariables = {
  DATABASE_URL: databaseUrl,
  DATABASE_URL_DIRECT: postgresUrl(
    "URL of the database's owner, not through a pooler",
    "taskchat_owner",
  ),
  LOG_LEVEL: logLevel,
};

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const serviceVariables = {
  HOST: described(z.string().min(1).default("127.0.0.1"), "address to listen on", "0.0.0.0"),
  PORT: described(wholeNumber(0, 65_535).default(8001), "port to listen on", "8001"),
  DATABASE_URL: databaseUrl,
  BETTER_AUTH_SECRET: described(
    z.string().min(32, "must have at least 32 characters"),
    "secret that signs sessions and encrypts the signing keys",
    "$(openssl rand -base64 32)",
  ),
  BETTER_AUTH_URL: described(
    checked(z.string(), originProblem),
    "origin under which people reach this service, and the `iss` of its tokens",
    "https://auth.example.com",
  ),
  ALLOWED_ORIGINS: described(
    z
      .string()
      .transform((value) => [...new Set(value.split(",").map((origin) => origin.trim()))])
      .pipe(z.array(checked(z.string(), originProblem))),
    "comma-separated list of the origins whose pages may sign people in",
    "https://app.example.com,http://localhost:3000",
  ),
  CLIENT_IP_HEADER: described(
    z
      .string()
      .regex(/^[A-Za-z0-9-]*$/, "must be the name of a header")
      .transform((value) => (value === "" ? null : value.toLowerCase()))
      .default(null),
    "header in which the edge puts the client's address, overwriting what the client sent",
    "x-real-ip",
  ),
  RATE_LIMIT_ENABLED: described(
    z
      .enum(["true", "false"], "must be true or false")
      .transform((value) => value === "true")
      .default(true),
    "switch of the limits on sign-up, sign-in and tokens",
    "true",
  ),
  // 3600: the verifiers refuse tokens that live longer (docs/contract.md "Headers").
  JWT_LIFETIME_SECONDS: described(
    wholeNumber(30, 3600).default(300),
    "lifetime of a token in seconds",
    "300",
  ),
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().default(""),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().default(""),
  OTEL_TRACES_EXPORTER: z.string().default("otlp"),
  OTEL_SDK_DISABLED: z.string().default("false"),
  OTEL_TRACES_SAMPLER: described(
    z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(", ")}`).default("parentbased_always_on"),
    "choice of the requests that are traced",
    "parentbased_traceidratio",
  ),
  OTEL_TRACES_SAMPLER_ARG: described(
    z.coerce.number().min(0).max(1).default(1),
    "share of requests that are traced, for the ratio samplers",
    "0.1",
  ),
};

/** The endpoint turns tracing on; where spans go, and with which headers, the exporter reads. */
function tracesExported(env: z.output<z.ZodObject<typeof serviceVariables>>): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const refused = env.OTEL_SDK_DISABLED === "true" || env.OTEL_TRACES_EXPORTER === "none";
  return endpoint !== "" && !refused;
}

const serviceSettings = z.object(serviceVariables).transform((env) => ({
  host: env.HOST,
  port: env.PORT,
  databaseUrl: env.DATABASE_URL,
  secret: env.BETTER_AUTH_SECRET,
  url: env.BETTER_AUTH_URL,
  allowedOrigins: env.ALLOWED_ORIGINS,
  clientIpHeader: env.CLIENT_IP_HEADER,
  rateLimitEnabled: env.RATE_LIMIT_ENABLED,
  jwtLifetimeSeconds: env.JWT_LIFETIME_SECONDS,
  logLevel: env.LOG_LEVEL,
  traces: tracesExported(env)
    ? { sampler: env.OTEL_TRACES_SAMPLER, samplerRatio: env.OTEL_TRACES_SAMPLER_ARG }
    : null,
}));

const migrationSettings = z.object(migrationVariables).transform((env) => ({
  databaseUrl: env.DATABASE_URL,
  directUrl: env.DATABASE_URL_DIRECT,
  logLevel: env.LOG_LEVEL,
}));

export type ServiceSettings = Readonly<z.output<typeof serviceSettings>>;
export type MigrationSettings = Readonly<z.output<typeof migrationSettings>>;
export type TraceSettings = NonNullable<ServiceSettings["traces"]>;
export type LogLevel = ServiceSettings["logLevel"];

/** A line for each wrong variable: its name, what is wrong, what it means, an example. */
export interface WrongSettings {
  complaints: string[];
}

/**
 * Variables that Better Auth reads on its own, past these settings: each would change who is
 * trusted, or what is sent where, without showing here.
 */
const UNSUPPORTED = {
  BETTER_AUTH_TRUSTED_ORIGINS: "Set ALLOWED_ORIGINS",
  BETTER_AUTH_SECRETS: "Set BETTER_AUTH_SECRET",
  BETTER_AUTH_TELEMETRY: "Telemetry goes by OTEL_EXPORTER_OTLP_ENDPOINT",
} as const;

type Variables = Readonly<Record<string, z.ZodType>>;

/** One line about one variable; never its value, which may be a secret. */
function complaint(variables: Variables, environment: Environment, issue: z.core.$ZodIssue) {
  const name = String(issue.path[0]);
  const { meaning, example } = (variables[name]?.meta() ?? {}) as Partial<Described>;
  const problem = environment[name] === undefined ? "is missing" : `is wrong: ${issue.message}`;
  return `${name} ${problem}. It is the ${meaning}. Example: ${name}=${example}`;
}

function read<T>(
  schema: z.ZodType<T>,
  variables: Variables,
  environment: Environment,
): T | WrongSettings {
  const complaints = Object.entries(UNSUPPORTED)
    .filter(([name]) => environment[name] !== undefined)
    .map(([name, instead]) => `${name} is not supported. ${instead} instead, and unset ${name}.`);
  const result = schema.safeParse(environment);
  if (!result.success) {
    complaints.push(
      ...result.error.issues.map((issue) => complaint(variables, environment, issue)),
    );
  }
  return result.success && complaints.length === 0 ? Object.freeze(result.data) : { complaints };
}

/** The settings of the server and of key rotation, or the reasons why there are none. */
export function readServiceSettings(environment: Environment): ServiceSettings | WrongSettings {
  return read(serviceSettings, serviceVariables, environment);
}

/** The settings of a migration, or the reasons why there are none. */
export function readMigrationSettings(environment: Environment): MigrationSettings | WrongSettings {
  return read(migrationSettings, migrationVariables, environment);
}

/** End the process (status 2) with the complaints on stderr, unless the settings are right. */
export function orExit<T extends object>(settings: T | WrongSettings): T {
  return "complaints" in settings ? exitWith(settings.complaints) : settings;
}

/** End the process (status 2) with complaints about settings on stderr. */
export function exitWith(complaints: readonly string[]): never {
  process.stderr.write(`${complaints.join("\n")}\n`);
  process.exit(EXIT_CODE_WRONG_SETTINGS);
}
