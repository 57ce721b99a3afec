/**
 * Settings: read once from the environment by the server, frozen, and refused with a message that
 * helps. Nothing else here reads the environment.
 */
import { z } from "zod";

/** As the other services do. */
const EXIT_CODE_WRONG_SETTINGS = 2;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable means, and one value that would be accepted: both go into the refusal. */
interface Described {
  meaning: string;
  example: string;
}

function described<T extends z.ZodType>(schema: T, meaning: string, example: string): T {
  return schema.meta({ meaning, example });
}

const port = z
  .string()
  .regex(/^\d+$/, "must be a whole number")
  .transform(Number)
  .pipe(z.number().max(65_535, "must be at most 65535"));

/** A service of this machine or network: plain HTTP, because TLS ends before it. */
function service(example: string, passed: string) {
  const url = z
    .string()
    .superRefine((value, context) => {
      const parsed = URL.parse(value);
      if (value === "" || (parsed?.protocol === "http:" && parsed.origin === value)) return;
      const message = "must be http://host[:port], without a path or a final slash";
      context.addIssue({ code: "custom", message });
    })
    .transform((value) => (value === "" ? null : value))
    .default(null);
  return described(url, `service to which this server passes ${passed}`, example);
}

const variables = {
  HOST: described(
    z.string().min(1, "must not be empty").default("127.0.0.1"),
    "address to listen on",
    "0.0.0.0",
  ),
  PORT: described(port.default(3000), "port to listen on", "3000"),
  LOG_LEVEL: described(
    z
      .enum(["DEBUG", "INFO", "WARNING", "ERROR"], "must be DEBUG, INFO, WARNING or ERROR")
      .default("INFO"),
    "least severe level logged",
    "INFO",
  ),
  CHATKIT_DOMAIN_KEY: described(
    z
      .string()
      .regex(/^[\w.~-]*$/, "must have letters, digits and _ . ~ - only")
      .transform((value) => (value === "" ? null : value))
      .default(null),
    "public key of OpenAI's for this page's domain, with which their own element is used",
    "domain_pk_0123456789abcdef",
  ),
  MODEL_IS_SIMULATED: described(
    z
      .enum(["true", "false"], "must be true or false")
      .transform((value) => value === "true")
      .default(false),
    "switch of the line that says that a simulated model answers",
    "true",
  ),
  AUTH_URL: service("http://localhost:8001", "/api/auth"),
  GATEWAY_URL: service("http://localhost:8000", "the rest of /api"),
};

const settings = z
  .object(variables)
  .superRefine((env, context) => {
    for (const [set, missing] of [
      ["AUTH_URL", "GATEWAY_URL"],
      ["GATEWAY_URL", "AUTH_URL"],
    ] as const) {
      if (env[set] === null || env[missing] !== null) continue;
      const message = `must be set too, because ${set} is`;
      context.addIssue({ code: "custom", path: [missing], message });
    }
  })
  .transform((env) => ({
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    chatkitDomainKey: env.CHATKIT_DOMAIN_KEY,
    modelIsSimulated: env.MODEL_IS_SIMULATED,
    /** Where requests below `/api` go; null where an edge routes them. */
    services:
      env.AUTH_URL === null || env.GATEWAY_URL === null
        ? null
        : { auth: env.AUTH_URL, gateway: env.GATEWAY_URL },
  }));

export type Settings = Readonly<z.output<typeof settings>>;
export type Services = NonNullable<Settings["services"]>;
export type LogLevel = Settings["logLevel"];

/** Settings that cannot be used: one line for each variable. */
export interface WrongSettings {
  complaints: readonly string[];
}

function complaint(environment: Environment, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]) as keyof typeof variables;
  const { meaning, example } = variables[name].meta() as unknown as Described;
  const isMissing = environment[name] === undefined && issue.code !== "custom";
  const problem = isMissing ? "is missing" : `is wrong: ${issue.message}`;
  return `${name} ${problem}. It is the ${meaning}. Example: ${name}=${example}`;
}

/** The settings of the server, or the reasons why there are none. */
export function readSettings(environment: Environment): Settings | WrongSettings {
  const result = settings.safeParse(environment);
  if (result.success) return Object.freeze(result.data);
  return { complaints: result.error.issues.map((issue) => complaint(environment, issue)) };
}

/** End the process (status 2) with the complaints on stderr, unless the settings are right. */
export function orExit(found: Settings | WrongSettings): Settings {
  if (!("complaints" in found)) return found;
  process.stderr.write(`${found.complaints.join("\n")}\n`);
  process.exit(EXIT_CODE_WRONG_SETTINGS);
}
