import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { decodeProtectedHeader } from "jose";
import { migratedDatabase, query, type TestDatabase } from "../test/databases.ts";
import {
  type Person,
  readyService,
  run,
  SECRET,
  type Service,
  signUp,
  token,
  variables,
} from "../test/service.ts";
import { type Auth, createAuth } from "./auth.ts";
import { createDatabase, type Database } from "./database.ts";
import { createKeys, type Keys, PUBLICATION_SECONDS } from "./keys.ts";
import { readServiceSettings } from "./settings.ts";

const GRACE_SECONDS = 300 + 3600;

async function listed(service: Service): Promise<string[]> {
  const answer = await service.fetch("/api/auth/jwks");
  const { keys } = (await answer.json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid).sort();
}

describe("the first key", () => {
  it("is one, however many replicas start at once", async () => {
    const { serviceUrl } = await migratedDatabase();
    const services = await Promise.all([1, 2, 3].map(() => readyService(serviceUrl)));
    const keys = await Promise.all(services.map(listed));
    await Promise.all(services.map((service) => service.stop()));
    assert.equal(keys[0]?.length, 1);
    assert.deepEqual(keys[1], keys[0]);
    assert.deepEqual(keys[2], keys[0]);
    const rows = await query(serviceUrl, "select count(*)::int from auth.jwks");
    assert.deepEqual(rows, [{ count: 1 }]);
  });

  it("is not readable in the database", async () => {
    const { serviceUrl } = await migratedDatabase();
    await (await readyService(serviceUrl)).stop();
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
  let keys: Keys;
  let oldKey: string;
  let newKey: string;

  before(async () => {
    database = await migratedDatabase();
    service = await readyService(database.serviceUrl);
    person = await signUp(service);
    [oldKey = ""] = await listed(service);

    const settings = readServiceSettings(variables(database.serviceUrl));
    assert.ok(!("complaints" in settings));
    pool = createDatabase(database.serviceUrl, () => undefined);
    auth = createAuth(settings, pool, () => undefined);
    keys = createKeys(settings, pool, auth);
  });
  after(async () => {
    await service.stop();
    await pool.end();
  });

  const signingKey = async () => decodeProtectedHeader(await token(service, person)).kid;
  /** The keys as a replica lists them that has no copy yet. */
  const listedAfresh = async () => (await auth.api.getJwks()).keys.map((key) => key.kid);
  /** Let time pass for a key: no clock of Postgres can be moved. */
  const age = (kid: string, seconds: number) =>
    query(
      database.serviceUrl,
      `update auth.jwks set "expiresAt" = "expiresAt" - $2 * interval '1 second' where id = $1`,
      [kid, seconds],
    );

  it("activates nothing that was not published", async () => {
    assert.deepEqual(await keys.activate({ force: true }), { outcome: "nothing_published" });
    assert.equal(await signingKey(), oldKey);
  });

  it("publishes one key, which signs nothing, however often it is asked", async () => {
    // With all connections open, so that all begin at once.
    const connections = await Promise.all(Array.from({ length: 8 }, () => pool.connect()));
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

  it("activates at once when it is forced, and removes what nobody needs", async () => {
    const { kid } = await keys.publish();
    const activation = await keys.activate({ force: true });
    assert.deepEqual(activation, { outcome: "activated", kid, removed: 1 });
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
      run("rotate-keys", args, variables(database.serviceUrl, other));
    assert.equal((await rotate("publish")).status, 0);
    // The key of the test before this one still waits, made with the old secret.
    assert.equal((await rotate("activate", "--force")).status, 0);
    assert.equal((await rotate("publish")).status, 0);
    assert.equal((await rotate("activate", "--force")).status, 0);
    const mended = await readyService(database.serviceUrl, other);
    assert.match(await token(mended, await signUp(mended)), /^ey/);
    await mended.stop();
  });
});
