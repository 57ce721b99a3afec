import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codeOf } from "../../test/authenticator.ts";
import { query } from "../../test/databases.ts";
import { serviceFor } from "../../test/expectations.ts";
import { PASSWORD, type Person, signUp } from "../../test/service.ts";

function wrong(code: string): string {
  return String((Number(code) + 500_000) % 1_000_000).padStart(6, "0");
}

describe("a second factor", () => {
  const found = serviceFor();
  const post = (path: string, json: unknown, headers: Record<string, string>) =>
    found.service.fetch(`/api/auth${path}`, { json, headers });
  const codeIn = async (answer: Response) => ((await answer.json()) as { code: string }).code;

  /** Somebody with an authenticator that was tried once. */
  async function guarded(): Promise<Person & { totpURI: string; backupCodes: string[] }> {
    const person = await signUp(found.service);
    const { authorization } = person;
    const enabled = await post("/two-factor/enable", { password: PASSWORD }, { authorization });
    assert.equal(enabled.status, 200);
    const factor = (await enabled.json()) as { totpURI: string; backupCodes: string[] };
    const tried = await post(
      "/two-factor/verify-totp",
      { code: codeOf(factor.totpURI) },
      {
        authorization,
      },
    );
    assert.equal(tried.status, 200, await tried.clone().text());
    const session = tried.headers.get("set-auth-token");
    return { ...person, ...factor, authorization: `Bearer ${session}` };
  }

  /** The password was right: the cookie that the code must come with. */
  async function halfSignedIn(email: string): Promise<{ cookie: string }> {
    const answer = await post("/sign-in/email", { email, password: PASSWORD }, {});
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("set-auth-token"), null);
    const body = (await answer.json()) as Record<string, unknown>;
    assert.equal(body.twoFactorRedirect, true);
    assert.equal("token" in body, false);
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    const cookie = cookies.filter((pair) => !pair.endsWith("=")).join("; ");
    const session = await found.service.fetch("/api/auth/token", { headers: { cookie } });
    assert.equal(session.status, 401);
    return { cookie };
  }

  it("is nobody's without a session or with a wrong password", async () => {
    assert.equal((await post("/two-factor/enable", { password: PASSWORD }, {})).status, 401);
    const { authorization } = await signUp(found.service);
    const answer = await post(
      "/two-factor/enable",
      { password: "not this one" },
      { authorization },
    );
    assert.equal(answer.status, 400);
    assert.equal(await codeIn(answer), "INVALID_PASSWORD");
  });

  it("does not lock out a person who never tried it", async () => {
    const person = await signUp(found.service);
    const { authorization, email } = person;
    await post("/two-factor/enable", { password: PASSWORD }, { authorization });
    const answer = await post("/sign-in/email", { email, password: PASSWORD }, {});
    assert.ok(answer.headers.get("set-auth-token"));
  });

  it("is asked for after the password, and lets in", async () => {
    const { email, totpURI } = await guarded();
    const half = await halfSignedIn(email);
    const answer = await post("/two-factor/verify-totp", { code: codeOf(totpURI) }, half);
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.ok(answer.headers.get("set-auth-token"));
  });

  it("lets nobody in without the cookie, and refuses wrong codes until the attempt is over", async () => {
    const { email, totpURI } = await guarded();
    const right = codeOf(totpURI);
    assert.equal((await post("/two-factor/verify-totp", { code: right }, {})).status, 401);
    const half = await halfSignedIn(email);
    const codes = [];
    for (let guess = 0; guess < 6; guess += 1) {
      codes.push(await codeIn(await post("/two-factor/verify-totp", { code: wrong(right) }, half)));
    }
    assert.deepEqual(codes.slice(0, 5), Array(5).fill("INVALID_CODE"));
    assert.equal(codes[5], "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE");
    assert.equal((await post("/two-factor/verify-totp", { code: right }, half)).status, 401);
  });

  it("is locked for a while after ten wrong codes, over however many sign-ins", async () => {
    const { email, totpURI } = await guarded();
    const right = codeOf(totpURI);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const half = await halfSignedIn(email);
      for (let guess = 0; guess < 5; guess += 1) {
        await post("/two-factor/verify-totp", { code: wrong(right) }, half);
      }
    }
    const half = await halfSignedIn(email);
    const answer = await post("/two-factor/verify-totp", { code: codeOf(totpURI) }, half);
    assert.equal(answer.status, 429);
  });

  it("has spare codes, each good once", async () => {
    const { email, backupCodes } = await guarded();
    assert.equal(backupCodes.length, 10);
    const [code] = backupCodes;
    const path = "/two-factor/verify-backup-code";
    assert.equal((await post(path, { code }, await halfSignedIn(email))).status, 200);
    assert.equal((await post(path, { code }, await halfSignedIn(email))).status, 401);
  });

  it("goes away with the password alone", async () => {
    const { email, authorization } = await guarded();
    const refused = await post("/two-factor/disable", { password: "not this" }, { authorization });
    assert.equal(refused.status, 400);
    const answer = await post("/two-factor/disable", { password: PASSWORD }, { authorization });
    assert.equal(answer.status, 200);
    const signedIn = await post("/sign-in/email", { email, password: PASSWORD }, {});
    assert.ok(signedIn.headers.get("set-auth-token"));
  });

  it("lies encrypted in the database", async () => {
    const { userId, totpURI, backupCodes } = await guarded();
    const sql = `select secret, "backupCodes" from auth."twoFactor" where "userId" = $1`;
    const [row] = await query(found.database.serviceUrl, sql, [userId]);
    const secret = new URL(totpURI).searchParams.get("secret") ?? "none";
    assert.equal(JSON.stringify(row).includes(secret), false);
    assert.equal(JSON.stringify(row).includes(backupCodes[0] ?? "none"), false);
  });
});
