/**
 * Deletes what got old in the schema `auth`: `node dist/retention.js`. Sessions and proofs that ran
 * out, counts of limits that nobody came back to, and finished erasures after RETENTION_DAYS.
 * Safe to repeat, safe at once, safe to kill. Exit status: 0 done, 1 failed, 2 wrong settings.
 */
import { createDatabase, type Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import { FORGET_LIMITS } from "../limits/limit-rows.ts";
import { readRetentionSettings } from "../people/retention-settings.ts";
import { orExit } from "../settings/setting-reading.ts";
import { createLog } from "../telemetry/logs.ts";

/** Rows that one transaction deletes: some milliseconds, and nobody waits for them. */
const ROWS_A_BATCH = 1000;

/** What of each table is old. `$1`: days. */
const OLD: Readonly<Record<string, string>> = {
  session: `"expiresAt" < now() and $1 > 0`,
  verification: `"expiresAt" < now() and $1 > 0`,
  erasure: `"finishedAt" < now() - make_interval(days => $1)`,
};

const STATEMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(OLD).map(([table, old]) => [
    table,
    `delete from auth."${table}" where id in (
       select id from auth."${table}" where ${old} limit $2 for update skip locked)`,
  ]),
);

async function inBatches(database: Database, sql: string, parameters: number[]): Promise<number> {
  let deleted = 0;
  for (let rows = ROWS_A_BATCH; rows === ROWS_A_BATCH; deleted += rows) {
    rows = (await queried(database, sql, parameters)).rowCount ?? 0;
  }
  return deleted;
}

// biome-ignore lint/style/noProcessEnv: the one place where this command's settings are read
const settings = orExit(readRetentionSettings(process.env));
const log = createLog(settings.logLevel, "auth.retention");
const database = createDatabase(settings.databaseUrl, log);
try {
  const said = (what: string, rows: number) => log("INFO", "old rows went", { table: what, rows });
  for (const [table, sql] of Object.entries(STATEMENTS)) {
    said(`auth.${table}`, await inBatches(database, sql, [settings.retentionDays, ROWS_A_BATCH]));
  }
  for (const sql of FORGET_LIMITS) said("limits", await inBatches(database, sql, [ROWS_A_BATCH]));
} catch (error) {
  log("ERROR", error instanceof Error ? error.message : "retention failed");
  process.exitCode = 1;
} finally {
  await database.end();
}
