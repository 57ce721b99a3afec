import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { emptyDatabase, migratedDatabase } from "../../test/databases.ts";
import {
  freePort,
  ORIGIN,
  PASSWORD,
  readyService,
  run,
  signUp,
  startService,
  token,
  until,
  variables,
} from "../../test/service.ts";
import { tcpProxy } from "../../test/tcp-proxy.ts";

describe("the server", () => {
  let databaseUrl: string;

  before(async () => {
    databaseUrl = (await migratedDatabase()).serviceUrl;
  });

  it("names what is missing and ends with 2", async () => {
    const { status, stdout, stderr } = await run("server", [], {});
    assert.equal(status, 2);
    assert.equal(stdout, "");
    const names = [...stderr.matchAll(/^(\w+) is missing\. .* Example: \1=/gm)];
    assert.deepEqual(
      names.map(([, name]) => name),
      ["DATABASE_URL", "BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "ALLOWED_ORIGINS"],
    );
  });

  it("does not repeat a secret that is too short", async () => {
    const short = variables(databaseUrl, { BETTER_AUTH_SECRET: "hunter2hunter2" });
    const { status, stdout, stderr } = await run("server", [], short);
    assert.equal(status, 2);
    assert.match(stderr, /^BETTER_AUTH_SECRET is wrong: must have at least 32 characters/);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  });

  it("ends with 1 when its port is taken", async () => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    const taken = variables(databaseUrl, { PORT: String(port) });
    const { status, stdout } = await run("server", [], taken);
    other.close();
    assert.equal(status, 1);
    assert.match(stdout, /"cannot listen".*"EADDRINUSE"/);
  });

  it("starts without a database, and is ready when there is one", async () => {
    const url = new URL(databaseUrl);
    const proxy = await tcpProxy(url.hostname, Number(url.port));
    await proxy.cut();
    url.port = String(proxy.port);
    const service = await startService(url.href);
    assert.equal((await service.fetch("/healthz")).status, 200);
    const waiting = await service.fetch("/readyz");
    assert.equal(waiting.status, 503);
    assert.equal(waiting.headers.get("content-type"), "application/problem+json");
    const keys = await service.fetch("/api/auth/jwks");
    assert.equal(keys.status, 503);
    assert.equal(((await keys.json()) as { code: string }).code, "database_unavailable");
    await proxy.mend();
    await until("ready", async () => (await service.fetch("/readyz")).ok);
    assert.equal((await service.fetch("/api/auth/jwks")).status, 200);
    assert.equal((await service.stop()).status, 0);
    await proxy.cut();
  });

  it("is not ready on a database without the schema, and says so", async () => {
    const service = await startService((await emptyDatabase()).ownerUrl);
    const answer = await service.fetch("/readyz");
    assert.equal(answer.status, 503);
    assert.match(((await answer.json()) as { detail: string }).detail, /signing keys.*migrated/);
    await service.stop();
  });

  it("can be stopped while it waits for the database", async () => {
    const nowhere = new URL(databaseUrl);
    nowhere.port = "1";
    const service = await startService(nowhere.href);
    assert.equal((await service.stop()).status, 0);
  });

  it("answers what is no HTTP as quietly as all else", async () => {
    const nowhere = new URL(databaseUrl);
    nowhere.port = "1";
    const service = await startService(nowhere.href);
    for (const words of ["hello", "GET / HTTP/1.1\r\nconnection: close"]) {
      const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
      socket.write(`${words}\r\n\r\n`);
      assert.match(
        await text(socket),
        /^HTTP\/1.1 400 .*\r\nx-content-type-options: nosniff\r\n/s,
        words,
      );
    }
    await service.stop();
  });

  it("finishes what it was asked before it ends", async () => {
    const service = await readyService(databaseUrl);
    const { port } = new URL(service.url);
    const body = JSON.stringify({ email: "late@example.com", password: PASSWORD, name: "L" });
    const socket = connect(Number(port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      answer += part;
    });
    const head = [
      "POST /api/auth/sign-up/email HTTP/1.1",
      "host: localhost",
      `origin: ${ORIGIN}`,
      "content-type: application/json",
      `content-length: ${body.length}`,
    ];
    // The second half comes when the server is stopping already.
    socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, 10)}`);
    await service.fetch("/healthz");
    const stopped = service.stop();
    await until("draining", () => Promise.resolve(service.output().includes('"draining"')));
    socket.write(body.slice(10));
    await until("the answer", () => Promise.resolve(answer !== ""));
    const answered = performance.now();
    assert.equal((await stopped).status, 0);
    // The connection is kept alive for five seconds, but not by a server that is stopping.
    assert.ok(performance.now() - answered < 2_000);
    assert.match(answer, /^HTTP\/1.1 200 /);
  });

  it("logs requests without contents, and nothing but JSON", async () => {
    const service = await readyService(databaseUrl);
    const person = await signUp(service);
    const jwt = await token(service, person);
    await service.fetch("/api/auth/unknown?token=very-secret");
    await service.fetch("/api/auth/sign-in/email", {
      json: { email: person.email, password: "wrong-password-123" },
    });
    const { stdout, stderr } = await service.stop();
    assert.equal(stderr, "");
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ message }) => message === "request");
    assert.deepEqual(
      requests.map(({ method, route, status }) => [method, route, status]),
      [
        ["POST", "/api/auth/sign-up/email", 200],
        ["GET", "/api/auth/token", 200],
        ["GET", null, 404],
        ["POST", "/api/auth/sign-in/email", 401],
      ],
    );
    const session = person.authorization.split(" ")[1] ?? "";
    for (const secret of [person.email, PASSWORD, "wrong-password", jwt, session, "very-secret"]) {
      assert.equal(stdout.includes(secret), false, secret);
    }
  });
});
