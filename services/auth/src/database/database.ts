/** The way to Postgres: its URL, one small pool, and the outages that callers must hear of. */
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import pg from "pg";
import { errorFields, type Log } from "../telemetry/logs.ts";
import { measured } from "../telemetry/measurements.ts";
import { querySpan } from "../telemetry/telemetry.ts";

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
/** Better Auth holds one while it hashes a new password; `passwordGate` bounds how many do. */
const CONNECTIONS = 10;

/** libpq goes on in plain text where TLS fails with these. */
const OPPORTUNISTIC_SSL_MODES = ["allow", "prefer"];
const THIS_MACHINE = ["", "localhost", "127.0.0.1", "::1"];

/**
 * Connection settings of a Postgres URL.
 *
 * TLS by the rule of the Python services (libs/servicekit, `database/urls.py`): without `sslmode`,
 * or with an opportunistic one, none to this machine and verified TLS to any other; verified with
 * all others but `disable`. `channel_binding` and `options` are dropped, because PgBouncer and Neon's
 * pooler refuse them, and `connect_timeout`, because our own limits count. int8 becomes a number:
 * with pg's strings, arithmetic on it would join digits.
 *
 * @throws Error the file of `sslrootcert` cannot be read.
 */
export function connectionSettings(url: string) {
  const { username, password, hostname, port, pathname, searchParams } = new URL(url);
  // URL keeps the brackets of an IPv6 address, a socket does not take them.
  const host = searchParams.get("host") ?? hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    host,
    port: port === "" ? 5432 : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: tls(host, searchParams),
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

function tls(host: string, parameters: URLSearchParams) {
  const mode = parameters.get("sslmode") ?? "prefer";
  const local = host.startsWith("/") || THIS_MACHINE.includes(host);
  if (mode === "disable" || (OPPORTUNISTIC_SSL_MODES.includes(mode) && local)) return false;
  const authorities = parameters.get("sslrootcert") ?? "system";
  const ca = authorities === "system" ? {} : { ca: readFileSync(authorities) };
  return { rejectUnauthorized: true, ...ca };
}

/** The part of pg's connection that Better Auth's query builder uses. */
export interface Connection {
  query(sql: string, parameters: unknown[]): Promise<pg.QueryResult>;
  release(): void;
}

/** The part of pg's pool that Better Auth's query builder uses. */
export interface Database {
  connect(): Promise<Connection>;
  /** How many connections there are, and how many requests wait for one. */
  load(): PoolLoad;
  end(): Promise<void>;
}

export interface PoolLoad {
  open: number;
  idle: number;
  waiting: number;
  /** The most that are opened. */
  limit: number;
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
      const client = await measured("connection_wait", () => pool.connect()).catch(outageNoticed);
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
    load: () => ({
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      limit: CONNECTIONS,
    }),
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
