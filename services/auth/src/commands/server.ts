/** Start and stop of the service: `node dist/server.js`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import manifest from "../../package.json" with { type: "json" };
import { createAuth } from "../accounts/auth.ts";
import { createDatabase, noticingOutages } from "../database/database.ts";
import { createApp } from "../http/app.ts";
import { createReadiness } from "../http/probes.ts";
import { createKeySet, type PublicKeys, staleSeconds } from "../keys/jwks.ts";
import { noticingKeyChanges } from "../keys/key-changes.ts";
import { canSign, signingKey } from "../keys/keys.ts";
import { createLimitRows } from "../limits/limit-rows.ts";
import { createLimits } from "../limits/limits.ts";
import type { Outbox } from "../mail/outbox.ts";
import { createPeople } from "../people/people.ts";
import { exitWith, orExit } from "../settings/setting-reading.ts";
import { readServiceSettings } from "../settings/settings.ts";
import { createAuditLog } from "../telemetry/audit.ts";
import { createLog, errorFields, errorStack } from "../telemetry/logs.ts";
import { createMetrics, metricsServer } from "../telemetry/metrics.ts";
import { startTelemetry } from "../telemetry/telemetry.ts";
import { boundConnections } from "./connections.ts";

const SIGNING_KEYS = "the signing keys (is the database up, and migrated?)";
const OTHER_SECRET =
  "BETTER_AUTH_SECRET is wrong: another one encrypted the signing key. Set that one, or make a " +
  "new key with this one: npm run rotate-keys -- publish, then activate --force";
const NO_MAIL =
  "no mail: SMTP_URL and MAIL_FROM are not set, so addresses are not confirmed, and a forgotten " +
  "password is a lost account";
/** As the Python services end. */
const EXIT_CODE_PORT_TAKEN = 3;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
/** After this, connections that are still open are cut. */
const DRAIN_LIMIT_MS = 10_000;
const SWEEP_MS = 100;
/** Spans that a collector does not take in this time are lost. */
const LAST_SPANS_LIMIT_MS = 2_000;
/** Mails that a server does not take in this time are lost; people ask again. */
const LAST_MAILS_LIMIT_MS = 5_000;
/** A sign-in takes a fraction of a second; a client that sends slower than this is cut off. */
const REQUEST_LIMIT_MS = 30_000;
/** Heads come in one piece, or within milliseconds. As at the Python services. */
const HEAD_LIMIT_MS = 10_000;
/** How much later than that Node may notice it. */
const LATENESS_MS = 2_000;

// biome-ignore lint/style/noProcessEnv: the one place where the server's settings are read
const settings = orExit(readServiceSettings(process.env));
const log = createLog(settings.logLevel, "auth.server");
// Node would print the error's own words, which may quote a person.
process.on("uncaughtException", (error) => {
  log("ERROR", "unexpected end", { ...errorFields(error), error_stack: errorStack(error) });
  process.exit(1);
});
const stopTelemetry = await startTelemetry(settings);
const database = createDatabase(settings.databaseUrl, log);
const outbox = await openOutbox();
const limits = createLimits(settings, createLimitRows(database));
const people = createPeople(settings, database, log);
const betterAuthLog = createLog(settings.logLevel, "better-auth");
const auth = createAuth(settings, database, betterAuthLog, outbox, people.own, limits);
people.use(auth);
const metrics = createMetrics(database, manifest.version, settings.buildRevision);
const auditLog = createAuditLog(
  createLog(settings.logLevel, "auth.audit"),
  settings.secret,
  metrics.audited,
);
const keysRead = noticingKeyChanges(auditLog, readKeys, () => signingKey(database));
const keySet = createKeySet(
  () => noticingOutages(keysRead),
  staleSeconds(settings.jwtLifetimeSeconds),
  Date.now,
);
const readiness = createReadiness([SIGNING_KEYS]);
const app = createApp({
  settings,
  authHandler: auth.handler,
  keySet,
  readiness,
  limits,
  log,
  auditLog,
  metrics,
});

const server = createServer({
  requestTimeout: REQUEST_LIMIT_MS,
  headersTimeout: HEAD_LIMIT_MS,
  connectionsCheckingInterval: LATENESS_MS,
  requireHostHeader: false, // else Node answers by itself; the listener refuses it too
});
boundConnections(server);
server.on("request", getRequestListener(app.fetch));
server.listen(settings.port, settings.host, () =>
  log("INFO", "listening", { host: settings.host, port: (server.address() as AddressInfo).port }),
);
server.on("error", (error) => {
  log("ERROR", "cannot listen", errorFields(error));
  process.exit(1);
});

const metricsOnly = metricsServer(metrics);
metricsOnly.on("error", (error) => {
  log("ERROR", "cannot serve metrics; set METRICS_PORT to another one", errorFields(error));
  process.exit(EXIT_CODE_PORT_TAKEN);
});
if (settings.metricsPort !== null) metricsOnly.listen(settings.metricsPort, settings.host);

const stopping = new AbortController();
process.once("SIGTERM", () => void stop("SIGTERM"));
process.once("SIGINT", () => void stop("SIGINT"));
await loadSigningKeys();
void people.erase(stopping.signal);

/** The way of mails; without it the start says what is off, because somebody will miss it. */
async function openOutbox(): Promise<Outbox | null> {
  if (settings.mail === null) {
    log("WARNING", NO_MAIL);
    return null;
  }
  // 60 ms of imports that a service without mail does not need.
  const { createOutbox, smtpSender } = await import("../mail/outbox.ts");
  const { server, from } = settings.mail;
  return createOutbox(smtpSender(server, from), createLog(settings.logLevel, "auth.mail"));
}

/** The keys as Better Auth lists them, with their purpose (RFC 7517 section 4.2). */
async function readKeys(): Promise<PublicKeys> {
  const { keys } = await auth.api.getJwks();
  return { keys: keys.map((key) => ({ ...key, use: "sig" })) };
}

/** See that there is a key that we can use, and read the keys: until then we are not ready. */
async function loadSigningKeys(): Promise<void> {
  for (let pause = FIRST_RETRY_MS; !stopping.signal.aborted; pause *= 2) {
    try {
      const able = await canSign(settings, database, auth);
      if (able === "other_secret") exitWith([OTHER_SECRET]);
      if (able === "no_key") throw new Error("no signing key: migrate makes the first one");
      const read = await keySet.get();
      if ("outage" in read) throw read.outage;
      readiness.met(SIGNING_KEYS);
      log("INFO", "ready", { start_ms: Math.round(performance.now()) });
      return;
    } catch (error) {
      log("WARNING", "signing keys not loaded, trying again", errorFields(error));
      const pauseMs = Math.min(pause, LONGEST_RETRY_MS);
      await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
}

/** Say that we go, let open requests end, close the database, and exit with 0. */
async function stop(signal: string): Promise<void> {
  log("INFO", "draining", { signal });
  readiness.drain();
  stopping.abort();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS);
  // A connection that carried a request at the close is kept alive after it, for nobody.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await new Promise((closed) => server.close(closed));
  metricsOnly.close();
  clearTimeout(cut);
  clearInterval(sweep);
  await outbox?.close(LAST_MAILS_LIMIT_MS);
  await database.end();
  await Promise.race([stopTelemetry().catch(spansLost), wait(LAST_SPANS_LIMIT_MS)]);
  log("INFO", "stopped");
  process.exit(0);
}

function spansLost(error: unknown): void {
  log("WARNING", "last spans not sent", errorFields(error));
}
