/**
 * What Prometheus is shown of this process, on a port of its own; otel/schema/metrics.yaml lists
 * it. A name of a person, an address or a path that somebody has made up is never a label.
 */
import { createServer, type Server } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Database } from "../database/database.ts";
import type { SecurityEvent } from "./audit.ts";
import { listen } from "./measurements.ts";

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Of one hash, alone 0.1 to 0.4 s; a core that is shared, or a flood, makes it many times that. */
const HASH_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10];
/** As in the Python services (servicekit/telemetry/service_metrics.py). */
const WAIT_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export interface Metrics {
  /** A request was answered. `route` is the pattern that matched, null when none did. */
  answered(route: string | null, status: number, seconds: number): void;
  /** A line was written to the audit. */
  audited(said: SecurityEvent): void;
  /** The page in Prometheus' text format. */
  page(): Promise<string>;
}

/** The metrics of this process. `revision` is the source's that it was built from. */
export function createMetrics(database: Database, version: string, revision: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: "taskchat_auth_requests_total",
    help: "Requests below /api, by the pattern of their path and their status.",
    labelNames: ["route", "status"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "taskchat_auth_request_duration_seconds",
    help: "Requests below /api, from their arrival to the answer.",
    labelNames: ["route"],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const hashSeconds = new Histogram({
    name: "taskchat_auth_hash_duration_seconds",
    help: "Hashes of passwords, new ones and compared ones, without the wait for their turn.",
    buckets: HASH_SECONDS,
    registers,
  });
  const oldestErasure = new Gauge({
    name: "taskchat_auth_erasure_oldest_seconds",
    help: "Since the oldest erasure that is not finished was asked for; 0 when all are.",
    registers,
  });
  const events = new Counter({
    name: "taskchat_security_events_total",
    help: "Lines of the audit.",
    labelNames: ["event", "outcome", "reason"],
    registers,
  });
  const waitSeconds = new Histogram({
    name: "taskchat_database_pool_wait_seconds",
    help: "Time until the pool gave a connection or none.",
    buckets: WAIT_SECONDS,
    registers,
  });
  const timeouts = new Counter({
    name: "taskchat_database_pool_timeouts_total",
    help: "Waits for a connection that came to nothing.",
    registers,
  });
  new Gauge({
    name: "taskchat_database_pool_connections",
    help: "Open database connections, by state: in_use or idle.",
    labelNames: ["state"],
    registers,
    collect() {
      const { open, idle } = database.load();
      this.set({ state: "in_use" }, open - idle);
      this.set({ state: "idle" }, idle);
    },
  });
  new Gauge({
    name: "taskchat_database_pool_waiting",
    help: "Requests that wait for a database connection.",
    registers,
    collect() {
      this.set(database.load().waiting);
    },
  });
  new Gauge({
    name: "taskchat_database_pool_limit",
    help: "Most database connections that the pool opens.",
    registers,
  }).set(database.load().limit);
  new Gauge({
    name: "taskchat_build_info",
    help: "1, with what this process was built from.",
    labelNames: ["service", "version", "revision"],
    registers,
  }).set({ service: "auth", version, revision }, 1);

  listen(({ what, seconds, failed }) => {
    if (what === "password_hash") return hashSeconds.observe(seconds);
    if (what === "oldest_erasure") return oldestErasure.set(seconds);
    waitSeconds.observe(seconds);
    if (failed) timeouts.inc();
  });
  return {
    answered: (route, status, seconds) => {
      requests.inc({ route: route ?? "none", status });
      requestSeconds.observe({ route: route ?? "none" }, seconds);
    },
    audited: ({ event, outcome, reason }) => {
      events.inc({ event, outcome, reason: reason ?? "none" });
    },
    page: () => registry.metrics(),
  };
}

/** A server of `/metrics`, which no edge routes to. It does not listen yet. */
export function metricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.page().then(
      (page) => response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(page),
      () => response.writeHead(500).end(),
    );
  });
}
