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
      if (part === "chat-gateway") signal = until;
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
      for (let first = 0; first < 3; first += 1) await reader.read();
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

  it("is long with one part finds the next one begun anew, which its service would cut off", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const begun: { part: string; until: AbortSignal }[] = [];
      const long = new TransformStream<Uint8Array, Uint8Array>();
      const twoParts = {
        export: (part: string, _userId: string, until: AbortSignal) => {
          begun.push({ part, until });
          if (part === "chat-gateway") return Promise.resolve(long.readable);
          const own = `{"time":${begun.length}}`;
          const waits = new ReadableStream({
            start: (controller) => {
              until.addEventListener("abort", () => controller.error(until.reason));
            },
            pull: (controller) => {
              controller.enqueue(new TextEncoder().encode(own));
              controller.close();
            },
          });
          return Promise.resolve(waits);
        },
      } as unknown as Errands;
      const stream = await exportPerson(database, twoParts, "00000000-0000-7000-8000-000000000000");
      const text = new Response(stream).text();
      const writer = long.writable.getWriter();
      await writer.write(new TextEncoder().encode("{"));
      mock.timers.tick(14_000);
      assert.equal(begun[1]?.until.aborted, false);
      await writer.write(new TextEncoder().encode("}"));
      mock.timers.tick(1_000);
      assert.deepEqual([begun[0]?.until.aborted, begun[1]?.until.aborted], [false, true]);
      await writer.close();
      assert.deepEqual(JSON.parse(await text).tasks, { time: 3 });
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
