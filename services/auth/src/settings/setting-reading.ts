/** How settings are read, and what a command does with wrong ones: it says all, and ends. */
import type { z } from "zod";
import type { Described } from "./setting-forms.ts";

/** sysexits has no better one, and the Python services use the same. */
export const EXIT_CODE_WRONG_SETTINGS = 2;

export type Environment = Readonly<Record<string, string | undefined>>;

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

/** What a schema makes of the environment, frozen; or a complaint about each wrong variable. */
export function read<T>(
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

/** End the process (status 2) with the complaints on stderr, unless the settings are right. */
export function orExit<T extends object>(settings: T | WrongSettings): T {
  return "complaints" in settings ? exitWith(settings.complaints) : settings;
}

/** End the process (status 2) with complaints about settings on stderr. */
export function exitWith(complaints: readonly string[]): never {
  process.stderr.write(`${complaints.join("\n")}\n`);
  process.exit(EXIT_CODE_WRONG_SETTINGS);
}
