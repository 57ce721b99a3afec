import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { asTablesOwner, migratedDatabase, type TestDatabase } from "../../test/databases.ts";
import { run, SECRET } from "../../test/service.ts";

describe("the command", () => {
  let database: TestDatabase;

  before(async () => {
    database = await migratedDatabase();
  });

  const settings = (url: string) => ({ DATABASE_URL_DIRECT: url, BETTER_AUTH_SECRET: SECRET });
  const rotate = (...args: string[]) => run("rotate-keys", args, settings(database.ownerUrl));

  it("publishes, refuses to be hasty, and activates when it is told to", async () => {
    const nothing = await rotate("activate");
    assert.deepEqual([nothing.status, nothing.stderr], [1, ""]);
    assert.match(nothing.stdout, /^no key is waiting; publish one first$/m);

    const published = await rotate("publish");
    assert.equal(published.status, 0);
    assert.match(
      published.stdout,
      /^key \S+ is published and signs nothing yet; activate it in 420 s$/m,
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
    assert.match(
      forced.stdout,
      /^key \S+ signs from now on; 1 old keys revoked, refused everywhere within 360 s, at once by/m,
    );
  });

  it("revokes a key, says what signs instead, and knows no other", async () => {
    const [signing] = await asTablesOwner(database, "select id from auth.jwks");
    const kid = String(signing?.id);
    const revoked = await rotate("revoke", kid);
    assert.equal(revoked.status, 0);
    assert.match(revoked.stdout, /^key \S+ is revoked, .* within 360 s.*; key \S+ signs from now/m);
    const [next] = await asTablesOwner(database, "select id from auth.jwks");
    assert.equal(revoked.stdout.match(/key (\S+) signs/)?.[1], next?.id);

    const again = await rotate("revoke", kid);
    assert.deepEqual([again.status, again.stderr], [1, ""]);
    assert.match(again.stdout, /^no key has this id; /);
    assert.equal((await rotate("revoke", "' or true --")).status, 1);
    assert.equal((await asTablesOwner(database, "select id from auth.jwks")).length, 1);
  });

  for (const args of [
    [],
    ["publish", "--force"],
    ["activate", "--now"],
    ["activate", "--force", "x"],
    ["revoke"],
    ["revoke", "x", "--force"],
  ]) {
    it(`explains itself after '${args.join(" ")}'`, async () => {
      const { status, stderr } = await rotate(...args);
      assert.equal(status, 2);
      assert.match(stderr, /^usage: /);
    });
  }

  it("fails in one line without the database", async () => {
    const nowhere = new URL(database.ownerUrl);
    nowhere.port = "1";
    const { status, stderr } = await run("rotate-keys", ["publish"], settings(nowhere.href));
    assert.equal(status, 1);
    assert.match(stderr, /^\{.*ECONNREFUSED.*\}\n$/);
  });

  it("ends with 2 without its settings", async () => {
    const { status, stderr } = await run("rotate-keys", ["publish"], {});
    assert.equal(status, 2);
    assert.match(stderr, /^DATABASE_URL_DIRECT is missing/);
  });
});
