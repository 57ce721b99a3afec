import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { migratedDatabase, query } from "../../test/databases.ts";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import {
  ORIGIN,
  PASSWORD,
  type Person,
  readyService,
  type Service,
  signUp,
  until,
} from "../../test/service.ts";
import { type TcpProxy, tcpProxy } from "../../test/tcp-proxy.ts";

describe("paths", () => {
  const found = serviceFor();

  for (const path of [
    "/",
    "/nope",
    "/api/auth",
    "/api/auth/",
    "/api/auth/nope",
    "/api/auth/ok",
    "/api/auth/error",
    "/api/auth/token/",
    "/api/auth//token",
    "/api/auth/reset-password/abc",
  ]) {
    it(`does not know ${path}`, async () => {
      await assertProblem(await found.service.fetch(path), 404, "not_found");
    });
  }

  for (const path of ["/sign-in/social", "/request-password-reset", "/delete-user", "/token"]) {
    it(`does not offer POST ${path}`, async () => {
      const answer = await found.service.fetch(`/api/auth${path}`, { json: {} });
      await assertProblem(answer, 404, "not_found");
    });
  }

  it("tells a page what it can offer, and no cache", async () => {
    const answer = await found.service.fetch("/api/auth/options");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.deepEqual(await answer.json(), {
      mail: false,
      secondFactor: true,
      erasure: false,
      mailboxUrl: null,
    });
  });

  for (const path of ["/token", "/get-session", "/options", "/nope"]) {
    it(`lets no cache keep what ${path} answers, nor a browser guess what it is`, async () => {
      const answer = await found.service.fetch(`/api/auth${path}`);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    });
  }

  it("lets no cache keep a session token", async () => {
    const json = { email: "cached@example.com", password: PASSWORD, name: "C" };
    const answer = await found.service.fetch("/api/auth/sign-up/email", { json });
    assert.ok(answer.headers.get("set-auth-token"));
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  });

  it("lets caches keep the keys for a minute", async () => {
    const answer = await found.service.fetch("/api/auth/jwks");
    const expected = "public, max-age=60";
    assert.equal(answer.headers.get("cache-control"), expected);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  });
});

describe("bodies", () => {
  const found = serviceFor();
  const json = { "content-type": "application/json", origin: ORIGIN };
  const signUpPath = "/api/auth/sign-up/email";

  it("refuses more than 16 KiB", async () => {
    const answer = await found.service.fetch(signUpPath, { json: { name: "x".repeat(16 * 1024) } });
    await assertProblem(answer, 413, "body_too_large");
  });

  it("refuses more than 16 KiB that come in pieces, without a length", async () => {
    let pieces = 8;
    const body = new ReadableStream({
      pull: (controller) => {
        pieces -= 1;
        if (pieces < 0) controller.close();
        else controller.enqueue(new Uint8Array(4096).fill(0x20));
      },
    });
    const init = { method: "POST", body, headers: json, duplex: "half" } as RequestInit;
    const answer = await fetch(found.service.url + signUpPath, init);
    await assertProblem(answer, 413, "body_too_large");
  });

  for (const [what, body, status] of [
    ["no JSON", "{", 400],
    ["no object", "[]", 400],
    ["null", "null", 400],
    ["nothing", "", 400],
    ["a number as e-mail", '{"email":1,"password":"x","name":"n"}', 400],
    [
      "a NUL in the name",
      `{"email":"nul@example.com","password":"${PASSWORD}","name":"\\u0000"}`,
      422,
    ],
  ] as const) {
    it(`refuses ${what} without an internal error`, async () => {
      const answer = await fetch(found.service.url + signUpPath, {
        method: "POST",
        body,
        headers: json,
      });
      assert.equal(answer.status, status, await answer.text());
    });
  }
});

describe("origins", () => {
  const found = serviceFor();
  const credentials = { email: "nobody@example.com", password: PASSWORD };

  for (const origin of [
    "null",
    "http://localhost:3001",
    "http://localhost:3000.evil.example",
    "http://evil.example/http://localhost:3000",
    "https://localhost:3000",
    "http://LOCALHOST:3000",
    "http://localhost:3000/",
    "http://localhost:8001",
    "http://localhost:3000, http://localhost:3000",
  ]) {
    it(`lets no page of ${origin} sign people in`, async () => {
      const answer = await found.service.fetch("/api/auth/sign-in/email", {
        json: credentials,
        headers: { origin },
      });
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      await assertProblem(answer, 403, "origin_not_allowed");
    });
  }

  it("lets an allowed page send credentials and read the session token", async () => {
    const headers = {
      origin: ORIGIN,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,authorization",
    };
    const path = "/api/auth/sign-in/email";
    const preflight = await found.service.fetch(path, { method: "OPTIONS", headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(preflight.headers.get("access-control-allow-credentials"), "true");
    const answer = await found.service.fetch(path, { json: credentials });
    const exposed = answer.headers.get("access-control-expose-headers") ?? "";
    assert.ok(exposed.includes("set-auth-token") && exposed.includes("set-auth-jwt"));
  });
});

describe("a lost database", () => {
  let proxy: TcpProxy;
  let service: Service;
  let person: Person;

  before(async () => {
    const url = new URL((await migratedDatabase()).serviceUrl);
    proxy = await tcpProxy(url.hostname, Number(url.port));
    url.port = String(proxy.port);
    // Without limits, whose statement would come first and fail in the open.
    service = await readyService(url.href);
    person = await signUp(service);
  });
  after(async () => {
    await service.stop();
    await proxy.cut();
  });

  const requests: [string, string, unknown?][] = [
    ["GET", "/api/auth/token"],
    ["GET", "/api/auth/get-session"],
    ["POST", "/api/auth/sign-out", {}],
    ["POST", "/api/auth/sign-in/email", { email: "a@example.com", password: PASSWORD }],
    ["POST", "/api/auth/sign-up/email", { email: "b@example.com", password: PASSWORD, name: "B" }],
  ];
  const ask = ([method, path, json]: (typeof requests)[number]) =>
    service.fetch(path, { method, json, headers: { authorization: person.authorization } });

  it("is a 503 on every path, and passes without a restart", async () => {
    await proxy.cut();
    for (const request of requests) {
      const answer = await ask(request);
      const text = await answer.clone().text();
      await assertProblem(answer, 503, "database_unavailable");
      assert.equal(answer.headers.get("retry-after"), "2");
      assert.doesNotMatch(text, /stack|select|insert|ECONN/i);
    }
    await proxy.mend();
    await until("tokens again", async () => (await ask(["GET", "/api/auth/token"])).ok);
  });

  it("leaves the keys and the probes as they were", async () => {
    await proxy.cut();
    for (const path of ["/api/auth/jwks", "/healthz", "/readyz"]) {
      assert.equal((await service.fetch(path)).status, 200);
    }
    await proxy.mend();
  });

  it("does not sign a person out who is told to try again", async () => {
    await proxy.cut();
    await assertProblem(await ask(["POST", "/api/auth/sign-out", {}]), 503, "database_unavailable");
    await proxy.mend();
    await until("the session still works", async () => (await ask(["GET", "/api/auth/token"])).ok);
  });

  it("leaves no e-mail, password, token, SQL or stack in the logs", () => {
    const output = service.output();
    assert.match(output, /database unavailable/);
    const [, session = "none"] = person.authorization.split(" ");
    for (const secret of [person.email, "b@example.com", PASSWORD, session, "Ada Lovelace"]) {
      assert.equal(output.includes(secret), false, secret);
    }
    for (const line of output.trim().split("\n")) {
      const { ts, level, service: name, message } = JSON.parse(line) as Record<string, string>;
      assert.ok(ts && level && name === "auth" && message, line);
      assert.doesNotMatch(line, /select |insert |error_stack/);
    }
  });
});

describe("a bug", () => {
  const found = serviceFor();

  it("is an internal error that shows nothing, with its stack in the log", async () => {
    await query(
      found.database.ownerUrl,
      "set role auth_owner; alter table auth.user rename column email to gone",
    );
    const answer = await found.service.fetch("/api/auth/sign-in/email", {
      json: { email: "nobody@example.com", password: PASSWORD },
    });
    const { detail } = await assertProblem(answer, 500, "internal_error");
    assert.equal(detail, "Something went wrong on our side.");
    const line =
      found.service
        .output()
        .split("\n")
        .find((text) => text.includes('"ERROR"')) ?? "";
    const logged = JSON.parse(line) as { error_code: string; error_stack: string[] };
    assert.equal(logged.error_code, "42703");
    assert.ok(logged.error_stack.length > 0);
    assert.equal(line.includes("nobody@example.com"), false);
  });
});
