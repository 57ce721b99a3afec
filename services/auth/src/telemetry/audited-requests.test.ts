import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auditOf, told } from "../../test/audit-lines.ts";
import { migratedDatabase } from "../../test/databases.ts";
import { serviceFor } from "../../test/expectations.ts";
import {
  PASSWORD,
  readyService,
  run,
  signUp,
  type Variables,
  variables,
} from "../../test/service.ts";
import { tcpProxy } from "../../test/tcp-proxy.ts";
import { GET_PATHS, POST_PATHS } from "../http/paths.ts";
import { AUDITED } from "./audited-requests.ts";

const NEW_PASSWORD = "an entirely different sentence";
describe("the audit of requests", () => {
  const found = serviceFor({ LOG_LEVEL: "ERROR" });
  const post = (path: string, json: unknown, headers: Variables = {}) =>
    found.service.fetch(`/api/auth${path}`, { json, headers });
  const signIn = (email: string, password = PASSWORD, headers: Variables = {}) =>
    post("/sign-in/email", { email, password }, headers);

  it("knows every path, or says that it is no event", () => {
    const paths = [
      ...GET_PATHS.map((path) => `GET ${path}`),
      ...POST_PATHS.map((path) => `POST ${path}`),
    ];
    assert.deepEqual(
      paths.filter((path) => !(path in AUDITED)),
      [],
    );
  });

  it("tells a guess by the address's hash, where it came from and what sent it", async () => {
    const person = await signUp(found.service);
    const answer = await signIn(person.email.toUpperCase(), "a wrong password", {
      "user-agent": "Mozilla/5.0 Gecko/20100101 Firefox/140.0",
    });
    assert.equal(answer.status, 401);
    const refused = { outcome: "refused", reason: "invalid_email_or_password" };
    const guess = await told(found.service, "sign_in", refused);
    assert.match(String(guess.client_address), /^(::ffff:)?127\.0\.0\.1$/);
    assert.equal(guess.user_agent, "firefox");
    assert.equal("user_id" in guess, false);

    assert.equal((await signIn(person.email)).status, 200);
    const user_id = person.userId;
    const success = await told(found.service, "sign_in", { outcome: "ok", user_id });
    assert.equal("reason" in success, false);
    const settings = variables(found.database.serviceUrl);
    const command = await run("address-hash", [person.email], settings);
    assert.equal(command.stdout.trim(), guess.address_hash);
    // The account that was guessed at can be told from those where somebody came in.
    assert.equal(success.address_hash, guess.address_hash);
  });

  it("tells sign-ups, and of addresses that have an account already", async () => {
    const person = await signUp(found.service);
    await told(found.service, "sign_up", { outcome: "ok", user_id: person.userId });

    const again = { email: person.email, password: PASSWORD, name: "Ada" };
    assert.notEqual((await post("/sign-up/email", again)).status, 200);
    await told(found.service, "sign_up", { outcome: "refused", reason: "user_already_exists" });
  });

  it("tells whose session ended, and is silent where none did", async () => {
    const person = await signUp(found.service);
    const before = auditOf(found.service, "sign_out").length;
    await post("/sign-out", {});
    assert.equal(auditOf(found.service, "sign_out").length, before);

    await post("/sign-out", {}, { authorization: person.authorization });
    await told(found.service, "sign_out", { outcome: "ok", user_id: person.userId });
  });

  it("tells who ended sessions, and a stranger's attempt", async () => {
    assert.equal((await post("/revoke-other-sessions", {})).status, 401);
    await told(found.service, "session_revoked", { outcome: "refused", reason: "unauthenticated" });

    const person = await signUp(found.service);
    const { authorization } = person;
    assert.equal((await post("/revoke-other-sessions", {}, { authorization })).status, 200);
    await told(found.service, "session_revoked", { outcome: "ok", user_id: person.userId });
  });

  it("tells who changed a password, and who tried", async () => {
    const person = await signUp(found.service);
    const { authorization } = person;
    const change = (currentPassword: string) =>
      post("/change-password", { currentPassword, newPassword: NEW_PASSWORD }, { authorization });

    assert.equal((await change("not the password")).status, 400);
    const user_id = person.userId;
    const refused = { outcome: "refused", reason: "invalid_password", user_id };
    await told(found.service, "password_changed", refused);
    assert.equal((await change(PASSWORD)).status, 200);
    await told(found.service, "password_changed", { outcome: "ok", user_id });
  });

  it("tells of an origin that is not ours, which Better Auth never sees", async () => {
    const answer = await signIn("ada@example.com", PASSWORD, { origin: "https://evil.example" });
    assert.equal(answer.status, 403);
    const refused = { outcome: "refused", reason: "origin_not_allowed" };
    const line = await told(found.service, "sign_in", refused);
    assert.equal(typeof line.address_hash, "string");
  });

  it("tells who switched a second factor on, and wrong codes", async () => {
    const { authorization, userId } = await signUp(found.service);
    const signed = { authorization };
    await post("/two-factor/enable", { password: "not the password" }, signed);
    await told(found.service, "second_factor", { outcome: "refused", reason: "invalid_password" });
    await post("/two-factor/enable", { password: PASSWORD }, signed);
    const enabled = { outcome: "ok", reason: "enabled", user_id: userId };
    await told(found.service, "second_factor", enabled);
    await post("/two-factor/verify-totp", { code: "000000" }, signed);
    await told(found.service, "second_factor", { outcome: "refused", reason: "invalid_code" });
  });

  it("is silent of paths that are not there", async () => {
    const before = auditOf(found.service).length;
    assert.equal((await post("/request-password-reset", { email: "a@example.com" })).status, 404);
    assert.equal(auditOf(found.service).length, before);
  });

  it("takes nobody's words: not an address, a password, a name or a header", async () => {
    const canary = `canary${crypto.randomUUID().replaceAll("-", "")}`;
    const email = `${canary}@example.com`;
    const headers = { "user-agent": canary, "x-taskchat-client-address": canary };
    await post("/sign-up/email", { email, password: canary, name: canary }, headers);
    await signIn(email, `${canary}!`, headers);
    await signIn(canary, canary, headers);
    await post("/sign-in/email", { email: { [canary]: 1 }, password: canary }, headers);
    await post(`/sign-in/email?${canary}`, canary, headers);
    assert.ok(auditOf(found.service).length > 5);
    assert.equal(found.service.output().includes(canary), false);
  });
});

describe("the audit of limits", () => {
  const found = serviceFor({ RATE_LIMIT_ENABLED: "true" });

  it("tells of attempts that were not even looked at", async () => {
    const attempt = () =>
      found.service.fetch("/api/auth/sign-in/email", {
        json: { email: "ada@example.com", password: "a wrong password" },
      });
    let answer = await attempt();
    for (let tries = 0; answer.status !== 429 && tries < 30; tries += 1) answer = await attempt();
    assert.equal(answer.status, 429);
    const refused = { outcome: "refused", reason: "rate_limited" };
    const line = await told(found.service, "sign_in", refused);
    assert.equal(typeof line.address_hash, "string");
  });
});

describe("the audit of an outage", () => {
  it("says that the fault was ours", async () => {
    const url = new URL((await migratedDatabase()).serviceUrl);
    const proxy = await tcpProxy(url.hostname, Number(url.port));
    url.port = String(proxy.port);
    const service = await readyService(url.href);
    await proxy.cut();
    try {
      const json = { email: "ada@example.com", password: PASSWORD };
      assert.equal((await service.fetch("/api/auth/sign-in/email", { json })).status, 503);
      const failed = { outcome: "failed", reason: "database_unavailable" };
      assert.equal((await told(service, "sign_in", failed)).level, "WARNING");
    } finally {
      await service.stop();
    }
  });
});
