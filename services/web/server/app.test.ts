import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { createReadiness, type Readiness } from "./probes.ts";
import { readSite } from "./site.ts";

const SCRIPT = `console.log(${JSON.stringify("a".repeat(2000))});`;
const FILES: Readonly<Record<string, string>> = {
  "index.html": "<!doctype html><title>taskchat</title>",
  "favicon.svg": "<svg></svg>",
  "assets/index-0123abcd.js": SCRIPT,
  "assets/index-0123abcd.css": "body { margin: 0 }",
};
const SCRIPT_PATH = "/assets/index-0123abcd.js";
const CONVERSATION = "/c/0198c0de-0000-7000-8000-000000000001";

let folder = "";
let app: Hono;
let readiness: Readiness;
const lines: unknown[] = [];

async function appWith(chatkitDomainKey: string | null): Promise<Hono> {
  const site = await readSite(join(folder, "site"));
  const settings = { chatkitDomainKey, modelIsSimulated: true };
  return createApp({ settings, site, readiness, log: (...line) => lines.push(line) });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "taskchat-web-"));
  await mkdir(join(folder, "site", "assets"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "not of the site");
  for (const [name, text] of Object.entries(FILES)) {
    await writeFile(join(folder, "site", name), text);
  }
  readiness = createReadiness();
  app = await appWith(null);
});

after(() => rm(folder, { recursive: true }));

describe("what is no file of the page", () => {
  const nowhere = [
    "/nowhere",
    "/index.html/",
    "/index.html",
    "/assets",
    "/assets/",
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/assets/INDEX-0123ABCD.JS",
    "/api/auth/get-session",
    "/api/0198c0de-0000-7000-8000-000000000001/chat",
    "/c/",
    "/c",
    `/c/${"x".repeat(101)}`,
    "/c/one/two",
    `${CONVERSATION}/`,
    `/C${CONVERSATION.slice(2)}`,
    "/account/",
    "/Account",
    "/reset-password/a-token",
    "/verify/",
    "/verify-email",
    "/constructor",
    "/__proto__",
  ];
  for (const path of nowhere) {
    test(path, async () => {
      const answer = await app.request(path);

      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.headers.get("cache-control"), "no-store");
      const problem = (await answer.json()) as Record<string, unknown>;
      assert.equal(problem.code, "not_found");
      assert.equal(problem.type, "urn:taskchat:problem:not_found");
    });
  }

  test("a folder without a built page", async () => {
    await assert.rejects(readSite(join(folder, "site", "assets")), /npm run build/);
  });
});

describe("methods that write", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    for (const path of ["/", "/account", "/config.json", "/healthz", SCRIPT_PATH]) {
      test(`${method} ${path}`, async () => {
        const answer = await app.request(path, { method });

        assert.equal(answer.status, 405);
        assert.equal(answer.headers.get("allow"), "GET, HEAD");
        assert.equal(((await answer.json()) as { code: string }).code, "method_not_allowed");
      });
    }
  }
});

describe("files", () => {
  test("the page at its root, at a conversation's address and at those of its own", async () => {
    const places = ["/account", "/reset-password?token=a-token", "/verify?error=TOKEN_EXPIRED"];
    for (const path of ["/", CONVERSATION, "/?from=elsewhere", ...places]) {
      const answer = await app.request(path);

      assert.equal(answer.status, 200, path);
      assert.equal(await answer.text(), FILES["index.html"]);
      assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
      assert.equal(answer.headers.get("cache-control"), "no-cache");
    }
  });

  for (const path of [
    "/c/nonsense",
    `/c/${CONVERSATION.slice(3).toUpperCase()}`,
    `/c/${"x".repeat(100)}`,
    "/c/%E2%80%9Cquoted%E2%80%9D",
    "/c/%zz",
  ]) {
    test(`the page says that there is no conversation at ${path.slice(0, 40)}`, async () => {
      const headers = { "if-none-match": "*" };
      const answer = await app.request(path, { headers });

      assert.equal(answer.status, 404);
      assert.equal(await answer.text(), FILES["index.html"]);
      assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
      assert.equal(answer.headers.get("cache-control"), "no-cache");
      assert.equal((await app.request(path, { method: "HEAD" })).status, 404);
      const written = await app.request(path, { method: "POST" });
      assert.equal(((await written.json()) as { code: string }).code, "not_found");
    });
  }

  test("an asset is kept for ever, other files for a day", async () => {
    const asset = await app.request(SCRIPT_PATH);
    const icon = await app.request("/favicon.svg");

    assert.equal(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(asset.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(icon.headers.get("cache-control"), "public, max-age=86400");
    assert.equal(icon.headers.get("content-type"), "image/svg+xml");
  });

  const accepted: [string, string | null][] = [
    ["gzip, deflate, br, zstd", "br"],
    ["BR;q=0.5, gzip", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip;q=0.1", "gzip"],
    ["br;q=0.0, gzip;q=0", null],
    ["zstd", null],
    ["", null],
  ];
  for (const [header, encoding] of accepted) {
    test(`accept-encoding: ${header}`, async () => {
      const headers = { "accept-encoding": header };
      const answer = await app.request(SCRIPT_PATH, { headers });

      assert.equal(answer.headers.get("content-encoding"), encoding);
      assert.equal(answer.headers.get("vary"), "accept-encoding");
      const body = Buffer.from(await answer.arrayBuffer());
      assert.equal(answer.headers.get("content-length"), String(body.length));
      const unpacked = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ""];
      assert.equal((unpacked?.(body) ?? body).toString(), SCRIPT);
    });
  }

  test("small ones are not compressed", async () => {
    const answer = await app.request("/", { headers: { "accept-encoding": "br, gzip" } });

    assert.equal(answer.headers.get("content-encoding"), null);
    assert.equal(answer.headers.get("vary"), null);
  });

  test("HEAD says the same without a body", async () => {
    const headers = { "accept-encoding": "br" };
    const whole = await app.request(SCRIPT_PATH, { headers });
    const head = await app.request(SCRIPT_PATH, { method: "HEAD", headers });

    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    assert.deepEqual([...head.headers], [...whole.headers]);
  });

  test("what the client has already is not sent again, in each encoding", async () => {
    const tags = new Set<string>();
    for (const encoding of ["br", "gzip", "identity"]) {
      const headers = { "accept-encoding": encoding };
      const etag = (await app.request(SCRIPT_PATH, { headers })).headers.get("etag") ?? "";
      tags.add(etag);
      for (const known of [etag, `W/${etag}`, `"another", ${etag}`, "*"]) {
        const again = await app.request(SCRIPT_PATH, {
          headers: { ...headers, "if-none-match": known },
        });

        assert.equal(again.status, 304, known);
        assert.equal(await again.text(), "");
        assert.equal(again.headers.get("etag"), etag);
        assert.match(again.headers.get("cache-control") ?? "", /immutable/);
      }
      const other = await app.request(SCRIPT_PATH, {
        headers: { ...headers, "if-none-match": '"another"' },
      });
      assert.equal(other.status, 200);
    }
    assert.equal(tags.size, 3);
  });
});

test("what was asked for is logged where it is asked for; what went wrong, always", async () => {
  lines.length = 0;
  await app.request("/");
  await app.request("/nowhere");
  const levels = (lines as [string, string][]).map(([level, message]) => `${level} ${message}`);

  assert.deepEqual(levels, ["DEBUG request", "INFO request"]);
});

test("what the page is told", async () => {
  const told = await app.request("/config.json");

  assert.deepEqual(await told.json(), { chatkitDomainKey: null, modelIsSimulated: true });
  assert.equal(told.headers.get("cache-control"), "no-cache");
  assert.equal(told.headers.get("content-type"), "application/json");
});

describe("what a browser may do", () => {
  test("is said with every answer", async () => {
    for (const path of ["/", SCRIPT_PATH, "/config.json", "/nowhere", "/healthz"]) {
      const { headers } = await app.request(path);

      assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; /, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("x-frame-options"), "DENY");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
      assert.match(headers.get("permissions-policy") ?? "", /microphone=\(\)/);
    }
  });

  test("nothing inline and nothing of elsewhere, while we are alone", async () => {
    const { headers } = await app.request("/");
    const policy = headers.get("content-security-policy") ?? "";

    assert.doesNotMatch(policy, /unsafe|https?:|data:|blob:|\*/);
    for (const directive of [
      "script-src 'self'",
      "connect-src 'self'",
      "frame-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]) {
      assert.ok(policy.split("; ").includes(directive), directive);
    }
  });

  test("with OpenAI's element what it needs, and no other origin", async () => {
    const official = await appWith("domain_pk_0123");
    const policy = (await official.request("/")).headers.get("content-security-policy") ?? "";
    const told = await (await official.request("/config.json")).json();

    assert.deepEqual(told, { chatkitDomainKey: "domain_pk_0123", modelIsSimulated: true });
    assert.ok(policy.includes("script-src 'self' https://cdn.platform.openai.com;"));
    assert.ok(policy.includes("frame-src https://cdn.platform.openai.com;"));
    const origins = new Set(policy.match(/https?:[^\s;]*/g));
    assert.deepEqual([...origins], ["https://cdn.platform.openai.com"]);
    assert.ok(policy.includes("frame-ancestors 'none'"));
    const scripts = policy.split("; ").find((directive) => directive.startsWith("script-src"));
    assert.doesNotMatch(scripts ?? "", /unsafe/);
  });
});

test("probes answer and are not logged; draining is not ready", async () => {
  lines.length = 0;
  assert.deepEqual(await (await app.request("/healthz")).json(), { status: "ok" });
  assert.deepEqual(await (await app.request("/readyz")).json(), { status: "ready" });
  assert.deepEqual(lines, []);

  readiness.drain();
  const draining = await app.request("/readyz");
  assert.equal(draining.status, 503);
  assert.equal(draining.headers.get("retry-after"), "1");
  assert.equal(((await draining.json()) as { code: string }).code, "not_ready");
  assert.equal((await app.request("/healthz")).status, 200);
});
