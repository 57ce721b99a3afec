/** SQL of erasures: the person's rows in the schema `auth` go, a row that says so comes. */
import type { Connection, Database } from "../database/database.ts";
import { inTransaction, queried } from "../database/queries.ts";
import type { PartErased } from "./errands.ts";

/** How far one part is: `auth` itself, or a service. Counts and times, no words of the person. */
export interface PartReport extends PartErased {
  /** When it was last heard of, ISO 8601. */
  at: string;
  /** Why nothing is known of the last call, if it failed. */
  error?: string;
}

/** What is kept of an erasure. */
export interface ErasureRow {
  id: string;
  userId: string;
  requestedAt: Date;
  finishedAt: Date | null;
  attempts: number;
  parts: Record<string, PartReport>;
}

/** Makes the table; part of `OWN_TABLES`. `nextAt`: nobody else takes it up before. */
export const ERASURE_TABLE: readonly string[] = [
  `create table if not exists erasure (
     id uuid primary key default gen_random_uuid(),
     "userId" uuid not null unique,
     "requestedAt" timestamptz not null default now(),
     "nextAt" timestamptz not null default now(),
     attempts integer not null default 0,
     parts jsonb not null default '{}',
     "finishedAt" timestamptz
   )`,
  `create index if not exists erasure_unfinished on erasure ("nextAt") where "finishedAt" is null`,
];

const COLUMNS = `id, "userId", "requestedAt", "finishedAt", attempts, parts`;
/** How long a call of both services may take, and its answer to be written down. */
const CLAIM = "interval '30 seconds'";

/**
 * Take a person out of this schema, and note that the services have yet to.
 *
 * Idempotent: whoever was erased already has their row. Somebody who is not known here may still be
 * known to a service.
 */
export function beginErasure(database: Database, userId: string): Promise<ErasureRow> {
  // Makes true: nobody can sign in as this person, and the services will be told, whatever
  // becomes of this process.
  return inTransaction(database, async (connection) => {
    const deleted = await deleteAccount(connection, userId);
    const auth: PartReport = { state: "done", deleted, at: new Date().toISOString() };
    const begun = await connection.query(
      `insert into auth.erasure ("userId", parts) values ($1, $2)
       on conflict ("userId") do update set "nextAt" = auth.erasure."nextAt" returning ${COLUMNS}`,
      [userId, JSON.stringify({ auth })],
    );
    return begun.rows[0] as ErasureRow;
  });
}

async function deleteAccount(connection: Connection, userId: string) {
  const deleted: Record<string, number> = {};
  const count = (table: string, rows: number | null) => {
    if (rows) deleted[table] = (deleted[table] ?? 0) + rows;
  };
  const known = await connection.query(`select email from auth."user" where id = $1 for update`, [
    userId,
  ]);
  const email: string | null = known.rows[0]?.email ?? null;
  // Read from the catalog: a plugin of Better Auth's that is added brings tables of its own.
  const tables = await connection.query(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r' and a.attname = 'userId'
       and not a.attisdropped and c.relname <> 'erasure'`,
    [],
  );
  for (const { name } of tables.rows as { name: string }[]) {
    const gone = await connection.query(`delete from auth."${name}" where "userId" = $1`, [userId]);
    count(name, gone.rowCount);
  }
  const verifications = await connection.query(
    `delete from auth.verification
     where strpos(value, $1) > 0 or strpos(identifier, $1) > 0
        or ($2::text is not null
            and (strpos(lower(identifier), lower($2)) > 0 or strpos(lower(value), lower($2)) > 0))`,
    [userId, email],
  );
  count("verification", verifications.rowCount);
  const people = await connection.query(`delete from auth."user" where id = $1`, [userId]);
  count("user", people.rowCount);
  return deleted;
}

/** Take up an erasure that is due, for half a minute; nobody else does meanwhile. */
export async function claimErasure(database: Database): Promise<ErasureRow | undefined> {
  const claimed = await queried(
    database,
    `update auth.erasure set "nextAt" = now() + ${CLAIM}, attempts = attempts + 1
     where id = (select id from auth.erasure where "finishedAt" is null and "nextAt" <= now()
                 order by "nextAt" limit 1 for update skip locked)
     returning ${COLUMNS}`,
    [],
  );
  return claimed.rows[0];
}

/** Write down how far it is; whoever took it up later knows more. `nextInSeconds`: null: done. */
export async function noteErasure(
  database: Database,
  { id, attempts, parts }: ErasureRow,
  nextInSeconds: number | null,
): Promise<void> {
  await queried(
    database,
    `update auth.erasure set parts = $3,
       "nextAt" = now() + make_interval(secs => coalesce($4::float8, 0)),
       "finishedAt" = case when $4::float8 is null then now() end
     where id = $1 and attempts = $2 and "finishedAt" is null`,
    [id, attempts, JSON.stringify(parts), nextInSeconds],
  );
}

/** What is not finished: `dueInSeconds` below 0 when one is due, null when there is none. */
export interface OpenErasures {
  dueInSeconds: number | null;
  /** Since the oldest was asked for; 0 when there is none. */
  oldestSeconds: number;
}

export async function openErasures(database: Database): Promise<OpenErasures> {
  const found = await queried(
    database,
    `select extract(epoch from min("nextAt") - now())::float8 as "dueInSeconds",
            coalesce(extract(epoch from now() - min("requestedAt")), 0)::float8 as "oldestSeconds"
     from auth.erasure where "finishedAt" is null`,
    [],
  );
  return found.rows[0] as OpenErasures;
}

/** What is kept of a person's erasure. */
export async function erasureOf(
  database: Database,
  userId: string,
): Promise<ErasureRow | undefined> {
  const sql = `select ${COLUMNS} from auth.erasure where "userId" = $1`;
  return (await queried(database, sql, [userId])).rows[0];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of whom an operator means, by id or address; null: nobody has this address. */
export async function personNamed(database: Database, named: string): Promise<string | null> {
  if (UUID.test(named)) return named;
  const sql = `select id from auth."user" where email = lower($1)`;
  return (await queried(database, sql, [named])).rows[0]?.id ?? null;
}
