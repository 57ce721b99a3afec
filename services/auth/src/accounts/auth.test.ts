import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from "jose";
import { migratedDatabase } from "../../test/databases.ts";
import {
  PASSWORD,
  type Person,
  readyService,
  type Service,
  signUp,
  token,
} from "../../test/service.ts";

const ISSUER = "http://localhost:8001";

describe("identity", () => {
  let service: Service;
  let person: Person;

  before(async () => {
    service = await readyService((await migratedDatabase()).serviceUrl);
    person = await signUp(service);
  });
  after(() => service.stop());

  const signIn = (email: string, password: string) =>
    service.fetch("/api/auth/sign-in/email", { json: { email, password } });
  const tokenFor = (authorization: string) =>
    service.fetch("/api/auth/token", { headers: { authorization } });

  it("gives nobody a token", async () => {
    assert.equal((await service.fetch("/api/auth/token")).status, 401);
  });

  it("refuses a session token without its signature", async () => {
    const [unsigned] = person.authorization.split(".");
    assert.equal((await tokenFor(unsigned ?? "")).status, 401);
  });

  it("refuses a session token with another signature", async () => {
    const [unsigned] = person.authorization.split(".");
    const forged = `${unsigned}.${Buffer.alloc(32).toString("base64")}`;
    assert.equal((await tokenFor(forged)).status, 401);
  });

  it("refuses a wrong password and an unknown person with the same answer", async () => {
    const wrong = await signIn(person.email, "not the password");
    const unknown = await signIn("nobody@example.com", "not the password");
    assert.equal(wrong.status, 401);
    assert.equal(unknown.status, 401);
    assert.equal(await wrong.text(), await unknown.text());
  });

  it("writes nothing of a refused address to go back to into its log", async () => {
    for (const callbackURL of ["javascript:alert(1) me@example.com", "https://x.example/\nme"]) {
      const json = { email: person.email, password: PASSWORD, callbackURL };
      const answer = await service.fetch("/api/auth/sign-in/email", { json });
      assert.equal(answer.status, 403, await answer.text());
    }
    assert.match(service.output(), /Invalid callbackURL"/);
    assert.doesNotMatch(service.output(), /javascript|me@example|x\.example/);
  });

  it("refuses a short password in the words that Better Auth's clients read", async () => {
    const answer = await service.fetch("/api/auth/sign-up/email", {
      json: { email: "short@example.com", password: "short", name: "S" },
    });
    assert.equal(answer.status, 400);
    assert.equal(((await answer.json()) as { code: string }).code, "PASSWORD_TOO_SHORT");
  });

  it("signs a person up once, however often and however much at once", async () => {
    const again = () =>
      service.fetch("/api/auth/sign-up/email", {
        json: { email: "twice@example.com", password: PASSWORD, name: "T" },
      });
    const answers = await Promise.all([again(), again(), again(), again()]);
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [200, 422, 422, 422]);
    assert.equal((await again()).status, 422);
  });

  it("signs in, and the session token works until the person signs out", async () => {
    const answer = await signIn(person.email, PASSWORD);
    assert.equal(answer.status, 200);
    const authorization = `Bearer ${answer.headers.get("set-auth-token")}`;
    assert.equal((await tokenFor(authorization)).status, 200);
    const signOut = await service.fetch("/api/auth/sign-out", {
      json: {},
      headers: { authorization },
    });
    assert.equal(signOut.status, 200);
    assert.equal((await tokenFor(authorization)).status, 401);
  });

  it("puts nothing into a token but who, for whom, from whom and until when", async () => {
    const jwt = await token(service, person);
    const { iat = 0, exp = 0, ...claims } = decodeJwt(jwt);
    assert.deepEqual(claims, {
      sub: person.userId,
      iss: ISSUER,
      aud: ["chat-gateway", "mcp-tools"],
    });
    assert.equal(exp - iat, 300);
    assert.match(person.userId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    assert.equal(decodeProtectedHeader(jwt).alg, "EdDSA");
  });

  it("signs tokens with a key of its JWKS", async () => {
    const keys = (await (await service.fetch("/api/auth/jwks")).json()) as { keys: JWK[] };
    assert.equal(keys.keys.length, 1);
    assert.equal(keys.keys[0]?.use, "sig");
    assert.equal("d" in (keys.keys[0] ?? {}), false);
    const options = { issuer: ISSUER, audience: "mcp-tools", algorithms: ["EdDSA"] };
    await jwtVerify(await token(service, person), createLocalJWKSet(keys), options);
  });
});

describe("settings", () => {
  it("sends cookies over TLS only when people come over TLS", async () => {
    const { serviceUrl } = await migratedDatabase();
    const service = await readyService(serviceUrl, {
      BETTER_AUTH_URL: "https://auth.example.com",
      JWT_LIFETIME_SECONDS: "60",
    });
    try {
      const answer = await service.fetch("/api/auth/sign-up/email", {
        json: { email: "tls@example.com", password: PASSWORD, name: "T" },
      });
      assert.match(answer.headers.get("set-cookie") ?? "", /^__Secure-.*; HttpOnly; Secure;/);
      const authorization = `Bearer ${answer.headers.get("set-auth-token")}`;
      const issued = await service.fetch("/api/auth/token", { headers: { authorization } });
      const {
        iss,
        iat = 0,
        exp = 0,
      } = decodeJwt(((await issued.json()) as { token: string }).token);
      assert.equal(iss, "https://auth.example.com");
      assert.equal(exp - iat, 60);
    } finally {
      await service.stop();
    }
  });
});
