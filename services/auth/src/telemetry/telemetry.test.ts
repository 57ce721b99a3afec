import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { serve } from "@hono/node-server";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace";
import { migratedDatabase, query } from "../../test/databases.ts";
import { ORIGIN, PASSWORD, readyService, signUp, variables } from "../../test/service.ts";
import { createAuth } from "../accounts/auth.ts";
import { createDatabase, type Database } from "../database/database.ts";
import { createApp } from "../http/app.ts";
import { createReadiness } from "../http/probes.ts";
import { createLimitRows } from "../limits/limit-rows.ts";
import { createLimits } from "../limits/limits.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { createAuditLog } from "./audit.ts";
import { createLog, type Log } from "./logs.ts";
import { querySpan } from "./telemetry.ts";
import { type StopTelemetry, startExport } from "./telemetry-export.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

describe("traces", () => {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter });
  const logged: string[] = [];
  let database: Database;
  let ownerUrl: string;
  const servers: ReturnType<typeof serve>[] = [];
  let stop: StopTelemetry;
  let url: string;
  let urlBehindEdge: string;

  before(async () => {
    const found = await migratedDatabase();
    ownerUrl = found.ownerUrl;
    stop = startExport({ sampler: "parentbased_always_on", samplerRatio: 1 }, processor);
    const log = createLog("INFO", "test", (line) => logged.push(line));
    database = createDatabase(found.serviceUrl, log);
    url = await served(variables(found.serviceUrl), log);
    urlBehindEdge = await served(variables(found.serviceUrl, { EDGE_BEGINS_TRACES: "true" }), log);
  });
  async function served(env: Record<string, string>, log: Log): Promise<string> {
    const settings = readServiceSettings(env);
    assert.ok(!("complaints" in settings));
    const app = createApp({
      settings,
      authHandler: createAuth(settings, database, log).handler,
      keySet: { get: () => Promise.resolve({ result: { keys: [] } }) },
      readiness: createReadiness([]),
      limits: createLimits(settings, createLimitRows(database)),
      log,
      auditLog: createAuditLog(log, settings.secret),
      metrics: { answered: () => undefined },
    });
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    servers.push(server);
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  after(async () => {
    for (const server of servers) server.close();
    await database.end();
    await stop();
  });

  async function spansOf(
    path: string,
    init: RequestInit = {},
    base = url,
  ): Promise<ReadableSpan[]> {
    exporter.reset();
    logged.length = 0;
    await (await fetch(base + path, init)).text();
    await processor.forceFlush();
    return exporter.getFinishedSpans();
  }
  const signIn = (traceparent?: string, base = url) =>
    spansOf(
      "/api/auth/sign-in/email",
      {
        method: "POST",
        body: JSON.stringify({ email: "nobody@example.com", password: PASSWORD }),
        headers: {
          "content-type": "application/json",
          origin: ORIGIN,
          baggage: "from=stranger",
          ...(traceparent && { traceparent }),
        },
      },
      base,
    );

  for (const flags of ["00", "01"]) {
    it(`begin here and link the caller's, whatever it says of sampling (${flags})`, async () => {
      const spans = await signIn(`00-${TRACE_ID}-${PARENT}-${flags}`);
      const root = spans.find(({ kind }) => kind === SpanKind.SERVER);
      assert.ok(root);
      assert.equal(root.parentSpanContext, undefined);
      assert.deepEqual(
        root.links.map(({ context: { traceId, spanId } }) => [traceId, spanId]),
        [[TRACE_ID, PARENT]],
      );
      assert.ok(spans.every((span) => span.spanContext().traceId !== TRACE_ID));
      assert.ok(logged.every((line) => !line.includes(TRACE_ID)));
    });
  }

  it("continue the edge's trace, with a span for each statement", async () => {
    const spans = await signIn(`00-${TRACE_ID}-${PARENT}-01`, urlBehindEdge);
    const root = spans.find(({ kind }) => kind === SpanKind.SERVER);
    assert.ok(root);
    assert.equal(root.name, "POST /api/auth/sign-in/email");
    assert.equal(root.spanContext().traceId, TRACE_ID);
    assert.equal(root.parentSpanContext?.spanId, PARENT);
    assert.equal(root.attributes["http.response.status_code"], 401);
    assert.equal(root.status.code, SpanStatusCode.UNSET);
    const statements = spans.filter((span) => span !== root);
    assert.deepEqual(
      statements.map(({ name, kind }) => [name, kind]),
      [["SELECT user", SpanKind.CLIENT]],
    );
    for (const { parentSpanContext, attributes } of statements) {
      assert.equal(parentSpanContext?.spanId, root.spanContext().spanId);
      assert.equal(attributes["db.system.name"], "postgresql");
    }
  });

  it("name themselves in the log", async () => {
    await signIn(`00-${TRACE_ID}-${PARENT}-01`, urlBehindEdge);
    assert.ok(logged.some((line) => line.includes(`"trace_id":"${TRACE_ID}"`)));
  });

  it("hold no e-mail, password or words of an error", async () => {
    const spans = await signIn();
    const text = JSON.stringify(spans.map(({ attributes, events }) => ({ attributes, events })));
    assert.doesNotMatch(text, /nobody@example|correct horse/);
    assert.ok(spans.every(({ events }) => events.length === 0));
  });

  it("are not made when the edge's trace is not sampled", async () => {
    assert.deepEqual(await signIn(`00-${TRACE_ID}-${PARENT}-00`, urlBehindEdge), []);
  });

  it("are not made of statements outside of a request", async () => {
    exporter.reset();
    assert.equal(await querySpan("select 1", "db", () => Promise.resolve(7)), 7);
    await processor.forceFlush();
    assert.deepEqual(exporter.getFinishedSpans(), []);
  });

  for (const traceparent of ["nonsense", `00-${"0".repeat(32)}-${PARENT}-01`]) {
    it(`begin anew after '${traceparent}'`, async () => {
      const root = (await signIn(traceparent)).find(({ kind }) => kind === SpanKind.SERVER);
      assert.ok(root);
      assert.equal(root.parentSpanContext, undefined);
      assert.deepEqual(root.links, []);
    });
  }

  it("have no unbounded name, and none for probes", async () => {
    const spans = await spansOf("/api/auth/unknown-123");
    assert.deepEqual(
      spans.map(({ name }) => name),
      ["GET"],
    );
    assert.deepEqual(await spansOf("/readyz"), []);
    assert.deepEqual(await spansOf("/healthz"), []);
  });

  it("show a failure by its code", async () => {
    await query(ownerUrl, "set role auth_owner; alter table auth.user rename column email to gone");
    const spans = await signIn();
    const statement = spans.find(({ kind }) => kind === SpanKind.CLIENT);
    const root = spans.find(({ kind }) => kind === SpanKind.SERVER);
    assert.equal(statement?.attributes["error.type"], "42703");
    assert.equal(statement?.status.code, SpanStatusCode.ERROR);
    const exceptions = spans.flatMap(({ events }) => events);
    assert.deepEqual(
      exceptions.map(({ name }) => name),
      ["exception"],
    );
    assert.equal(exceptions[0]?.attributes?.["exception.type"], "DatabaseError");
    assert.match(String(exceptions[0]?.attributes?.["exception.stacktrace"]), /^at /);
    assert.doesNotMatch(JSON.stringify(exceptions[0]?.attributes), /email|does not exist/);
    assert.equal(root?.attributes["error.type"], "500");
    assert.equal(root?.status.code, SpanStatusCode.ERROR);
    assert.ok(logged.some((line) => line.includes('"ERROR"') && line.includes("trace_id")));
  });
});

describe("the exporter", () => {
  it("sends spans by OTLP over HTTP, the last ones when the service stops", async () => {
    const received: { url: string; type: string; body: string }[] = [];
    const collector = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts).toString("latin1");
      received.push({
        url: request.url ?? "",
        type: String(request.headers["content-type"]),
        body,
      });
      response.end();
    }).listen(0, "127.0.0.1");
    await once(collector, "listening");
    const { port } = collector.address() as AddressInfo;
    const service = await readyService((await migratedDatabase()).serviceUrl, {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    });
    await signUp(service);
    const { status, stderr } = await service.stop();
    collector.close();
    assert.deepEqual([status, stderr], [0, ""]);
    const [first] = received;
    assert.equal(first?.url, "/v1/traces");
    assert.equal(first?.type, "application/x-protobuf");
    const sent = received.map(({ body }) => body).join("");
    assert.ok(sent.includes("POST /api/auth/sign-up/email"));
    assert.ok(sent.includes("deployment.environment.name"));
    assert.match(sent, /service\.name[^a-z]+auth/);
  });

  it("does not keep the service from stopping when nobody listens", async () => {
    const service = await readyService((await migratedDatabase()).serviceUrl, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    });
    await signUp(service);
    const begin = performance.now();
    assert.equal((await service.stop()).status, 0);
    assert.ok(performance.now() - begin < 5_000);
  });
});
