/** Databases for tests: a new one for each file, on the server that `run.ts` names. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { connectionSettings } from "../src/database/database.ts";
import { migrate } from "../src/database/schema.ts";
import { SECRET } from "./service.ts";

export interface TestDatabase {
  /** Owner's URL: what migrations get as DATABASE_URL_DIRECT. */
  ownerUrl: string;
  /** URL of a service role of this database alone. */
  serviceUrl: string;
  serviceRole: string;
}

function ownerUrl(): URL {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error("start the tests with `npm test`");
  return new URL(url);
}

/** Run one statement over a connection of its own. */
export async function query(
  url: string,
  statement: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connectionSettings(url));
  await client.connect();
  try {
    return (await client.query(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** Run one statement as what owns the tables. */
export async function asTablesOwner(
  database: TestDatabase,
  statement: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connectionSettings(database.ownerUrl));
  await client.connect();
  try {
    await client.query("set role auth_owner");
    return (await client.query(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** A new database without any schema of ours. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const name = `auth_${randomBytes(6).toString("hex")}`;
  const owner = ownerUrl();
  await query(owner.href, `create database ${name}`);
  owner.pathname = `/${name}`;
  const service = new URL(owner);
  service.username = name;
  service.password = encodeURIComponent(`p@ss/${name}`);
  return { ownerUrl: owner.href, serviceUrl: service.href, serviceRole: name };
}

/** A new database as a release leaves it. */
export async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  await migrateQuietly(database);
  return database;
}

/** The migration, without its log. */
export async function migrateQuietly(database: TestDatabase): Promise<void> {
  const settings = {
    databaseUrl: database.serviceUrl,
    directUrl: database.ownerUrl,
    secret: SECRET,
    logLevel: "ERROR" as const,
  };
  await aloneOnServer(() => migrate(settings, () => undefined));
}

/**
 * Do something that no other test file does meanwhile.
 *
 * A migration's lock holds for its database; the role `auth_owner` belongs to the server, on which
 * every test file has a database of its own.
 */
export async function aloneOnServer<T>(work: () => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionSettings(ownerUrl().href));
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(1)");
    return await work();
  } finally {
    await client.end();
  }
}
