/** The server as it is shipped: the bundle, in a process of its own. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";

const BUNDLE = fileURLToPath(new URL("../dist/server.js", import.meta.url));

interface Line {
  ts: string;
  level: string;
  logger: string;
  message: string;
  service: string;
  port?: number;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function start(variables: Record<string, string>): ChildProcess {
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const child = spawn(process.execPath, [BUNDLE], { env: variables, stdio: [...stdio] });
  started.push(child);
  return child;
}

/** Its lines as they come, and the first with a message. */
function listen(child: ChildProcess) {
  const lines: Line[] = [];
  const reader = createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> });
  const said = (message: string) =>
    new Promise<Line>((found, missed) => {
      reader.on("line", (text) => {
        const line = JSON.parse(text) as Line;
        if (line.message === message) found(line);
      });
      reader.once("close", () => missed(new Error(`ended without saying: ${message}`)));
    });
  reader.on("line", (text) => lines.push(JSON.parse(text)));
  return { lines, said };
}

test("wrong settings: exit code 2, and why on stderr alone", async () => {
  const child = start({ PORT: "three" });
  let words = "";
  child.stderr?.on("data", (part) => {
    words += part;
  });
  const output = listen(child);
  const [status] = await once(child, "close");

  assert.equal(status, 2);
  assert.match(words, /^PORT is wrong: must be a whole number\. .*Example: PORT=3000\n$/);
  assert.deepEqual(output.lines, []);
});

test("a port that is taken: an error, and exit code 1", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const child = start({ PORT: String(port) });
  const { said } = listen(child);
  const [line, [status]] = await Promise.all([said("cannot listen"), once(child, "close")]);
  other.close();

  assert.equal(line.level, "ERROR");
  assert.equal(status, 1);
});

test("listens, answers, drains at SIGTERM and ends with 0", async () => {
  const child = start({ PORT: "0" });
  const { lines, said } = listen(child);
  const closed = once(child, "close");
  const { port } = await said("listening");
  const url = `http://127.0.0.1:${port}`;

  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  const page = await (await fetch(url)).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "";
  const packed = await fetch(url + script, { headers: { "accept-encoding": "br" } });
  assert.equal(packed.headers.get("content-encoding"), "br");
  assert.doesNotMatch(page, /<script(?![^>]* src=)|<style|style=| on\w+=/, "nothing inline");

  for (const words of ["hello", "GET / HTTP/1.1\r\nconnection: close"]) {
    const stranger = connect(port ?? 0, "127.0.0.1");
    stranger.write(`${words}\r\n\r\n`);
    let refusal = "";
    for await (const part of stranger.setEncoding("utf8")) refusal += part;
    assert.match(refusal, /^HTTP\/1.1 400 .*\r\nx-content-type-options: nosniff\r\n/s, words);
  }
  assert.equal((await fetch(`${url}/healthz`)).headers.get("cache-control"), "no-store");

  // A request that has begun is still answered; a new connection is not taken.
  const slow = connect(port ?? 0, "127.0.0.1");
  slow.write("GET /config.json HTTP/1.1\r\nHost: x\r\n");
  await once(slow, "ready");
  await fetch(`${url}/healthz`);
  child.kill("SIGTERM");
  await said("draining");
  slow.write("\r\n");
  let text = "";
  for await (const part of slow.setEncoding("utf8")) text += part;
  const [status] = await closed;

  assert.match(text, /^HTTP\/1.1 200 OK/);
  assert.equal(status, 0);
  assert.deepEqual(new Set(lines.map((line) => line.service)), new Set(["web"]));
  for (const name of ["ts", "level", "logger", "message"]) assert.ok(lines.every((l) => name in l));
  const messages = lines.map((line) => line.message);
  assert.deepEqual(messages.slice(0, 2), ["listening", "ready"]);
  assert.equal(messages.at(-1), "stopped");
});
