/** Something that happens between two statements of a request, which locks hold up meanwhile. */
import pg from "pg";
import { connectionSettings, type Database } from "../src/database/database.ts";
import { query } from "./databases.ts";
import { until } from "./service.ts";

/**
 * Hold up a request where it first writes into `table` (of the schema `auth`), do something else,
 * and let it go on. `change` gets the one connection that may write there; the last transaction on
 * it, or else its end, lets the request go on.
 *
 * Returns the request's answer.
 */
export async function meanwhile<T>(
  databaseUrl: string,
  table: string,
  request: () => Promise<T>,
  change: (database: Database) => Promise<unknown>,
): Promise<T> {
  const client = new pg.Client(connectionSettings(databaseUrl));
  await client.connect();
  try {
    await client.query("begin");
    await client.query(`lock table auth."${table}" in share mode`);
    const answer = request();
    // One that fails before it comes here is what the test then sees.
    const failed = answer.then(
      () => true,
      () => true,
    );
    await until(`a request waits for ${table}`, async () => {
      const waiting = `select from pg_locks l join pg_class c on c.oid = l.relation
        where not l.granted and c.relname = $1 and l.database =
          (select oid from pg_database where datname = current_database())`;
      const over = await Promise.race([failed, Promise.resolve(false)]);
      return over || (await query(databaseUrl, waiting, [table])).length > 0;
    });
    await change({
      connect: () =>
        Promise.resolve({
          query: (sql: string, parameters: unknown[]) => client.query(sql, parameters),
          release: () => undefined,
        }),
      load: () => ({ open: 1, idle: 0, waiting: 0, limit: 1 }),
      end: () => Promise.resolve(),
    });
    await client.query("commit");
    return await answer;
  } finally {
    await client.end();
  }
}
