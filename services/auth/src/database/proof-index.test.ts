import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import pg from "pg";
import {
  asTablesOwner,
  emptyDatabase,
  migrateQuietly,
  query,
  type TestDatabase,
} from "../../test/databases.ts";
import { until } from "../../test/service.ts";
import type { Log } from "../telemetry/logs.ts";
import { connectionSettings } from "./database.ts";
import { makeProofIndex } from "./proof-index.ts";

describe("a migration beside the version before, which writes proofs,", () => {
  let database: TestDatabase;

  before(async () => {
    database = await emptyDatabase();
    await migrateQuietly(database);
  });

  /** Hold what whoever writes a proof holds, meanwhile. */
  async function whileOneWrites(work: () => Promise<void>): Promise<void> {
    const writer = new pg.Client(connectionSettings(database.serviceUrl));
    await writer.connect();
    try {
      await writer.query("begin");
      await writer.query("delete from auth.verification where false");
      await work();
    } finally {
      await writer.end();
    }
  }
  const index = () =>
    asTablesOwner(
      database,
      "select indisvalid from pg_index where indexrelid = to_regclass('auth.verification_value')",
    );
  const dropIndex = () => asTablesOwner(database, "drop index auth.verification_value");
  /** A migration that has no time to wait for who writes. Returns what it has logged. */
  async function breakIndex(): Promise<string[]> {
    await dropIndex();
    const said: string[] = [];
    const migration = new pg.Client(connectionSettings(database.ownerUrl));
    await migration.connect();
    try {
      const hear: Log = (_level, message) => said.push(message);
      await whileOneWrites(() => makeProofIndex(migration, hear, "100ms"));
    } finally {
      await migration.end();
    }
    return said;
  }

  it("succeeds without its index where somebody writes for long", async () => {
    assert.deepEqual(await breakIndex(), ["index not made, the next migration makes it"]);
    assert.deepEqual(await index(), [{ indisvalid: false }]);
    await migrateQuietly(database);
    assert.deepEqual(await index(), [{ indisvalid: true }]);
  });

  it("waits for nobody who writes when its index is there", () =>
    whileOneWrites(() => migrateQuietly(database)));

  for (const [what, prepare] of [
    ["makes its index", dropIndex],
    ["makes its index anew, which an interrupted one left", breakIndex],
  ] as const) {
    it(`lets others write while it ${what}`, async () => {
      await prepare();
      let migrated = Promise.resolve();
      await whileOneWrites(async () => {
        migrated = migrateQuietly(database);
        await until("the migration waits", async () => {
          const waiting = `select from pg_stat_activity where datname = current_database()
            and wait_event_type = 'Lock' and query ~ '^(create|drop) index'`;
          return (await query(database.ownerUrl, waiting)).length > 0;
        });
        await query(
          database.serviceUrl,
          "set lock_timeout = '2s'; delete from auth.verification where false",
        );
      });
      await migrated;
      assert.deepEqual(await index(), [{ indisvalid: true }]);
    });
  }
});
