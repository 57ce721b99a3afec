import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { keyChangesIn } from "../../test/audit-lines.ts";
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
    const [, kid] = /^key (\S+) /.exec(published.stdout) ?? [];
    assert.deepEqual(keyChangesIn(published.stderr), [["published", kid]]);
    const again = await rotate("publish");
    assert.match(again.stdout, /is waiting already; activate it in \d+ s$/m);
    assert.equal(again.stderr, "");

    const hasty = await rotate("activate");
    assert.deepEqual([hasty.status, hasty.stderr], [1, ""]);
    assert.match(
      hasty.stdout,
      /is not known everywhere yet; activate it in \d+ s, or at once with/,
    );

    const [old] = await asTablesOwner(database, "select id from auth.jwks where id <> $1", [kid]);
    const forced = await rotate("activate", "--force");
    assert.equal(forced.status, 0);
    assert.match(
      forced.stdout,
      /^key \S+ signs from now on; 1 old keys revoked, refused everywhere within 360 s, at once by/m,
    );
    assert.deepEqual(keyChangesIn(forced.stderr), [
      ["activated", kid],
      ["revoked", old?.id],
    ]);
  });

  it("revokes a key, says what signs instead, and knows no other", async () => {
    const [signing] = await asTablesOwner(database, "select id from auth.jwks");
    const kid = String(signing?.id);
    const revoked = await rotate("revoke", kid);
    assert.equal(revoked.status, 0);
    assert.match(revoked.stdout, /^key \S+ is revoked, .* within 360 s.*; key \S+ signs from now/m);
    const [next] = await asTablesOwner(database, "select id from auth.jwks");
    assert.equal(revoked.stdout.match(/key (\S+) signs/)?.[1], next?.id);
    assert.deepEqual(keyChangesIn(revoked.stderr), [
      ["revoked", kid],
      ["activated", next?.id],
    ]);

    const again = await rotate("revoke", kid);
    assert.deepEqual([again.status, again.stderr], [1, ""]);
    assert.match(again.stdout, /^no key has this id; /);
    assert.equal((await rotate("revoke", "' or true --")).status, 1);
    assert.equal((await asTablesOwner(database, "select id from auth.jwks")).length, 1);
  });

  it("retires the old key on a calm day, and removes it when its time is over", async () => {
    const age = (seconds: number) =>
      asTablesOwner(
        database,
        `update auth.jwks set "expiresAt" = "expiresAt" - $1 * interval '1 second'
         where "expiresAt" is not null`,
        [seconds],
      );
    const [old] = await asTablesOwner(database, "select id from auth.jwks");
    const published = await rotate("publish");
    const [, kid] = /^key (\S+) is published/.exec(published.stdout) ?? [];
    await age(420);
    const activated = await rotate("activate");
    assert.match(activated.stdout, /signs from now on; 0 old keys removed$/m);
    assert.deepEqual(keyChangesIn(activated.stderr), [["activated", kid]]);

    await age(300 + 3600 + 1);
    const [, next] = /^key (\S+) is published/.exec((await rotate("publish")).stdout) ?? [];
    await age(420);
    assert.deepEqual(keyChangesIn((await rotate("activate")).stderr), [
      ["activated", next],
      ["removed", old?.id],
    ]);
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
