import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { boundConnections } from "./connections.ts";

const MOST = 3;
const WHOLE = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
const HALF_HEAD = "GET / HTTP/1.1\r\nhost: loc";
const HALF_BODY = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{";

describe("a server with bounded connections", () => {
  let server: Server;
  /** Ends each request that waits for it; in the order in which they came. */
  const held: (() => void)[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    server = createServer();
    boundConnections(server, MOST);
    server.on("request", (request, response) => {
      request.resume();
      if (request.method === "POST") request.once("end", () => response.end("read"));
      else held.push(() => response.end("answer"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  async function sent(words: string): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    sockets.push(socket.on("error", () => undefined));
    await once(socket, "connect");
    socket.write(words);
    return socket;
  }

  async function answerTo(words: string): Promise<string> {
    return text(await sent(words));
  }

  const hostile: Readonly<Record<string, [string, string]>> = {
    "that are no HTTP": ["\u0016\u0003\u0001\r\n\r\n", "400 Bad Request"],
    "with a head that is too large": [
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"a".repeat(20_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
    ],
    "with two lengths": [
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      "400 Bad Request",
    ],
    "that expect what nobody does": [
      "GET / HTTP/1.1\r\nhost: localhost\r\nexpect: a-miracle\r\nconnection: close\r\n\r\n",
      "417 Expectation Failed",
    ],
  };
  for (const [what, [words, status]] of Object.entries(hostile)) {
    it(`answers requests ${what} as quietly as others`, async () => {
      const answer = await answerTo(words);
      assert.ok(answer.startsWith(`HTTP/1.1 ${status}\r\n`), answer);
      assert.match(answer, /\r\ncache-control: no-store\r\n/i);
      assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
    });
  }

  for (const [what, words] of Object.entries({ head: HALF_HEAD, body: HALF_BODY, nothing: "" })) {
    it(`closes the one that waits longest, with half a ${what}, for one more`, async () => {
      const first = await sent(words);
      const gone = once(first, "close");
      for (let others = 0; others < MOST - 1; others += 1) await sent(HALF_HEAD);
      const answer = answerTo(
        HALF_BODY.replace("9", "1").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
      );
      await gone;
      assert.match(await answer, /\r\n\r\nread$/);
      for (const socket of sockets.splice(0)) socket.destroy();
    });
  }

  it("closes none that has sent a whole request, but the one that is too many", async () => {
    const busy = await Promise.all(Array.from({ length: MOST }, () => sent(WHOLE)));
    while (held.length < MOST) await new Promise(setImmediate);
    await once(await sent(WHOLE), "close");
    assert.deepEqual(
      busy.map((socket) => socket.destroyed),
      busy.map(() => false),
    );
    const answers = busy.map((socket) => once(socket, "data"));
    for (const end of held.splice(0)) end();
    for (const [answer] of await Promise.all(answers))
      assert.match(String(answer), /^HTTP\/1.1 200 /);
    // They are idle now, and give way.
    assert.match(
      await answerTo(
        HALF_BODY.replace("9", "1").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
      ),
      /read$/,
    );
  });
});

describe("a server whose answers are to be taken", () => {
  const LARGE = Buffer.alloc(64 * 1024 * 1024);
  let server: Server;

  before(async () => {
    server = createServer({ keepAliveTimeout: 50 });
    boundConnections(server, MOST, 200);
    server.on("request", (request, response) => {
      if (request.url === "/large") response.end(LARGE);
      else if (request.url === "/late") server.once("timeout", () => response.end("late"));
      else response.end("soon");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  /** Both ends of a connection on which a path was asked for. */
  async function asked(path: string): Promise<{ here: Socket; there: Socket }> {
    const connection = once(server, "connection");
    const here = connect((server.address() as AddressInfo).port, "127.0.0.1");
    here.on("error", () => undefined).write(WHOLE.replace("/", path));
    const [there] = (await connection) as [Socket];
    return { here, there };
  }

  it("closes the connection of who takes nothing", async () => {
    const { here, there } = await asked("/large");
    await once(there, "close");
    here.destroy();
  });

  it("closes none because its answer is long in coming", async () => {
    const { here } = await asked("/late");
    assert.match(await text(here), /\r\n\r\nlate$/);
  });

  it("closes one that was kept open in vain", async () => {
    const { here } = await asked("/");
    assert.match(await text(here), /\r\n\r\nsoon$/);
  });
});
