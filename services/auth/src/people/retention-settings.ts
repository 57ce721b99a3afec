/** What `retention` is told by its environment. */
import { z } from "zod";
import { described, wholeNumber } from "../settings/setting-forms.ts";
import { type Environment, read, type WrongSettings } from "../settings/setting-reading.ts";
import { databaseUrl, logLevel } from "../settings/settings.ts";

const variables = {
  DATABASE_URL: databaseUrl,
  RETENTION_DAYS: described(
    wholeNumber(1, 36_500).default(90),
    "number of days for which finished erasures are kept",
    "90",
  ),
  LOG_LEVEL: logLevel,
};

const settings = z.object(variables).transform((env) => ({
  databaseUrl: env.DATABASE_URL,
  retentionDays: env.RETENTION_DAYS,
  logLevel: env.LOG_LEVEL,
}));

export type RetentionSettings = Readonly<z.output<typeof settings>>;

/** The settings of a retention, or the reasons why there are none. */
export function readRetentionSettings(environment: Environment): RetentionSettings | WrongSettings {
  return read(settings, variables, environment);
}
