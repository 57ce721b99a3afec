/** One statement, or one transaction, on a connection that is given back whatever becomes of it. */
import type pg from "pg";
import type { Connection, Database } from "./database.ts";

/** Do work on a connection of its own. */
async function connected<T>(
  database: Database,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await database.connect();
  try {
    return await work(connection);
  } finally {
    connection.release();
  }
}

/** Run one statement. */
export function queried(
  database: Database,
  sql: string,
  parameters: unknown[],
): Promise<pg.QueryResult> {
  return connected(database, (connection) => connection.query(sql, parameters));
}

/** Do work in one transaction: committed at its end, rolled back when it throws. */
export function inTransaction<T>(
  database: Database,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  return connected(database, async (connection) => {
    try {
      await connection.query("begin", []);
      const result = await work(connection);
      await connection.query("commit", []);
      return result;
    } catch (error) {
      // On a lost connection there is nothing to roll back, and the first error is the reason.
      await connection.query("rollback", []).catch(() => undefined);
      throw error;
    }
  });
}
