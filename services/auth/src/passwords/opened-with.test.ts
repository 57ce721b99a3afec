import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashPassword as hashOfOldKind } from "better-auth/crypto";
import { codeOf } from "../../test/authenticator.ts";
import { query } from "../../test/databases.ts";
import { serviceFor } from "../../test/expectations.ts";
import { meanwhile } from "../../test/meanwhile.ts";
import { PASSWORD, type Person, signUp } from "../../test/service.ts";
import type { Database } from "../database/database.ts";
import { queried } from "../database/queries.ts";
import { hashPassword } from "./password-hash.ts";
import { changePassword, renewHash, resetPassword } from "./password-rows.ts";

/** For a group of tests: people, and requests of theirs that a change of the password overtakes. */
function overtaken() {
  const found = serviceFor();
  const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    found.service.fetch(`/api/auth${path}`, { json, headers });
  const rows = (sql: string, parameters: unknown[]) =>
    query(found.database.serviceUrl, sql, parameters);
  const codeIn = async (answer: Response) => ((await answer.json()) as { code: string }).code;
  const during = (
    table: string,
    request: () => Promise<Response>,
    change: (database: Database) => Promise<unknown>,
  ) => meanwhile(found.database.serviceUrl, table, request, change);

  async function hashOf(userId: string): Promise<string> {
    const [row] = await rows(`select password from auth.account where "userId" = $1`, [userId]);
    return String(row?.password);
  }

  /** Another password, as `/change-password` sets it. */
  async function changed({ userId }: Person) {
    const checked = await hashOf(userId);
    return async (database: Database) => {
      assert.equal(await changePassword(database, { userId, checked, hash: "another" }), true);
    };
  }

  const signIn = ({ email }: Person) => post("/sign-in/email", { email, password: PASSWORD });

  async function assertNothingOpened(answer: Response, { userId }: Person): Promise<void> {
    assert.equal(answer.status, 401, await answer.clone().text());
    assert.equal(await codeIn(answer), "INVALID_EMAIL_OR_PASSWORD");
    const sessions = await rows(`select from auth.session where "userId" = $1`, [userId]);
    const proofs = await rows("select from auth.verification where value = $1", [userId]);
    assert.deepEqual([sessions.length, proofs.length], [0, 0]);
  }

  /** Somebody with an authenticator, as far as the password goes at the next sign-in. */
  async function halfSignedIn(): Promise<{ person: Person; code: string; cookie: string }> {
    const person = await signUp(found.service);
    const { authorization } = person;
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, { authorization });
    const { totpURI } = (await enabled.json()) as { totpURI: string };
    const code = codeOf(totpURI);
    assert.equal((await post("/two-factor/verify-totp", { code }, { authorization })).status, 200);
    const answer = await signIn(person);
    assert.equal(((await answer.json()) as Record<string, unknown>).twoFactorRedirect, true);
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    return { person, code, cookie: cookies.filter((pair) => !pair.endsWith("=")).join("; ") };
  }

  return { found, post, during, changed, signIn, assertNothingOpened, halfSignedIn };
}

describe("what is opened with a password while it is changed", () => {
  const { found, post, during, changed, signIn, assertNothingOpened } = overtaken();

  it("is no session, after a change", async () => {
    const person = await signUp(found.service);
    const answer = await during("session", () => signIn(person), await changed(person));
    assert.equal(answer.headers.get("set-auth-token"), null);
    assert.deepEqual(answer.headers.getSetCookie(), []);
    await assertNothingOpened(answer, person);
  });

  it("is no session, after a reset", async () => {
    const person = await signUp(found.service);
    await query(
      found.database.serviceUrl,
      `insert into auth.verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
       values (gen_random_uuid(), 'reset-password:a', $1, now() + interval '1 hour', now(), now())`,
      [person.userId],
    );
    const answer = await during(
      "session",
      () => signIn(person),
      async (database) => assert.ok(await resetPassword(database, { token: "a", hash: "another" })),
    );
    await assertNothingOpened(answer, person);
  });

  it("is a session where another sign-in has hashed the same password anew", async () => {
    const person = await signUp(found.service);
    const { userId } = person;
    const checked = await hashOfOldKind(PASSWORD);
    const set = `update auth.account set password = $2 where "userId" = $1`;
    await query(found.database.serviceUrl, set, [userId, checked]);
    const hash = await hashPassword(PASSWORD);
    const answer = await during(
      "session",
      () => signIn(person),
      async (database) => assert.ok(await renewHash(database, { userId, checked, hash })),
    );
    assert.equal(answer.status, 200, await answer.clone().text());
  });

  it("is no session where the hash of an old kind was of another password", async () => {
    const person = await signUp(found.service);
    const checked = await hashOfOldKind(PASSWORD);
    const set = `update auth.account set password = $2 where "userId" = $1`;
    await query(found.database.serviceUrl, set, [person.userId, checked]);
    const another = await hashPassword("another sentence as a password");
    const answer = await during(
      "session",
      () => signIn(person),
      async (database) => {
        const change = { userId: person.userId, checked, hash: another };
        assert.ok(await changePassword(database, change));
      },
    );
    await assertNothingOpened(answer, person);
  });

  it("is no other password: who comes second with the old one changes nothing", async () => {
    const { authorization } = await signUp(found.service);
    const change = (newPassword: string) =>
      post("/change-password", { currentPassword: PASSWORD, newPassword }, { authorization });
    const answers = await Promise.all([change("the first new one"), change("the second new one")]);
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses[0], 200);
    assert.ok(statuses[1] === 400 || statuses[1] === 401, String(statuses));
  });
});

describe("what is opened with a second factor while the password is changed", () => {
  const { found, post, during, changed, signIn, assertNothingOpened, halfSignedIn } = overtaken();

  it("is no sign-in that waits for a code", async () => {
    const { person } = await halfSignedIn();
    const answer = await during("verification", () => signIn(person), await changed(person));
    await assertNothingOpened(answer, person);
  });

  it("is no session by a code, either", async () => {
    const { person, code, cookie } = await halfSignedIn();
    const verify = () => post("/two-factor/verify-totp", { code, trustDevice: true }, { cookie });
    await assertNothingOpened(await during("session", verify, await changed(person)), person);
  });

  it("is no session in the place of one that the change has ended", async () => {
    const person = await signUp(found.service);
    const { authorization } = person;
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, { authorization });
    const { totpURI } = (await enabled.json()) as { totpURI: string };
    const verify = () =>
      post("/two-factor/verify-totp", { code: codeOf(totpURI) }, { authorization });
    await assertNothingOpened(await during("session", verify, await changed(person)), person);
  });

  it("is no session in the place of one that somebody has ended", async () => {
    const person = await signUp(found.service);
    const { authorization, userId } = person;
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, { authorization });
    const { totpURI } = (await enabled.json()) as { totpURI: string };
    const answer = await during(
      "session",
      () => post("/two-factor/verify-totp", { code: codeOf(totpURI) }, { authorization }),
      (database) => queried(database, `delete from auth.session where "userId" = $1`, [userId]),
    );
    assert.equal(answer.status, 401);
    const sql = `select from auth.session where "userId" = $1`;
    assert.deepEqual(await query(found.database.serviceUrl, sql, [userId]), []);
  });

  it("is everything, while nobody changes it", async () => {
    const { person, code, cookie } = await halfSignedIn();
    const answer = await post("/two-factor/verify-totp", { code }, { cookie });
    assert.ok(answer.headers.get("set-auth-token"), await answer.text());
    assert.equal((await signIn(person)).status, 200);
  });
});
