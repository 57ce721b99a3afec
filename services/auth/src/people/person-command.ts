/** What `erase` and `export` have in common: commands about one person, for operators. */
import { createAuth } from "../accounts/auth.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { exitWith, orExit } from "../settings/setting-reading.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { type AuditLog, createAuditLog } from "../telemetry/audit.ts";
import { createLog, type Log } from "../telemetry/logs.ts";
import { personNamed } from "./erasure-rows.ts";
import { createErrands, type Errands } from "./errands.ts";

/** Whom the command is about, and what it works with. */
export interface NamedPerson {
  userId: string;
  database: Database;
  errands: Errands;
  log: Log;
  auditLog: AuditLog;
}

/**
 * Be a command `<name> <user id | e-mail address>`: find the person and do the work. The log goes to
 * stderr. Exit status: 0 done, 1 failed or nobody of that address, 2 wrong settings or arguments.
 */
export async function personCommand(
  name: string,
  work: (person: NamedPerson) => Promise<void>,
): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place where these commands' settings are read
  const settings = orExit(readServiceSettings(process.env));
  const log = createLog(settings.logLevel, `auth.${name}`, (line) => process.stderr.write(line));
  const [named, ...more] = process.argv.slice(2);
  if (named === undefined || more.length > 0) {
    return exitWith([`usage: ${name} <user id | e-mail address>`]);
  }
  if (settings.parts === null) return exitWith(["Set CHAT_GATEWAY_URL and MCP_TOOLS_URL."]);
  const database = createDatabase(settings.databaseUrl, log);
  try {
    const userId = await personNamed(database, named);
    if (userId === null) throw new Error("nobody has this address; give the user's id");
    const errands = createErrands(settings.parts, settings, createAuth(settings, database, log));
    await work({ userId, database, errands, log, auditLog: createAuditLog(log, settings.secret) });
  } catch (error) {
    log("ERROR", error instanceof Error ? error.message : `${name} failed`);
    process.exitCode = 1;
  } finally {
    await database.end();
  }
}
