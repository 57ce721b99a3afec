/**
 * Settings: read once from the environment by a command, frozen, and refused with a message that
 * helps. Nothing else in this service reads the environment.
 */
import { z } from "zod";
import {
  mailboxUrlProblem,
  mailFromProblem,
  smtpServer,
  smtpUrlProblem,
} from "../mail/mail-settings.ts";
import {
  checked,
  described,
  originProblem,
  postgresUrlProblem,
  unsetOr,
  wholeNumber,
} from "./setting-forms.ts";
import { type Environment, read, type WrongSettings } from "./setting-reading.ts";

const postgresUrl = (meaning: string, role: string) =>
  described(
    checked(z.string(), postgresUrlProblem),
    meaning,
    `postgresql://${role}:secret@localhost:54329/taskchat?sslmode=disable`,
  );

const serviceUrl = (name: string, example: string) =>
  described(
    unsetOr(originProblem),
    `origin of ${name}, for exports and erasures; both services or neither`,
    example,
  );

export const logLevel = described(
  z
    .enum(["DEBUG", "INFO", "WARNING", "ERROR"], "must be DEBUG, INFO, WARNING or ERROR")
    .default("INFO"),
  "least severe level logged",
  "INFO",
);

export const databaseUrl = postgresUrl("URL of this service's own database role", "auth");

const secret = described(
  z.string().min(32, "must have at least 32 characters"),
  "secret that signs sessions and encrypts the signing keys",
  "$(openssl rand -base64 32)",
);

// 3600: the verifiers can be told no longer one (AUTH_TOKEN_LIFETIME_SECONDS, docs/contract.md).
const jwtLifetime = described(
  wholeNumber(30, 3600).default(300),
  "lifetime of a token in seconds",
  "300",
);

const directUrl = postgresUrl(
  "URL of the database's owner, not through a pooler",
  "taskchat_owner",
);

const migrationVariables = {
  DATABASE_URL: databaseUrl,
  DATABASE_URL_DIRECT: directUrl,
  BETTER_AUTH_SECRET: secret,
  LOG_LEVEL: logLevel,
};

const rotationVariables = {
  DATABASE_URL_DIRECT: directUrl,
  BETTER_AUTH_SECRET: secret,
  JWT_LIFETIME_SECONDS: jwtLifetime,
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
  METRICS_PORT: described(
    z.union([z.literal("").transform(() => null), wholeNumber(0, 65_535)]).default(9464),
    "port of /metrics; 0 takes any free port, empty turns it off",
    "9464",
  ),
  BUILD_REVISION: described(
    z.string().default("unknown"),
    "source revision that this was built from",
    "4f1e2d3",
  ),
  DATABASE_URL: databaseUrl,
  BETTER_AUTH_SECRET: secret,
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
  JWT_LIFETIME_SECONDS: jwtLifetime,
  CHAT_GATEWAY_URL: serviceUrl("chat-gateway", "http://chat-gateway:8000"),
  MCP_TOOLS_URL: serviceUrl("mcp-tools", "http://mcp-tools:8002"),
  SMTP_URL: described(
    unsetOr(smtpUrlProblem),
    "mail server that takes this service's mails; set it together with MAIL_FROM, or neither",
    "smtps://user:secret@smtp.example.com",
  ),
  MAIL_FROM: described(
    unsetOr(mailFromProblem),
    "sender of this service's mails; set it together with SMTP_URL, or neither",
    "taskchat <no-reply@example.com>",
  ),
  MAILBOX_URL: described(
    unsetOr(mailboxUrlProblem),
    "page on which a developer reads the mails that SMTP_URL takes",
    "http://localhost:8025",
  ),
  EDGE_BEGINS_TRACES: described(
    z
      .enum(["true", "false"], "must be true or false")
      .transform((value) => value === "true")
      .default(false),
    "whether an edge in front begins every trace itself, so that its traceparent is continued",
    "true",
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

/** Where the services are that keep something of people. */
export interface PartUrls {
  "chat-gateway": string;
  "mcp-tools": string;
}

/** Both services, or neither: half an erasure would be none. */
function partUrls(env: z.output<z.ZodObject<typeof serviceVariables>>): PartUrls | null {
  const urls = { "chat-gateway": env.CHAT_GATEWAY_URL, "mcp-tools": env.MCP_TOOLS_URL };
  return Object.values(urls).includes("") ? null : urls;
}

/** A server without a sender, or a sender without a server, is a mistake and not "no mail". */
const mailIsWhole = z.object(serviceVariables).superRefine((env, context) => {
  const missing = (["SMTP_URL", "MAIL_FROM"] as const).filter((name) => env[name] === "");
  if (missing.length !== 1) return;
  context.addIssue({ code: "custom", path: missing, message: "must be set too" });
});

const serviceSettings = mailIsWhole.transform((env) => ({
  host: env.HOST,
  port: env.PORT,
  metricsPort: env.METRICS_PORT,
  buildRevision: env.BUILD_REVISION,
  databaseUrl: env.DATABASE_URL,
  secret: env.BETTER_AUTH_SECRET,
  url: env.BETTER_AUTH_URL,
  allowedOrigins: env.ALLOWED_ORIGINS,
  clientIpHeader: env.CLIENT_IP_HEADER,
  rateLimitEnabled: env.RATE_LIMIT_ENABLED,
  jwtLifetimeSeconds: env.JWT_LIFETIME_SECONDS,
  parts: partUrls(env),
  mail: env.SMTP_URL === "" ? null : { server: smtpServer(env.SMTP_URL), from: env.MAIL_FROM },
  mailboxUrl: env.MAILBOX_URL === "" ? null : env.MAILBOX_URL,
  edgeBeginsTraces: env.EDGE_BEGINS_TRACES,
  logLevel: env.LOG_LEVEL,
  traces: tracesExported(env)
    ? { sampler: env.OTEL_TRACES_SAMPLER, samplerRatio: env.OTEL_TRACES_SAMPLER_ARG }
    : null,
}));

const migrationSettings = z.object(migrationVariables).transform((env) => ({
  databaseUrl: env.DATABASE_URL,
  directUrl: env.DATABASE_URL_DIRECT,
  secret: env.BETTER_AUTH_SECRET,
  logLevel: env.LOG_LEVEL,
}));

const rotationSettings = z.object(rotationVariables).transform((env) => ({
  directUrl: env.DATABASE_URL_DIRECT,
  secret: env.BETTER_AUTH_SECRET,
  jwtLifetimeSeconds: env.JWT_LIFETIME_SECONDS,
  logLevel: env.LOG_LEVEL,
}));

export type ServiceSettings = Readonly<z.output<typeof serviceSettings>>;
export type MigrationSettings = Readonly<z.output<typeof migrationSettings>>;
export type RotationSettings = Readonly<z.output<typeof rotationSettings>>;
export type TraceSettings = NonNullable<ServiceSettings["traces"]>;
export type LogLevel = ServiceSettings["logLevel"];

/** The settings of the server, or the reasons why there are none. */
export function readServiceSettings(environment: Environment): ServiceSettings | WrongSettings {
  return read(serviceSettings, serviceVariables, environment);
}

/** The settings of a migration, or the reasons why there are none. */
export function readMigrationSettings(environment: Environment): MigrationSettings | WrongSettings {
  return read(migrationSettings, migrationVariables, environment);
}

/** The settings of key rotation, or the reasons why there are none. */
export function readRotationSettings(environment: Environment): RotationSettings | WrongSettings {
  return read(rotationSettings, rotationVariables, environment);
}
