import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request as open,
  type RequestListener,
  type Server,
} from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { createPass } from "./passing.ts";

const CHAT = "/api/0198c0de-0000-7000-8000-000000000001/chat";
let front: Server;
const behind: Record<"auth" | "gateway", Server> = {
  auth: createServer(),
  gateway: createServer(),
};
/** What the service behind does with its next requests. */
let answering: RequestListener = (_, response) => response.end();
const asked: { service: string; request: IncomingMessage }[] = [];
const lines: [string, string, unknown][] = [];

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const urlOf = (server: Server) => `http://127.0.0.1:${portOf(server)}`;

async function listening<T extends { listen(port: number, host: string): unknown }>(server: T) {
  server.listen(0, "127.0.0.1");
  await once(server as never, "listening");
  return server;
}

before(async () => {
  for (const [service, server] of Object.entries(behind)) {
    await listening(server);
    server.on("request", (request, response) => {
      asked.push({ service, request });
      answering(request, response);
    });
  }
  const services = { auth: urlOf(behind.auth), gateway: urlOf(behind.gateway) };
  const pass = createPass(services, (...line) => lines.push(line as never));
  front = createServer((request, response) => {
    if (!pass(request, response)) response.writeHead(418).end();
  });
  await listening(front);
});

after(() => {
  for (const server of [front, behind.auth, behind.gateway]) {
    server.closeAllConnections();
    server.close();
  }
});

afterEach(() => {
  answering = (_, response) => response.end();
  asked.length = 0;
  lines.length = 0;
});

/** Sends bytes as they are, and reads until the other side ends. */
async function exchange(text: string): Promise<string> {
  const socket = connect(portOf(front), "127.0.0.1");
  socket.write(text);
  let said = "";
  for await (const part of socket.setEncoding("utf8")) said += part;
  return said;
}

describe("what is not passed", () => {
  for (const path of [
    "/",
    "/api",
    "/apis/x",
    "/internal/people/x/erase",
    "/API/auth/token",
    "/x/../api/auth/token",
  ]) {
    test(path, async () => {
      const said = await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

      assert.match(said, /^HTTP\/1.1 418 /);
      assert.deepEqual(asked, []);
    });
  }
});

describe("a service that is away", () => {
  test("is a problem that says when to try again", async () => {
    const nobody = await listening(createTcpServer((socket) => socket.destroy()));
    const gone = `http://127.0.0.1:${portOf(nobody)}`;
    nobody.close();
    await once(nobody, "close");
    const pass = createPass({ auth: gone, gateway: gone }, (...line) => lines.push(line as never));
    const lonely = await listening(createServer((...both) => void pass(...both)));
    try {
      const answer = await fetch(`${urlOf(lonely)}${CHAT}?x=1`, { method: "POST", body: "{}" });

      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get("retry-after"), "2");
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      const problem = (await answer.json()) as Record<string, unknown>;
      assert.equal(problem.code, "service_unavailable");
      assert.equal(problem.instance, CHAT);
      assert.ok(lines.some(([level, said]) => level === "WARNING" && /not reached/.test(said)));
    } finally {
      lonely.close();
    }
  });

  test("before its answer", async () => {
    answering = (request) => request.socket.destroy();

    const answer = await fetch(urlOf(front) + CHAT, { method: "POST", body: "{}" });

    assert.equal(answer.status, 503);
  });

  test("in the middle of its answer: what came does not look whole", async () => {
    answering = (request, response) => {
      response.write("data: 1\n\n", () => request.socket.destroy());
    };

    const answer = await fetch(urlOf(front) + CHAT);

    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
  });
});

describe("a client that goes away", () => {
  test("in the middle of the answer: the service learns of it", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    answering = (_, response) => {
      closed = once(response, "close");
      response.write("data: 1\n\n");
    };
    const leaving = new AbortController();

    const answer = await fetch(urlOf(front) + CHAT, { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();

    await closed;
  });

  test("in the middle of its request: the service gets no whole one", async () => {
    let ended: Promise<unknown> = Promise.resolve();
    answering = (request) => {
      ended = once(request, "end");
      request.resume();
    };
    const sending = open(urlOf(front) + CHAT, { method: "POST" });
    sending.on("error", () => undefined);
    sending.write("{");
    await once(behind.gateway, "request");
    sending.destroy();

    await assert.rejects(ended, /aborted/);
  });
});

describe("what is passed", () => {
  const routes: [string, string][] = [
    ["/api/auth/token", "auth"],
    ["/api/auth/sign-in/email?x=%2F..", "auth"],
    [CHAT, "gateway"],
    ["/api/authx/chat", "gateway"],
    ["/api/x/%2e%2e/auth", "gateway"],
  ];
  for (const [path, service] of routes) {
    test(`${path} to ${service}, spelled as it came`, async () => {
      await exchange(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

      assert.deepEqual(
        asked.map((one) => [one.service, one.request.url]),
        [[service, path]],
      );
    });
  }

  test("headers as they came, repeated ones too, but for those between neighbours", async () => {
    answering = (_, response) => {
      response.writeHead(401, "Nobody", [
        ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Own", "1"],
        ...["Connection", "X-Hop", "X-Hop", "1"],
      ]);
      response.end("{}");
    };

    const said = await exchange(
      [
        `POST ${CHAT} HTTP/1.1`,
        "Host: localhost:3000",
        "Origin: http://localhost:3000",
        "Origin: http://evil.example",
        "Cookie: session=1",
        "Connection: close, X-Secret",
        "X-Secret: 1",
        "Proxy-Authorization: Basic eDp5",
        "TE: trailers",
        "Content-Length: 2",
        "",
        "{}",
      ].join("\r\n"),
    );

    const raw = asked[0]?.request.rawHeaders ?? [];
    assert.deepEqual(raw.slice(0, 10), [
      ...["Host", "localhost:3000"],
      ...["Origin", "http://localhost:3000", "Origin", "http://evil.example"],
      ...["Cookie", "session=1", "Content-Length", "2"],
    ]);
    assert.doesNotMatch(raw.join(), /X-Secret|Proxy-Auth|trailers/);
    assert.match(said, /^HTTP\/1.1 401 Nobody\r\n/);
    assert.match(said, /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Own: 1\r\n/);
    assert.doesNotMatch(said, /X-Hop/);
  });

  test("a body in chunks stays one request, whatever the method", async () => {
    const bodies: string[] = [];
    answering = async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      bodies.push(body);
      response.end();
    };
    const inner = `GET ${CHAT} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const method of ["POST", "GET", "DELETE"]) {
      await exchange(
        `${method} ${CHAT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
          `Transfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
      );
    }

    assert.deepEqual(bodies, [inner, inner, inner]);
    assert.equal(asked.length, 3);
  });

  test("each part of a stream when it comes, both ways", async () => {
    answering = (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      request.pipe(response);
    };
    const sending = open(urlOf(front) + CHAT, { method: "POST" });
    sending.flushHeaders();
    const [answer] = (await once(sending, "response")) as [IncomingMessage];

    // Each part is sent only when the one before has come back: nothing waits for more.
    for (const part of ["data: 1\n\n", "data: 2\n\n"]) {
      sending.write(part);
      const [came] = await once(answer, "data");
      assert.equal(String(came), part);
    }
    sending.end();
    await once(answer.resume(), "end");
  });

  test("an answer that does not wait for the whole request", async () => {
    answering = (_, response) => response.writeHead(413, { connection: "close" }).end("no");
    const sending = open(urlOf(front) + CHAT, { method: "POST" });
    sending.on("error", () => undefined);
    sending.write("x".repeat(200_000));
    const [answer] = (await once(sending, "response")) as [IncomingMessage];

    assert.equal(answer.statusCode, 413);
    sending.destroy();
  });
});
