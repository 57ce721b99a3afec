/** The way to Postgres: its URL, one small pool, and the outages that callers must hear of. */
import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { errorFields, type Log } from "./logs.ts";
import { querySpan } from "./telemetry.ts";

/** How long a request waits for the database before it is refused, in milliseconds. */
export interface Limits {
  /** For a free or a new connection. */
  connectMs: number;
  /** For an answer. The role's statement_timeout ends statements, this one a network that hangs. */
  queryMs: number;
}

const LIMITS: Limits = { connectMs: 10_000, queryMs: 10_000 };
/** Idle connections are closed soon, so that a serverless database can fall asleep. */
const IDLE_LIMIT_MS = 10_000;
/** Better Auth holds one while it hashes a new password: 61 ms of CPU, four at a time. */
const CONNECTIONS = 10;

/** libpq would try TLS with some of these; we do, and check the certificate, with all others. */
const PLAIN_SSL_MODES = ["disable", "allow", "prefer"];

/**
 * Connection settings of a Postgres URL.
 *
 * `channel_binding` and `options` are dropped: PgBouncer and Neon's pooler refuse them. Without
 * `sslmode` there is no TLS. int8 becomes a number: Better Auth adds milliseconds to it, and with
 * pg's strings its rate limiter answers a retry-after in millennia.
 */
export function connectionSettings(url: string) {
  const { username, password, hostname, port, pathname, searchParams } = new URL(url);
  const sslMode = searchParams.get("sslmode") ?? "disable";
  return {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    // URL keeps the brackets of an IPv6 address, a socket does not take them.
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? 5432 : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: PLAIN_SSL_MODES.includes(sslMode) ? false : { rejectUnauthorized: true },
    application_name: "auth",
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format: "text") =>
        oid === pg.types.builtins.INT8
          ? Number
          : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  };
}

/** The part of pg's connection that Better Auth's query builder uses. */
export interface Connection {
  query(sql: string, parameters: unknown[]): Promise<pg.QueryResult>;
  release(): void;
}

/** The part of pg's pool that Better Auth's query builder uses. */
export interface Database {
  connect(): Promise<Connection>;
  end(): Promise<void>;
}

/** A pool whose failures are noticed by `noticingOutages`. It connects when it is first used. */
export function createDatabase(url: string, log: Log, limits: Limits = LIMITS): Database {
  const connection = connectionSettings(url);
  const pool = new pg.Pool({
    ...connection,
    max: CONNECTIONS,
    idleTimeoutMillis: IDLE_LIMIT_MS,
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.queryMs,
  });
  // A connection is lost while it is idle, or in use but between two statements: an event without
  // a listener would end the process. In use, the next statement is what reports it.
  pool.on("error", (error) => log("WARNING", "idle database connection lost", errorFields(error)));
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    connect: async () => {
      const client = await pool.connect().catch(outageNoticed);
      let usable = true;
      return {
        query: (sql, parameters) =>
          querySpan(sql, connection.database, () => client.query(sql, parameters)).catch(
            (error: unknown) => {
              if (!isOutage(error)) throw error;
              usable = false;
              return outageNoticed(error);
            },
          ),
        // A connection whose statement was given up still waits for that answer: never used again.
        release: () => client.release(!usable),
      };
    },
    end: () => pool.end(),
  };
}

/**
 * SQLSTATE classes that say "not now": connection, transaction rollback (deadlock), resources,
 * operator intervention and timeouts, system errors; and two single codes.
 * Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const OUTAGE_STATES = /^(08|40|53|57|58|25P03|55P03)/;

/** Whether a failed query says something of the database's state, rather than of the query. */
function isOutage(error: unknown): boolean {
  // What Postgres did not say itself comes from the socket or from one of the limits above.
  return !(error instanceof pg.DatabaseError) || OUTAGE_STATES.test(error.code ?? "");
}

interface Noticed {
  outage: unknown;
}

const currentWork = new AsyncLocalStorage<Noticed>();

function outageNoticed(error: unknown): never {
  const noticed = currentWork.getStore();
  if (noticed !== undefined) noticed.outage ??= error;
  throw error;
}

/** Either what the work returned, or the outage that it met. */
export type Outcome<T> = { result: T } | { outage: unknown };

/**
 * Do work, and hear of every database outage in it, whatever the work made of it.
 *
 * Better Auth 1.7.7 turns an outage into a missing session (401 on /token), a failed sign-up (422)
 * or a sign-out that succeeded (200), so its answers cannot be trusted to tell.
 *
 * @throws what the work throws when it met no outage.
 */
export async function noticingOutages<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  const noticed: Noticed = { outage: undefined };
  try {
    const result = await currentWork.run(noticed, work);
    if (noticed.outage === undefined) return { result };
  } catch (error) {
    if (noticed.outage === undefined) throw error;
  }
  return { outage: noticed.outage };
}
