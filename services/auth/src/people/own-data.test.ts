import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { migratedDatabase, query, type TestDatabase } from "../../test/databases.ts";
import { assertProblem, serviceFor } from "../../test/expectations.ts";
import { type Part, startPart } from "../../test/part.ts";
import {
  PASSWORD,
  type Person,
  readyService,
  run,
  type Service,
  signUp,
  token,
  until,
  variables,
} from "../../test/service.ts";

const json = (body: object, status = 200) => ({ status, body: JSON.stringify(body) });
const running = () => json({ state: "running", deleted: { task: 2 } });
const done = () => json({ state: "done", deleted: { task: 1 } });
const away = () => json({}, 503);

describe("without the services", () => {
  const found = serviceFor();

  it("there is neither export nor erasure, and the start says so", async () => {
    const { authorization } = await signUp(found.service);
    const headers = { authorization };
    const options = await found.service.fetch("/api/auth/options");
    assert.equal(((await options.json()) as { erasure: boolean }).erasure, false);
    const exported = await found.service.fetch("/api/auth/export", { headers });
    await assertProblem(exported, 404, "not_found");
    const body = { password: PASSWORD };
    const erased = await found.service.fetch("/api/auth/delete-user", { headers, json: body });
    await assertProblem(erased, 404, "not_found");
    assert.match(found.service.output(), /set CHAT_GATEWAY_URL and MCP_TOOLS_URL/);
  });
});

describe("a person's own data", () => {
  let database: TestDatabase;
  let service: Service;
  let chat: Part;
  let tools: Part;
  let env: Record<string, string>;

  before(async () => {
    database = await migratedDatabase();
    [chat, tools] = await Promise.all([startPart(), startPart()]);
    env = { CHAT_GATEWAY_URL: chat.url, MCP_TOOLS_URL: tools.url };
    service = await readyService(database.serviceUrl, env);
  });
  after(async () => {
    await service.stop();
    chat.server.close();
    tools.server.close();
  });

  const erase = (person: Person, password: unknown = PASSWORD) =>
    service.fetch("/api/auth/delete-user", {
      headers: { authorization: person.authorization },
      json: { password },
    });
  const erasure = async (person: Person) => {
    const sql = `select * from auth.erasure where "userId" = $1`;
    const [row] = await query(database.serviceUrl, sql, [person.userId]);
    return row as { finishedAt: Date | null; parts: Record<string, never> } | undefined;
  };
  const finished = (person: Person) =>
    until("the erasure is finished", async () => (await erasure(person))?.finishedAt != null);

  it("is nobody's without a session", async () => {
    const erased = await service.fetch("/api/auth/delete-user", { json: { password: PASSWORD } });
    assert.equal(erased.status, 401);
    assert.equal((await service.fetch("/api/auth/export")).status, 401);
  });

  for (const [what, password, status] of [
    ["a wrong password", "wrong horse battery staple", 400],
    ["no password", null, 400],
    ["an empty one", "", 400],
    ["a number", 1, 400],
    ["an endless one", "x".repeat(129), 400],
  ] as const) {
    it(`is not erased with ${what}`, async () => {
      const person = await signUp(service);
      const answer = await erase(person, password);
      assert.equal(answer.status, status, await answer.text());
      assert.equal(await erasure(person), undefined);
      await token(service, person);
    });
  }

  it("is erased here at once, and there once they can be reached", async () => {
    const person = await signUp(service);
    const other = await signUp(service);
    chat.answers = [away, running, done];
    tools.answers = [running, done];
    chat.heard = [];
    const answer = await erase(person);
    assert.equal(answer.status, 200);
    const body = (await answer.json()) as { success: boolean; erasure: { state: string } };
    assert.deepEqual([body.success, body.erasure.state], [true, "running"]);
    const headers = { authorization: person.authorization };
    assert.equal((await service.fetch("/api/auth/token", { headers })).status, 401);
    const signIn = { email: person.email, password: PASSWORD };
    const again = await service.fetch("/api/auth/sign-in/email", { json: signIn });
    assert.equal(again.status, 401);

    await finished(person);
    const { parts } = (await erasure(person)) ?? {};
    const counts = Object.entries(parts ?? {}).map(([name, part]) => [
      name,
      (part as { state: string }).state,
      (part as { deleted: object }).deleted,
    ]);
    assert.deepEqual(counts.sort(), [
      ["auth", "done", { account: 1, session: 1, user: 1 }],
      ["chat-gateway", "done", { task: 3 }],
      ["mcp-tools", "done", { task: 3 }],
    ]);
    const path = `POST /internal/people/${person.userId}/erase`;
    assert.deepEqual(new Set(chat.heard.map(({ request }) => request)), new Set([path]));
    await token(service, other);
    assert.doesNotMatch(service.output(), new RegExp(person.email));
  });

  it("has a key of its own for each errand: one person, one door, one minute", async () => {
    const person = await signUp(service);
    chat.answers = [done];
    tools.answers = [done];
    chat.heard = [];
    assert.equal((await erase(person)).status, 200);
    await finished(person);
    const keys = createRemoteJWKSet(new URL(`${service.url}/api/auth/jwks`));
    const { payload } = await jwtVerify(chat.heard[0]?.token ?? "", keys);
    assert.equal(payload.sub, person.userId);
    assert.equal(payload.aud, "taskchat-erasure");
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60);
    assert.equal(payload.iss, "http://localhost:8001");
  });

  it("goes on when the process is killed", async () => {
    const person = await signUp(service);
    chat.answers = [away];
    tools.answers = [away];
    assert.equal((await erase(person)).status, 200);
    await service.stop("SIGKILL");
    chat.answers = [done];
    tools.answers = [done];
    await query(database.serviceUrl, `update auth.erasure set "nextAt" = now()`);
    service = await readyService(database.serviceUrl, env);
    await finished(person);
  });

  it("is exported whole, without a secret", async () => {
    const person = await signUp(service);
    const other = await signUp(service);
    chat.answers = [() => json({ messages: [{ content: "hello" }] })];
    tools.answers = [() => json({ tasks: [{ title: "buy groceries" }] })];
    const headers = { authorization: person.authorization };
    const answer = await service.fetch("/api/auth/export", { headers });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-disposition") ?? "", /^attachment/);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    const text = await answer.text();
    const exported = JSON.parse(text);
    assert.equal(exported.format, "taskchat-export/1");
    assert.equal(exported.account.email, person.email);
    assert.equal(exported.sessions.length, 1);
    assert.deepEqual(exported.chat, { messages: [{ content: "hello" }] });
    assert.deepEqual(exported.tasks, { tasks: [{ title: "buy groceries" }] });
    assert.ok(!text.includes(other.email));
    const secrets = await query(
      database.serviceUrl,
      `select password as secret from auth.account where "userId" = $1
       union all select token from auth.session where "userId" = $1`,
      [person.userId],
    );
    assert.equal(secrets.length, 2);
    for (const { secret } of secrets) assert.ok(!text.includes(String(secret)));
  });

  describe("that somebody hardly reads", () => {
    /** More than the buffers between here and there hold. */
    const large = json({ messages: ["x".repeat(24 * 1024 * 1024)] });
    const small = json({ tasks: [] });
    const read = ({ authorization }: Person) =>
      service.fetch("/api/auth/export", { headers: { authorization } });

    async function begun({ authorization }: Person): Promise<IncomingMessage> {
      const asked = get(`${service.url}/api/auth/export`, { headers: { authorization } });
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      assert.equal(answer.statusCode, 200);
      answer.pause();
      return answer;
    }

    it("is not begun again meanwhile, and keeps nobody else from theirs", async () => {
      const person = await signUp(service);
      const other = await signUp(service);
      chat.answers = [() => large];
      tools.answers = [() => small];
      const slow = await begun(person);
      const refused = await read(person);
      assert.equal(refused.headers.get("retry-after"), "10");
      const { detail } = await assertProblem(refused, 429, "rate_limited");
      assert.match(detail, /^An export of your data is being written/);
      chat.answers = [() => small];
      const answer = await read(other);
      const { format } = (await answer.json()) as { format: string };
      assert.equal(format, "taskchat-export/1");
      slow.destroy();
      await until("it may be begun again", async () => (await read(person)).ok);
    });

    it("says so too when it is another process's", async () => {
      const person = await signUp(service);
      chat.answers = [() => json({}, 429)];
      tools.answers = [() => small];
      await assertProblem(await read(person), 429, "rate_limited");
    });

    it("is no whole JSON when a service cuts it off, and may be begun again", async () => {
      const person = await signUp(service);
      chat.answers = [() => large];
      tools.answers = [() => small];
      const slow = await begun(person);
      chat.server.closeAllConnections();
      let came = "";
      slow.setEncoding("utf8").on("data", (piece: string) => {
        came += piece;
      });
      slow.on("error", () => undefined).resume();
      await new Promise((resolve) => slow.on("close", resolve));
      assert.throws(() => JSON.parse(came));
      chat.answers = [() => small];
      await until("it may be begun again", async () => (await read(person)).ok);
    });
  });

  it("is exported also when a service closed the connection that was kept", async () => {
    const { authorization } = await signUp(service);
    chat.answers = [() => json({ messages: [] })];
    tools.answers = [() => json({ tasks: [] })];
    chat.server.once("connection", (socket) => socket.destroy());
    chat.server.closeAllConnections();
    const answer = await service.fetch("/api/auth/export", { headers: { authorization } });
    assert.equal(answer.status, 200);
    await answer.json();
  });

  it("is not exported by halves", async () => {
    const person = await signUp(service);
    chat.answers = [() => json({})];
    tools.answers = [away];
    const headers = { authorization: person.authorization };
    const answer = await service.fetch("/api/auth/export", { headers });
    await assertProblem(answer, 503, "export_unavailable");
  });

  describe("by an operator", () => {
    const command = (name: string, args: string[]) =>
      run(name, args, variables(database.serviceUrl, env));

    for (const name of ["erase", "export"]) {
      it(`${name} wants to know of whom`, async () => {
        assert.equal((await command(name, [])).status, 2);
        assert.equal((await command(name, ["a@b.example", "c@d.example"])).status, 2);
        assert.equal((await command(name, ["nobody@example.com"])).status, 1);
      });
    }

    it("is erased by address, and the report says what went", async () => {
      const person = await signUp(service);
      chat.answers = [running, done];
      tools.answers = [done];
      const { status, stdout, stderr } = await command("erase", [person.email.toUpperCase()]);
      assert.equal(status, 0, stderr);
      const report = JSON.parse(stdout);
      assert.equal(report.userId, person.userId);
      assert.equal(report.parts["chat-gateway"].deleted.task, 3);
      assert.ok(!stdout.includes(person.email));
      assert.equal((await command("erase", [person.userId])).status, 0);
    });

    it("is exported", async () => {
      const person = await signUp(service);
      chat.answers = [() => json({})];
      tools.answers = [() => json({})];
      const { status, stdout } = await command("export", [person.userId]);
      assert.equal(status, 0);
      assert.equal(JSON.parse(stdout).account.email, person.email);
    });
  });
});
