import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Environment } from "./setting-reading.ts";
import { readMigrationSettings, readServiceSettings } from "./settings.ts";

const right: Environment = {
  DATABASE_URL: "postgresql://auth:secret@db.example.com/taskchat?sslmode=require",
  BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
  BETTER_AUTH_URL: "http://localhost:8001",
  ALLOWED_ORIGINS: "http://localhost:3000",
};

function complaints(more: Environment): string[] {
  const settings = readServiceSettings({ ...right, ...more });
  return "complaints" in settings ? settings.complaints : [];
}

describe("settings", () => {
  for (const name of Object.keys(right)) {
    it(`without ${name} are refused in one line that names it, with an example`, () => {
      const [line = "", ...others] = complaints({ [name]: undefined });
      assert.match(line, new RegExp(`^${name} is missing\\. It is the .+\\. Example: ${name}=.`));
      assert.deepEqual(others, []);
    });
  }

  for (const [name, ...values] of [
    ["PORT", "", "no", "-1", "65536", "80.5"],
    ["HOST", ""],
    ["DATABASE_URL", "", "db.example.com", "mysql://a:b@db/x", "postgresql://auth@db/x"],
    ["DATABASE_URL", "postgresql://auth:secret@db/", "postgresql://a:b@db/x?sslmode=maybe"],
    ["BETTER_AUTH_SECRET", "", "0123456789abcdef0123456789abcde"],
    ["BETTER_AUTH_URL", "", "localhost:8001", "http://localhost:8001/", "https://a.example/auth"],
    ["ALLOWED_ORIGINS", "", "*", "null", "https://*.example.com", "http://localhost:3000/"],
    ["ALLOWED_ORIGINS", "https://a.example:443", "https://A.example", "a.example", "ftp://a.b"],
    ["ALLOWED_ORIGINS", "http://localhost:3000,", "https://a.example https://b.example"],
    ["CLIENT_IP_HEADER", "x real ip", "x-real-ip, x-forwarded-for"],
    ["RATE_LIMIT_ENABLED", "yes", "1", ""],
    ["JWT_LIFETIME_SECONDS", "0", "3601", "5m"],
    ["LOG_LEVEL", "info", "TRACE"],
    ["OTEL_TRACES_SAMPLER", "sometimes"],
    ["OTEL_TRACES_SAMPLER_ARG", "2", "many"],
  ] as const) {
    for (const value of values) {
      it(`refuse ${name}=${value}, without repeating it`, () => {
        const [line = "", ...others] = complaints({ [name]: value });
        assert.ok(line.startsWith(`${name} is wrong: `), line);
        assert.ok(line.includes(`Example: ${name}=`), line);
        assert.deepEqual(others, []);
        const [words = ""] = line.split(" Example: ");
        assert.equal(value.length > 12 && words.includes(value), false, line);
      });
    }
  }

  for (const name of [
    "BETTER_AUTH_TRUSTED_ORIGINS",
    "BETTER_AUTH_SECRETS",
    "BETTER_AUTH_TELEMETRY",
  ]) {
    it(`refuse ${name}, which Better Auth would read on its own`, () => {
      const [line = ""] = complaints({ [name]: "x" });
      assert.ok(line.startsWith(`${name} is not supported. `), line);
    });
  }

  it("name every wrong variable at once", () => {
    assert.equal(complaints({ PORT: "no", BETTER_AUTH_URL: "x", LOG_LEVEL: "x" }).length, 3);
  });

  it("have the defaults of the contract", () => {
    assert.deepEqual(readServiceSettings(right), {
      host: "127.0.0.1",
      port: 8001,
      metricsPort: 9464,
      buildRevision: "unknown",
      databaseUrl: right.DATABASE_URL,
      secret: right.BETTER_AUTH_SECRET,
      url: "http://localhost:8001",
      allowedOrigins: ["http://localhost:3000"],
      clientIpHeader: null,
      rateLimitEnabled: true,
      jwtLifetimeSeconds: 300,
      parts: null,
      mail: null,
      mailboxUrl: null,
      edgeBeginsTraces: false,
      logLevel: "INFO",
      traces: null,
    });
  });

  it("name both services that keep something of people, or neither", () => {
    const parts = (more: Record<string, string>) => {
      const settings = readServiceSettings({ ...right, ...more });
      return "complaints" in settings ? settings.complaints : settings.parts;
    };
    const urls = { CHAT_GATEWAY_URL: "http://chat:8000", MCP_TOOLS_URL: "http://tools:8002" };
    assert.equal(parts({ ...urls, MCP_TOOLS_URL: "" }), null);
    assert.deepEqual(parts(urls), {
      "chat-gateway": "http://chat:8000",
      "mcp-tools": "http://tools:8002",
    });
    assert.match(
      String(parts({ ...urls, MCP_TOOLS_URL: "tools:8002/" })),
      /^MCP_TOOLS_URL is wrong/,
    );
  });

  it("read lists, headers and switches", () => {
    const settings = readServiceSettings({
      ...right,
      ALLOWED_ORIGINS: "https://a.example, https://b.example:8443 ,https://a.example",
      CLIENT_IP_HEADER: "X-Real-IP",
      RATE_LIMIT_ENABLED: "false",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
    });
    assert.ok(!("complaints" in settings));
    assert.deepEqual(settings.allowedOrigins, ["https://a.example", "https://b.example:8443"]);
    assert.equal(settings.clientIpHeader, "x-real-ip");
    assert.equal(settings.rateLimitEnabled, false);
    assert.deepEqual(settings.traces, { sampler: "parentbased_always_on", samplerRatio: 1 });
  });

  for (const off of [{ OTEL_SDK_DISABLED: "true" }, { OTEL_TRACES_EXPORTER: "none" }]) {
    it(`leave tracing off with ${Object.keys(off)[0]}, endpoint or not`, () => {
      const settings = readServiceSettings({
        ...right,
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
        ...off,
      });
      assert.ok(!("complaints" in settings));
      assert.equal(settings.traces, null);
    });
  }

  it("of a migration need the owner, and no secret of the service", () => {
    const settings = readMigrationSettings({ DATABASE_URL: right.DATABASE_URL });
    assert.ok("complaints" in settings);
    assert.match(settings.complaints.join(), /^DATABASE_URL_DIRECT is missing/);
  });
});
