import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import {
  aloneOnServer,
  emptyDatabase,
  migrateQuietly,
  query,
  type TestDatabase,
} from "../../test/databases.ts";
import { run, SECRET } from "../../test/service.ts";
import { createAuth } from "../accounts/auth.ts";
import { connectionSettings, createDatabase } from "./database.ts";
import { aloneInDatabase } from "./migration-lock.ts";
import { migrate } from "./schema.ts";

const DENIED = { code: "42501" };

const migrationVariables = (serviceUrl: string, ownerUrl: string) => ({
  DATABASE_URL: serviceUrl,
  DATABASE_URL_DIRECT: ownerUrl,
  BETTER_AUTH_SECRET: SECRET,
});

/** Everything that a migration can change, to compare. */
async function shape(database: TestDatabase): Promise<unknown> {
  return {
    columns: await query(
      database.ownerUrl,
      `select table_name, column_name, data_type, is_nullable, column_default
       from information_schema.columns where table_schema = 'auth' order by 1, 2`,
    ),
    rights: await query(
      database.ownerUrl,
      `select c.relname, c.relacl::text, pg_get_userbyid(c.relowner) as owner from pg_class c
       where relnamespace = 'auth'::regnamespace order by 1`,
    ),
  };
}

describe("a migration", () => {
  let database: TestDatabase;

  before(async () => {
    database = await emptyDatabase();
    await migrateQuietly(database);
  });

  const asService = (statement: string) => query(database.serviceUrl, statement);

  it("makes all that the server wants, and a second one changes nothing", async () => {
    const first = await shape(database);
    await migrateQuietly(database);
    assert.deepEqual(await shape(database), first);

    const settings = {
      host: "127.0.0.1",
      metricsPort: null,
      buildRevision: "unknown",
      port: 0,
      databaseUrl: database.serviceUrl,
      secret: SECRET,
      url: "http://localhost:8001",
      allowedOrigins: [],
      clientIpHeader: null,
      rateLimitEnabled: true,
      jwtLifetimeSeconds: 300,
      edgeBeginsTraces: false,
      logLevel: "ERROR" as const,
      mail: null,
      mailboxUrl: null,
      parts: null,
      traces: null,
    };
    const pool = createDatabase(database.serviceUrl, () => undefined);
    const plan = await getMigrations(createAuth(settings, pool, () => undefined).options);
    await pool.end();
    assert.deepEqual(
      [plan.toBeCreated, plan.toBeAdded, plan.toBeAddedIndexes, plan.schemaProblems],
      [[], [], [], []],
    );
  });

  it("waits for another one that runs", async () => {
    const contended = await emptyDatabase();
    const { serviceUrl: databaseUrl, ownerUrl: directUrl } = contended;
    const settings = { databaseUrl, directUrl, secret: SECRET, logLevel: "ERROR" as const };
    const migration = () => migrate(settings, () => undefined);
    await aloneOnServer(() => Promise.all([migration(), migration(), migration()]));
    const users = await query(contended.serviceUrl, "select count(*)::int from auth.user");
    assert.deepEqual(users, [{ count: 0 }]);
  });

  it("leaves tables that belong to a role nobody can sign in as", async () => {
    const [owner] = await query(
      database.ownerUrl,
      `select rolcanlogin, (select count(*)::int from pg_class where relowner = r.oid
         and relnamespace = 'auth'::regnamespace and relkind = 'r') as tables,
         pg_get_userbyid((select nspowner from pg_namespace where nspname = 'auth')) as schema_owner
       from pg_roles r where rolname = 'auth_owner'`,
    );
    assert.deepEqual(owner, { rolcanlogin: false, tables: 9, schema_owner: "auth_owner" });
  });

  it("leaves a service role that is nothing, owns nothing and is a member of nothing", async () => {
    const [role] = await query(
      database.ownerUrl,
      `select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolinherit, rolreplication,
         (select count(*)::int from pg_class where relowner = r.oid) as owned,
         (select count(*)::int from pg_auth_members where member = r.oid) as memberships
       from pg_roles r where rolname = $1`,
      [database.serviceRole],
    );
    assert.deepEqual(role, {
      rolsuper: false,
      rolbypassrls: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolinherit: false,
      rolreplication: false,
      owned: 0,
      memberships: 0,
    });
  });

  for (const statement of [
    "create table auth.x (id int)",
    "create table public.x (id int)",
    "create temporary table x (id int)",
    "create schema x",
    "drop table auth.user cascade",
    "truncate auth.session",
    "set role auth_owner",
    `insert into auth.jwks ("publicKey", "privateKey", "createdAt") values ('{}', '{}', now())`,
    `update auth.jwks set "publicKey" = '{}'`,
    "delete from auth.jwks",
    "do $$ begin lock table auth.jwks in row share mode; end $$",
    "do $$ begin lock table taskchat.migration_lock in exclusive mode; end $$",
  ]) {
    it(`leaves a service role that may not ${statement}`, async () => {
      await assert.rejects(asService(statement), (error) => {
        // Only an owner may change or drop a table, whatever was granted.
        assert.equal((error as { code: string }).code, DENIED.code);
        return true;
      });
    });
  }

  it("keeps other services' roles out", async () => {
    const other = new URL(database.serviceUrl);
    other.username = `${database.serviceRole}_other`;
    await query(database.ownerUrl, `create role ${other.username} login password 'x'`);
    other.password = "x";
    await assert.rejects(query(other.href, "select 1"), DENIED);
    const name = other.pathname.slice(1);
    await query(database.ownerUrl, `grant connect on database ${name} to ${other.username}`);
    await assert.rejects(query(other.href, "select * from auth.user"), DENIED);
  });

  it("takes back what the role has set for itself", async () => {
    const [name] = await asService("select current_database() as name");
    const role = database.serviceRole;
    await asService(`alter role ${role} set lock_timeout = 0`);
    await asService(`alter role ${role} in database ${name?.name} set statement_timeout = 0`);
    await migrateQuietly(database);
    assert.deepEqual(await asService("show statement_timeout"), [{ statement_timeout: "30s" }]);
    assert.deepEqual(await asService("show lock_timeout"), [{ lock_timeout: "5s" }]);
  });

  it("gives back a password that the role has changed", async () => {
    await asService(`alter role ${database.serviceRole} password 'the thief''s'`);
    await assert.rejects(asService("select 1"), { code: "28P01" });
    await migrateQuietly(database);
    assert.deepEqual(await asService("select 1 as one"), [{ one: 1 }]);
  });

  it("is not stopped by an advisory lock, which any role can take", async () => {
    const thief = new pg.Client(connectionSettings(database.serviceUrl));
    await thief.connect();
    try {
      await thief.query("select pg_advisory_lock(hashtextextended('taskchat migrations', 0))");
      await thief.query("select pg_advisory_lock(7236501148)");
      await migrateQuietly(database);
    } finally {
      await thief.end();
    }
  });

  it("gives the role a new password", async () => {
    const rotated = new URL(database.serviceUrl);
    rotated.password = 'it\'s%20"new"%5C';
    await migrateQuietly({ ...database, serviceUrl: rotated.href });
    assert.deepEqual(await query(rotated.href, "select 1 as one"), [{ one: 1 }]);
    await assert.rejects(asService("select 1"), { code: "28P01" });
    await migrateQuietly(database);
  });

  it("refuses to run the service as the owner", async () => {
    await assert.rejects(
      migrateQuietly({ ...database, serviceUrl: database.ownerUrl }),
      /must name a role of its own/,
    );
  });

  for (const power of ["createdb", "createrole"]) {
    it(`refuses a role with ${power}`, async () => {
      const strong = await emptyDatabase();
      await query(strong.ownerUrl, `create role ${strong.serviceRole} login ${power}`);
      await assert.rejects(migrateQuietly(strong), /may do more than a service should/);
    });
  }

  it("refuses a role that has another one's rights", async () => {
    const member = await emptyDatabase();
    await query(
      member.ownerUrl,
      `create role ${member.serviceRole} login in role ${database.serviceRole}`,
    );
    await assert.rejects(migrateQuietly(member), /may do more than a service should/);
    const schemas = await query(member.ownerUrl, "select to_regnamespace('auth') as auth");
    assert.deepEqual(schemas, [{ auth: null }]);
  });
});

describe("the command", () => {
  it("says what is missing and ends with 2", async () => {
    const { status, stderr } = await run("migrate", [], {});
    assert.equal(status, 2);
    assert.deepEqual(stderr.match(/^\w+ is missing/gm), [
      "DATABASE_URL is missing",
      "DATABASE_URL_DIRECT is missing",
      "BETTER_AUTH_SECRET is missing",
    ]);
  });

  it("says why it failed and ends with 1, without a password", async () => {
    const { ownerUrl, serviceUrl } = await emptyDatabase();
    const direct = new URL(ownerUrl);
    direct.password = "not-the-password";
    const failed = await run("migrate", [], {
      DATABASE_URL: serviceUrl,
      DATABASE_URL_DIRECT: direct.href,
      BETTER_AUTH_SECRET: SECRET,
    });
    assert.equal(failed.status, 1);
    assert.match(failed.stdout, /password authentication failed/);
    assert.doesNotMatch(failed.stdout + failed.stderr, /not-the-password|p@ss/);
  });

  it("ends at SIGTERM while it waits for another one", async () => {
    const { ownerUrl, serviceUrl } = await emptyDatabase();
    const variables = migrationVariables(serviceUrl, ownerUrl);
    const silent = () => undefined;
    await aloneInDatabase(ownerUrl, silent, async () => {
      const ended = await run("migrate", [], variables, "waiting for another migration to end");
      assert.equal(ended.status, 143);
      assert.match(ended.stdout, /stopped by SIGTERM/);
    });
  });

  it("migrates, says so, and ends with 0", async () => {
    const { ownerUrl, serviceUrl } = await emptyDatabase();
    const urls = migrationVariables(serviceUrl, ownerUrl);
    const done = await aloneOnServer(() => run("migrate", [], urls));
    assert.deepEqual([done.status, done.stderr], [0, ""]);
    assert.match(done.stdout, /schema auth is up to date/);
  });
});
