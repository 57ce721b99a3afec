/**
 * Brings the schema up to date and ends: `node dist/migrate.js`.
 *
 * Needs the database's owner over a direct connection (CREATEROLE, no superuser; Postgres 15 or
 * newer). Exit status: 0 done, 1 failed, 2 wrong settings, 143 stopped by SIGTERM.
 */

import { migrate } from "../database/schema.ts";
import { orExit } from "../settings/setting-reading.ts";
import { readMigrationSettings } from "../settings/settings.ts";
import { createLog } from "../telemetry/logs.ts";

const EXIT_CODE_SIGTERM = 143;

// biome-ignore lint/style/noProcessEnv: the one place where this command's settings are read
const settings = orExit(readMigrationSettings(process.env));
const log = createLog(settings.logLevel, "auth.migrate");
// Without a handler it would be lost: a container's first process has no default one.
process.on("SIGTERM", () => {
  log("ERROR", "stopped by SIGTERM: run it again, it goes on where it was");
  process.exit(EXIT_CODE_SIGTERM);
});
try {
  await migrate(settings, log);
  log("INFO", "schema auth is up to date");
} catch (error) {
  log("ERROR", error instanceof Error ? error.message : "migration failed");
  process.exitCode = 1;
}
