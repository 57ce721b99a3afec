/**
 * The migrations' lock: one run at a time in a database, whichever service's it is.
 *
 * It is a lock on a table of the owner's, which no service's role may touch: an advisory lock can be
 * taken by whoever may connect. The Python services take the same one (libs/servicekit,
 * `database/migration_lock.py`).
 */
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Log } from "../telemetry/logs.ts";
import { connectionSettings } from "./database.ts";

const LOCK_WAIT_MS = 300_000;
const LOCK_POLL_MS = 250;

/** The transaction that holds it is idle while the migration runs on another connection. */
const NO_LIMITS = `select set_config(name, '0', false) from pg_settings
  where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`;
const MISSING = "select to_regclass('taskchat.migration_lock') is null as missing";
const MAKE = [
  "create schema if not exists taskchat",
  "create table if not exists taskchat.migration_lock ()",
];
/** Two first runs at once: IF NOT EXISTS looks before the other's row is there. */
const MADE_MEANWHILE = ["23505", "42P06", "42P07"];
/**
 * Tried, not waited for: a session that waits holds a snapshot, on which another service's
 * `create index concurrently` would wait in turn. EXCLUSIVE lets a backup read on.
 */
const TAKE = "lock table taskchat.migration_lock in exclusive mode nowait";
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Do the work as the only migration of the database.
 *
 * @throws Error another one held the lock for 5 minutes, or ours was lost meanwhile; and what the
 * work throws.
 */
export async function aloneInDatabase<T>(
  directUrl: string,
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connectionSettings(directUrl));
  // It is idle for long. That it was lost shows at the end.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(NO_LIMITS);
    await makeTable(client);
    await take(client, log);
    const result = await work();
    await client.query("select 1");
    return result;
  } finally {
    await client.end();
  }
}

async function makeTable(client: pg.Client): Promise<void> {
  while ((await client.query(MISSING)).rows[0]?.missing === true) {
    try {
      for (const statement of MAKE) await client.query(statement);
    } catch (error) {
      if (!hasState(error, MADE_MEANWHILE)) throw error;
    }
  }
}

async function take(client: pg.Client, log: Log): Promise<void> {
  for (let waitedMs = 0; waitedMs < LOCK_WAIT_MS; waitedMs += LOCK_POLL_MS) {
    try {
      await client.query("begin");
      await client.query(TAKE);
      return;
    } catch (error) {
      if (!hasState(error, [LOCK_NOT_AVAILABLE])) throw error;
      await client.query("rollback");
    }
    if (waitedMs === 0) log("INFO", "waiting for another migration to end");
    await wait(LOCK_POLL_MS);
  }
  throw new Error("another migration held its lock for 5 minutes");
}

function hasState(error: unknown, states: readonly string[]): boolean {
  return error instanceof pg.DatabaseError && states.includes(error.code ?? "");
}
