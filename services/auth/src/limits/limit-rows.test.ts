import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { createLimitRows, FORGET_LIMITS, type LimitRows, type Wait } from "./limit-rows.ts";

let database: TestDatabase;
/** Two replicas. */
const pools: Database[] = [];
let rows: LimitRows;
let others: LimitRows;

before(async () => {
  database = await migratedDatabase();
  for (let replica = 0; replica < 2; replica += 1) {
    pools.push(createDatabase(database.serviceUrl, () => undefined));
  }
  [rows, others] = pools.map(createLimitRows) as [LimitRows, LimitRows];
});
after(() => Promise.all(pools.map((pool) => pool.end())));

/** Let time pass for a key: no clock of Postgres can be moved. */
async function later(key: string, seconds: number): Promise<void> {
  const ago = `$2 * interval '1 second'`;
  const sql = [
    `update auth.limited_rate set until = until - ${ago} where key = $1`,
    `update auth.guess set until = until - ${ago}, tried_at = tried_at - ${ago},
       known_until = known_until - ${ago} where key = $1`,
  ];
  for (const statement of sql) await query(database.serviceUrl, statement, [key, seconds]);
}

const passed = (waits: Wait[]) => waits.filter((wait) => wait === null).length;

describe("a rate", () => {
  const rate = { most: 10, seconds: 60 };

  it("lets so many pass at once and no more, over all replicas", async () => {
    const asked = Array.from({ length: 60 }, (_, index) =>
      (index % 2 === 0 ? rows : others).pass("at once", rate),
    );
    assert.equal(passed(await Promise.all(asked)), 10);
  });

  it("says how long to wait, and means it", async () => {
    const asked = Array.from({ length: 11 }, () => rows.pass("waits", rate));
    const [wait] = (await Promise.all(asked)).filter((one) => one !== null);
    assert.ok(wait && wait.seconds >= 1 && wait.seconds <= 6, JSON.stringify(wait));
    await later("waits", wait.seconds);
    assert.equal(await rows.pass("waits", rate), null);
  });

  it("never refuses who comes at half of it, over three windows and without a pause", async () => {
    for (let request = 0; request < 15; request += 1) {
      assert.equal(await rows.pass("half", rate), null, `request ${request}`);
      await later("half", 12);
    }
  });

  it("never refuses who comes at all of it", async () => {
    for (let request = 0; request < 30; request += 1) {
      assert.equal(await rows.pass("all", rate), null, `request ${request}`);
      await later("all", 6);
    }
  });

  it("lets of who comes twice as often every second one pass", async () => {
    // A minute is an hour here, so that a slow machine's seconds count for nothing.
    const slow = { most: 10, seconds: 3600 };
    const waits: Wait[] = [];
    for (let request = 0; request < 60; request += 1) {
      waits.push(await rows.pass("twice", slow));
      await later("twice", 180);
    }
    assert.ok(Math.abs(passed(waits.slice(20)) - 20) <= 1, String(passed(waits.slice(20))));
  });

  it("is not used up by who was refused", async () => {
    await Promise.all(Array.from({ length: 50 }, () => rows.pass("refused", rate)));
    await later("refused", 6);
    assert.equal(await rows.pass("refused", rate), null);
  });

  it("is each key's own", async () => {
    await Promise.all(Array.from({ length: 11 }, () => rows.pass("mine", rate)));
    assert.equal(await rows.pass("yours", rate), null);
  });
});

describe("guesses of a password", () => {
  /** Try until so many were allowed, waiting each time as told; the waits. */
  async function tries(account: string, count: number): Promise<number[]> {
    const waits: number[] = [];
    for (let allowed = 0; allowed < count; ) {
      const wait = await rows.guess(account, `${account} from elsewhere`);
      if (wait === null) {
        allowed += 1;
        continue;
      }
      waits.push(wait.seconds);
      await later(account, wait.seconds);
    }
    return waits;
  }

  it("are five, however many replicas and addresses they come from at once", async () => {
    const asked = Array.from({ length: 64 }, (_, index) =>
      (index % 2 === 0 ? rows : others).guess("at once", `place ${index}`),
    );
    const tried = passed(await Promise.all(asked));
    // One more for each wait that a slow machine has sat out.
    assert.ok(tried >= 5 && tried <= 8, `${tried} of 64 were tried`);
  });

  it("wait twice as long each time, and never more than a minute", async () => {
    assert.deepEqual(await tries("growing", 14), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("do not wait longer because somebody asks while they wait", async () => {
    await tries("impatient", 6);
    for (let request = 0; request < 20; request += 1) {
      assert.deepEqual(await rows.guess("impatient", "anywhere"), { seconds: 2 });
    }
  });

  it("begin anew when the password was right", async () => {
    await tries("success", 9);
    await rows.guessed("success", "success from home");
    assert.deepEqual(await tries("success", 6), [1]);
  });

  it("do not keep somebody out of a place from which they have signed in", async () => {
    await rows.guessed("known", "known from home");
    await tries("known", 12);
    assert.notEqual(await rows.guess("known", "known from elsewhere"), null);
    for (let request = 0; request < 5; request += 1) {
      assert.equal(await rows.guess("known", "known from home"), null);
    }
    assert.deepEqual(await rows.guess("known", "known from home"), { seconds: 1 });
  });

  it("count at a place that is no longer known as anywhere", async () => {
    await rows.guessed("moved", "moved from home");
    await later("moved from home", 91 * 24 * 60 * 60);
    await tries("moved", 8);
    assert.notEqual(await rows.guess("moved", "moved from home"), null);
  });

  it("are forgotten after a day", async () => {
    await tries("yesterday", 9);
    await later("yesterday", 24 * 60 * 60 + 1);
    assert.deepEqual(await tries("yesterday", 6), [1]);
  });
});

describe("rows that say nothing any more", () => {
  it("can be taken away, and no others", async () => {
    const left = async () => {
      for (const statement of FORGET_LIMITS) await query(database.serviceUrl, statement, [1000]);
      const keys = `select key from auth.limited_rate union select key from auth.guess`;
      return (await query(database.serviceUrl, keys)).map(({ key }) => key);
    };
    await query(database.serviceUrl, "delete from auth.limited_rate");
    await query(database.serviceUrl, "delete from auth.guess");
    await rows.pass("rate", { most: 10, seconds: 60 });
    await rows.guess("account", "account from elsewhere");
    await rows.guessed("somebody", "somebody from home");
    assert.deepEqual((await left()).sort(), ["account", "rate", "somebody from home"]);
    for (const key of ["account", "rate", "somebody from home"]) await later(key, 25 * 60 * 60);
    assert.deepEqual(await left(), ["somebody from home"]);
  });
});
