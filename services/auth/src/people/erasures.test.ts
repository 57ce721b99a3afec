import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { until } from "../../test/service.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { listen } from "../telemetry/measurements.ts";
import { createErasures, IDLE_SECONDS } from "./erasures.ts";
import type { Errands } from "./errands.ts";

describe("a process that has nothing to erase", () => {
  const over = new AbortController();
  let database: TestDatabase;
  let pool: Database;
  let running: Promise<void>;
  /** How often the database was asked for something. */
  let statements = 0;
  /** Whom the services were asked to erase. */
  const asked: string[] = [];
  const errands: Errands = {
    erase: (part, userId) => {
      asked.push(`${part} ${userId}`);
      return Promise.resolve({ state: "done", deleted: {} });
    },
    export: () => Promise.reject(new Error("nobody exports")),
  };

  before(async () => {
    database = await migratedDatabase();
    pool = createDatabase(database.serviceUrl, () => undefined);
    const counted: Database = {
      ...pool,
      connect: () => {
        statements += 1;
        return pool.connect();
      },
    };
    running = createErasures(counted, () => undefined, 0.4).run(errands, over.signal);
  });
  after(async () => {
    over.abort();
    await running;
    await pool.end();
  });

  it("leaves the database alone", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000)); // two or three looks
    assert.ok(statements >= 2 && statements <= 8, `${statements} statements in a second`);
  });

  it("takes up what another one began and died over", async () => {
    const userId = randomUUID();
    await query(database.serviceUrl, `insert into auth.erasure ("userId") values ($1)`, [userId]);
    const finished = `select 1 from auth.erasure where "userId" = $1 and "finishedAt" is not null`;
    await until(
      "it is finished",
      async () => (await query(database.serviceUrl, finished, [userId])).length === 1,
    );
    assert.deepEqual(asked.sort(), [`chat-gateway ${userId}`, `mcp-tools ${userId}`]);
  });

  it("says how old the oldest is that does not finish, and that none is left", async () => {
    const oldest: number[] = [];
    listen(({ what, seconds }) => what === "oldest_erasure" && oldest.push(seconds));
    const [row] = await query(
      database.serviceUrl,
      `insert into auth.erasure ("userId", "requestedAt", "nextAt")
       values ($1, now() - interval '2 hours', now() + interval '1 hour') returning id`,
      [randomUUID()],
    );
    await until("its age is said", async () => oldest.some((age) => age >= 7200 && age < 7300));
    const finished = `update auth.erasure set "finishedAt" = now() where id = $1`;
    await query(database.serviceUrl, finished, [row?.id]);
    await until("none is left", async () => oldest.at(-1) === 0);
  });

  it("looks at least once a minute", () => {
    assert.ok(IDLE_SECONDS <= 60);
  });
});
