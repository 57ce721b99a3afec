import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { decodeProtectedHeader } from "jose";
import { keyChangesIn } from "../../test/audit-lines.ts";
import {
  asTablesOwner,
  migratedDatabase,
  migrateQuietly,
  query,
  type TestDatabase,
} from "../../test/databases.ts";
import {
  type Person,
  readyService,
  run,
  SECRET,
  type Service,
  signUp,
  startService,
  token,
  until,
  variables,
} from "../../test/service.ts";
import { type Auth, createAuth } from "../accounts/auth.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { createRotation, PUBLICATION_SECONDS, type Rotation } from "./keys.ts";

const GRACE_SECONDS = 300 + 3600;

describe("the first key", () => {
  it("is made by the migration, once", async () => {
    const database = await migratedDatabase();
    const keys = () => asTablesOwner(database, "select id from auth.jwks");
    const first = await keys();
    assert.equal(first.length, 1);
    await migrateQuietly(database);
    assert.deepEqual(await keys(), first);
  });

  it("is told in the audit, when it is made", async () => {
    const database = await migratedDatabase();
    await asTablesOwner(database, "delete from auth.jwks");
    const { status, stdout } = await run("migrate", [], {
      ...variables(database.serviceUrl),
      DATABASE_URL_DIRECT: database.ownerUrl,
    });
    assert.equal(status, 0, stdout);
    const [key] = await asTablesOwner(database, "select id from auth.jwks");
    assert.deepEqual(keyChangesIn(stdout), [["activated", key?.id]]);
  });

  it("is waited for by a server that finds none, which may make none itself", async () => {
    const database = await migratedDatabase();
    await asTablesOwner(database, "delete from auth.jwks");
    const service = await startService(database.serviceUrl);
    await until("it says why", () => Promise.resolve(/not loaded/.test(service.output())));
    assert.equal((await service.fetch("/readyz")).status, 503);
    assert.notEqual((await service.fetch("/api/auth/jwks")).status, 200);
    assert.deepEqual(await asTablesOwner(database, "select id from auth.jwks"), []);
    await service.stop();
  });

  it("is not readable in the database", async () => {
    const { serviceUrl } = await migratedDatabase();
    const [key] = await query(serviceUrl, `select "publicKey", "privateKey" from auth.jwks`);
    const { x } = JSON.parse(String(key?.publicKey)) as { x: string };
    assert.equal(String(key?.privateKey).includes(x), false);
    assert.doesNotMatch(String(key?.privateKey), /"d"|kty|OKP/);
  });
});

describe("rotation", () => {
  let database: TestDatabase;
  let service: Service;
  let person: Person;
  let pool: Database;
  let auth: Auth;
  let owner: Database;
  let keys: Rotation;
  let oldKey: string;
  let newKey: string;

  before(async () => {
    database = await migratedDatabase();
    service = await readyService(database.serviceUrl);
    person = await signUp(service);
    const settings = readServiceSettings(variables(database.serviceUrl));
    assert.ok(!("complaints" in settings));
    pool = createDatabase(database.serviceUrl, () => undefined);
    auth = createAuth(settings, pool, () => undefined);
    owner = createDatabase(database.ownerUrl, () => undefined);
    keys = createRotation({ ...settings, directUrl: database.ownerUrl }, owner);
    [oldKey = ""] = await listedAfresh();
  });
  after(async () => {
    await service.stop();
    await pool.end();
    await owner.end();
  });

  const signingKey = async () => decodeProtectedHeader(await token(service, person)).kid;
  /** The keys as a replica lists them that has no copy yet. */
  const listedAfresh = async () => (await auth.api.getJwks()).keys.map((key) => key.kid);
  /** Let time pass for a key: no clock of Postgres can be moved. */
  const age = (kid: string, seconds: number) =>
    asTablesOwner(
      database,
      `update auth.jwks set "expiresAt" = "expiresAt" - $2 * interval '1 second' where id = $1`,
      [kid, seconds],
    );

  it("activates nothing that was not published", async () => {
    assert.deepEqual(await keys.activate({ force: true }), { outcome: "nothing_published" });
    assert.equal(await signingKey(), oldKey);
  });

  it("publishes one key, which signs nothing, however often it is asked", async () => {
    // With all connections open, so that all begin at once.
    const connections = await Promise.all(Array.from({ length: 8 }, () => owner.connect()));
    for (const connection of connections) connection.release();
    const published = await Promise.all(connections.map(() => keys.publish()));
    newKey = published[0]?.kid ?? "";
    assert.ok(published.every(({ kid }) => kid === newKey));
    assert.equal(published.filter(({ already }) => already).length, 7);
    assert.deepEqual((await listedAfresh()).sort(), [oldKey, newKey].sort());
    assert.equal(await signingKey(), oldKey);
  });

  it("does not activate a key before every verifier has it", async () => {
    await age(newKey, PUBLICATION_SECONDS - 60);
    const refused = await keys.activate({ force: false });
    assert.ok(refused.outcome === "too_early" && refused.activeInSeconds > 50);
    assert.equal(await signingKey(), oldKey);
  });

  it("activates it then, at once for every replica, and keeps the old one listed", async () => {
    await age(newKey, 60);
    assert.equal((await keys.activate({ force: false })).outcome, "activated");
    assert.equal(await signingKey(), newKey);
    assert.deepEqual((await listedAfresh()).sort(), [oldKey, newKey].sort());
  });

  it("drops the old one when its last token is long gone", async () => {
    await age(oldKey, GRACE_SECONDS - 60);
    assert.equal((await listedAfresh()).length, 2);
    await age(oldKey, 61);
    assert.deepEqual(await listedAfresh(), [newKey]);
  });

  it("activates at once when it is forced, and revokes every other", async () => {
    const retired = await signingKey();
    const { kid } = await keys.publish();
    await keys.activate({ force: false });
    await age(kid, PUBLICATION_SECONDS);
    assert.equal((await keys.activate({ force: false })).outcome, "activated");
    const leaked = await signingKey();
    assert.deepEqual((await listedAfresh()).sort(), [retired, leaked].sort());

    const next = await keys.publish();
    const activation = await keys.activate({ force: true });
    assert.ok(activation.outcome === "activated" && activation.kid === next.kid);
    assert.deepEqual(activation.removed.sort(), [retired, leaked].sort());
    assert.equal(await signingKey(), next.kid);
    assert.deepEqual(await listedAfresh(), [next.kid]);
  });

  it("revokes a retired key, and goes on signing with the same one", async () => {
    const retired = await signingKey();
    const { kid } = await keys.publish();
    await age(kid, PUBLICATION_SECONDS);
    await keys.activate({ force: false });
    assert.deepEqual(await keys.revoke(retired ?? ""), { outcome: "revoked", next: null });
    assert.deepEqual(await listedAfresh(), [kid]);
    assert.equal(await signingKey(), kid);
  });

  it("revokes the signing key, and a new one signs at once for every replica", async () => {
    const leaked = (await signingKey()) ?? "";
    const revocation = await keys.revoke(leaked);
    assert.ok(revocation.outcome === "revoked" && revocation.next !== null);
    assert.deepEqual(await listedAfresh(), [revocation.next]);
    assert.equal(await signingKey(), revocation.next);
    assert.deepEqual(await keys.revoke(leaked), { outcome: "unknown" });
  });

  it("revokes the signing key, and the one that waited signs", async () => {
    const { kid } = await keys.publish();
    const revocation = await keys.revoke((await signingKey()) ?? "");
    assert.deepEqual(revocation, { outcome: "revoked", next: kid });
    assert.equal(await signingKey(), kid);
  });

  it("does not activate a key that has left the JWKS while it waited", async () => {
    const { kid } = await keys.publish();
    await age(kid, GRACE_SECONDS + 1);
    assert.equal((await keys.activate({ force: true })).outcome, "nothing_published");
    assert.notEqual((await keys.publish()).kid, kid);
  });

  it("is the way out when the secret that encrypted the keys is lost", async () => {
    const other = { BETTER_AUTH_SECRET: SECRET.toUpperCase() };
    const refused = await run(
      "server",
      [],
      variables(database.serviceUrl, { PORT: "0", ...other }),
    );
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /^BETTER_AUTH_SECRET is wrong: another one encrypted the sign/);
    assert.doesNotMatch(refused.stdout + refused.stderr, new RegExp(SECRET, "i"));

    const rotate = (...args: string[]) =>
      run("rotate-keys", args, { DATABASE_URL_DIRECT: database.ownerUrl, ...other });
    // The key of the test before this one still waits, made with the old secret.
    assert.match((await rotate("publish")).stdout, /is published/);
    assert.equal((await rotate("activate", "--force")).status, 0);
    const mended = await readyService(database.serviceUrl, other);
    assert.match(await token(mended, await signUp(mended)), /^ey/);
    await mended.stop();
  });
});
