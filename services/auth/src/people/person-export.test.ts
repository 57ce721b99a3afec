import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";
import { migratedDatabase } from "../../test/databases.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import type { Errands } from "./errands.ts";
import { exportPerson } from "./person-export.ts";

describe("an export whose reader", () => {
  let database: Database;
  let signal: AbortSignal;
  let ended = 0;
  const errands = {
    export: (part: string, _userId: string, until: AbortSignal) => {
      signal = until;
      return Promise.resolve(new Response(`{"part":"${part}"}`).body);
    },
  } as unknown as Errands;
  const exported = () =>
    exportPerson(database, errands, "00000000-0000-7000-8000-000000000000", () => {
      ended += 1;
    });

  before(async () => {
    database = createDatabase((await migratedDatabase()).serviceUrl, () => undefined);
    await queried(database, "select 1", []);
  });
  after(() => database.end());

  it("takes nothing for half a minute is cut off, and its parts are let go", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      ended = 0;
      const reader = (await exported()).getReader();
      await reader.read();
      mock.timers.tick(29_000);
      await reader.read();
      mock.timers.tick(29_000);
      assert.deepEqual([signal.aborted, ended], [false, 0]);
      mock.timers.tick(1_000);
      assert.deepEqual([signal.aborted, ended], [true, 1]);
      await assert.rejects(reader.read(), /its reader took nothing/);
    } finally {
      mock.timers.reset();
    }
  });

  it("is as fast as it may be is over after five minutes", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const reader = (await exported()).getReader();
      for (let half = 0; half < 4; half += 1) {
        await reader.read();
        mock.timers.tick(29_000);
      }
      mock.timers.tick(300_000 - 4 * 29_000);
      assert.equal(signal.aborted, true);
    } finally {
      mock.timers.reset();
    }
  });

  it("leaves is over", async () => {
    ended = 0;
    await (await exported()).cancel();
    assert.deepEqual([signal.aborted, ended], [true, 1]);
  });

  it("reads to the end is over, and has it whole", async () => {
    ended = 0;
    const text = await new Response(await exported()).text();
    assert.deepEqual(JSON.parse(text).chat, { part: "chat-gateway" });
    assert.deepEqual([signal.aborted, ended], [true, 1]);
  });
});
