/** The schema `auth`: its owner, the role that uses it, its tables and grants. */
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { asDatabaseOption, tableOptions } from "../accounts/auth.ts";
import { auditKeyChange } from "../keys/key-changes.ts";
import { ensureSigningKey, OWNER_ROLE } from "../keys/keys.ts";
import type { MigrationSettings } from "../settings/settings.ts";
import { createAuditLog } from "../telemetry/audit.ts";
import type { Log } from "../telemetry/logs.ts";
import { type Connection, connectionSettings, type Database } from "./database.ts";
import { aloneInDatabase } from "./migration-lock.ts";
import { OWN_TABLES } from "./own-tables.ts";
import { makeProofIndex } from "./proof-index.ts";

/** Settings go to the role: a pooler refuses them at connect. */
const ROLE_SETTINGS = {
  search_path: "auth",
  statement_timeout: "30s",
  idle_in_transaction_session_timeout: "15s",
  lock_timeout: "5s",
};

/** Better Auth 1.7.7 does not know its own bigint columns again: Postgres calls the type int8. */
const INT8_IS_BIGINT = "Expected number but got int8";

/**
 * Make role, schema, tables and grants what this version needs. `log` hears what was created.
 *
 * Idempotent, and safe when two run at once: the second waits for the first.
 *
 * @throws Error the service's role may do too much, or Postgres refused; nothing is half-done.
 */
export async function migrate(settings: MigrationSettings, log: Log): Promise<void> {
  await aloneInDatabase(settings.directUrl, log, () => bringUpToDate(settings, log));
}

async function bringUpToDate(settings: MigrationSettings, log: Log): Promise<void> {
  const client = new pg.Client(connectionSettings(settings.directUrl));
  await client.connect();
  try {
    const passwordIsSet = await logsIn(client, settings);
    let firstKey: string | null = null;
    await inTransaction(client, async () => {
      await prepareRoles(client, settings.databaseUrl, passwordIsSet);
      await client.query(`set local role ${OWNER_ROLE}`);
      await client.query("set local search_path to auth");
      await createTables(client, log);
      for (const statement of OWN_TABLES) await client.query(statement);
      firstKey = await ensureSigningKey(asConnection(client), settings.secret);
      await grantUse(client, settings.databaseUrl);
    });
    if (firstKey !== null) {
      auditKeyChange(createAuditLog(log, settings.secret), "activated", firstKey);
    }
    await makeProofIndex(client, log);
  } finally {
    await client.end();
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await work();
    await client.query("commit");
  } catch (error) {
    // On a lost connection there is nothing to roll back, and the first error is the reason.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Whether the database lets the service's role in with its password now. One that is not there yet
 * is not tried: the server's log would tell of an attack.
 */
async function logsIn(owner: pg.Client, settings: MigrationSettings): Promise<boolean> {
  const { user, password } = connectionSettings(settings.databaseUrl);
  const { rowCount } = await owner.query("select from pg_roles where rolname = $1", [user]);
  if (rowCount === 0) return false;
  const client = new pg.Client({ ...connectionSettings(settings.directUrl), user, password });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function prepareRoles(
  client: pg.Client,
  serviceUrl: string,
  passwordIsSet: boolean,
): Promise<void> {
  const { user, password } = connectionSettings(serviceUrl);
  const { rows } = await client.query(
    `select current_user as owner, current_database() as database,
            current_setting('server_version_num')::int >= 160000 as grants_have_options,
            to_regrole($1) is not null as owner_role_exists,
            to_regrole(quote_ident($2)) is not null as service_role_exists`,
    [OWNER_ROLE, user],
  );
  const found = rows[0];
  if (user === found.owner) {
    throw new Error(`DATABASE_URL must name a role of its own, not the owner ${user}`);
  }
  const role = client.escapeIdentifier(user);
  const database = client.escapeIdentifier(found.database);

  if (!found.owner_role_exists) await client.query(`create role ${OWNER_ROLE} nologin noinherit`);
  // Since 16 a creator administers a role without being able to act as it.
  const withSet = found.grants_have_options ? "with set true, inherit false" : "";
  await client.query(`grant ${OWNER_ROLE} to current_user ${withSet}`);
  await client.query(`create schema if not exists auth authorization ${OWNER_ROLE}`);

  if (!found.service_role_exists) await client.query(`create role ${role} login noinherit`);
  await refuseStrongRole(client, user);
  // Set again it would get another salt, and a PgBouncer that knows the old one could not log in for
  // clients that it has let in before. Neon takes no hashed passwords.
  const newPassword = passwordIsSet ? "" : `password ${client.escapeLiteral(password)}`;
  await client.query(`alter role ${role} with login noinherit ${newPassword}`);
  // A role may change its own settings, in this database and in all: what was put there goes.
  await client.query(`alter role ${role} reset all`);
  await client.query(`alter role ${role} in database ${database} reset all`);
  for (const [name, value] of Object.entries(ROLE_SETTINGS)) {
    await client.query(`alter role ${role} in database ${database} set ${name} = '${value}'`);
  }
  await client.query(`grant connect on database ${database} to ${role}`);
  await whereOwned(client, `revoke all on database ${database} from public`);
  await whereOwned(client, "revoke all on schema public from public");
}

/** Only a superuser may take these rights away, and only before 16, so we refuse instead. */
async function refuseStrongRole(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query(
    `select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication
            or exists (select from pg_auth_members where member = pg_roles.oid) as strong
     from pg_roles where rolname = $1`,
    [role],
  );
  if (rows[0]?.strong !== false) {
    throw new Error(
      `role ${role} of DATABASE_URL may do more than a service should (superuser, BYPASSRLS, ` +
        "CREATEDB, CREATEROLE, REPLICATION or a membership); name a role that migrate may create",
    );
  }
}

/** Run a statement that only the thing's owner may run, and leave the thing alone otherwise. */
async function whereOwned(client: pg.Client, statement: string): Promise<void> {
  await client.query("savepoint owned");
  try {
    await client.query(statement);
  } catch (error) {
    const insufficientPrivilege = "42501";
    if (!(error instanceof pg.DatabaseError) || error.code !== insufficientPrivilege) throw error;
    await client.query("rollback to savepoint owned");
  }
}

function asConnection(client: pg.Client): Connection {
  return {
    query: (sql: string, parameters: unknown[]) => client.query(sql, parameters),
    release: () => undefined,
  };
}

async function createTables(client: pg.Client, log: Log): Promise<void> {
  // One connection, so that role, search_path and transaction hold for every statement.
  const database: Omit<Database, "load"> = {
    connect: () => Promise.resolve(asConnection(client)),
    end: () => Promise.resolve(),
  };
  const plan = await getMigrations({
    ...tableOptions,
    database: asDatabaseOption(database),
    logger: {
      log: (_level, message) => {
        if (!message.includes(INT8_IS_BIGINT)) log("WARNING", message);
      },
    },
  });
  await plan.runMigrations();
  for (const { table } of plan.toBeCreated) log("INFO", "table created", { table });
  for (const { table } of plan.toBeAdded) log("INFO", "columns added", { table });
}

/**
 * Reading and writing rows, nothing else; for tables that are new as well as for old ones. Signing
 * keys are read only: who could write one could sign for anybody, unseen (ADR 0029).
 */
async function grantUse(client: pg.Client, serviceUrl: string): Promise<void> {
  const role = client.escapeIdentifier(connectionSettings(serviceUrl).user);
  await client.query(`grant usage on schema auth to ${role}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema auth to ${role}`,
  );
  // From a login that is being replaced too, which stays open until the last old pod is gone.
  const { rows } = await client.query(
    `select distinct grantee::regrole as name from pg_class, aclexplode(relacl)
     where pg_class.oid = 'auth.jwks'::regclass and grantee not in (0, relowner)
       and privilege_type in ('INSERT', 'UPDATE', 'DELETE')`,
  );
  for (const { name } of rows) {
    await client.query(`revoke insert, update, delete on auth.jwks from ${name}`);
  }
}
