import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { migratedDatabase } from "../test/databases.ts";
import { readyService, run, variables } from "../test/service.ts";

describe("the command", () => {
  let databaseUrl: string;

  before(async () => {
    databaseUrl = (await migratedDatabase()).serviceUrl;
    await (await readyService(databaseUrl)).stop();
  });

  const rotate = (...args: string[]) => run("rotate-keys", args, variables(databaseUrl));

  it("publishes, refuses to be hasty, and activates when it is told to", async () => {
    const nothing = await rotate("activate");
    assert.deepEqual([nothing.status, nothing.stderr], [1, ""]);
    assert.match(nothing.stdout, /^no key is waiting; publish one first$/m);

    const published = await rotate("publish");
    assert.equal(published.status, 0);
    assert.match(
      published.stdout,
      /^key \S+ is published and signs nothing yet; activate it in 660 s$/m,
    );
    assert.match((await rotate("publish")).stdout, /is waiting already; activate it in \d+ s$/m);

    const hasty = await rotate("activate");
    assert.equal(hasty.status, 1);
    assert.match(
      hasty.stdout,
      /is not known everywhere yet; activate it in \d+ s, or at once with/,
    );

    const forced = await rotate("activate", "--force");
    assert.equal(forced.status, 0);
    assert.match(forced.stdout, /^key \S+ signs from now on; 0 old keys removed$/m);
  });

  for (const args of [[], ["publish", "--force"], ["activate", "--now"]]) {
    it(`explains itself after '${args.join(" ")}'`, async () => {
      const { status, stderr } = await rotate(...args);
      assert.equal(status, 2);
      assert.match(stderr, /^usage: /);
    });
  }

  it("fails in one line without the database", async () => {
    const nowhere = new URL(databaseUrl);
    nowhere.port = "1";
    const { status, stderr } = await run("rotate-keys", ["publish"], variables(nowhere.href));
    assert.equal(status, 1);
    assert.match(stderr, /^\{.*ECONNREFUSED.*\}\n$/);
  });

  it("ends with 2 without its settings", async () => {
    const { status, stderr } = await run("rotate-keys", ["publish"], {});
    assert.equal(status, 2);
    assert.match(stderr, /^DATABASE_URL is missing/);
  });
});
