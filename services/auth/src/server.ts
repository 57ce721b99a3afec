/** Start and stop of the service: `node dist/server.js`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import { createAuth } from "./auth.ts";
import { createDatabase, noticingOutages } from "./database.ts";
import { createKeySet, type PublicKeys } from "./jwks.ts";
import { createKeys } from "./keys.ts";
import { createLog, errorFields, errorStack } from "./logs.ts";
import { createReadiness } from "./probes.ts";
import { exitWith, orExit, readServiceSettings } from "./settings.ts";
import { startTelemetry } from "./telemetry.ts";

const SIGNING_KEYS = "the signing keys (is the database up, and migrated?)";
const OTHER_SECRET =
  "BETTER_AUTH_SECRET is wrong: another one encrypted the signing key. Set that one, or make a " +
  "new key with this one: npm run rotate-keys -- publish, then activate --force";
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
/** After this, connections that are still open are cut. */
const DRAIN_LIMIT_MS = 10_000;
const SWEEP_MS = 100;
/** Spans that a collector does not take in this time are lost. */
const LAST_SPANS_LIMIT_MS = 2_000;
/** A sign-in takes a fraction of a second; a client that sends slower than this is cut off. */
const REQUEST_LIMIT_MS = 30_000;

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
const auth = createAuth(settings, database, createLog(settings.logLevel, "better-auth"));
const keySet = createKeySet(() => noticingOutages(readKeys), Date.now);
const readiness = createReadiness([SIGNING_KEYS]);
const app = createApp({ settings, authHandler: auth.handler, keySet, readiness, log });

const server = createServer(
  { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS },
  getRequestListener(app.fetch),
);
server.listen(settings.port, settings.host, () =>
  log("INFO", "listening", { host: settings.host, port: (server.address() as AddressInfo).port }),
);
server.on("error", (error) => {
  log("ERROR", "cannot listen", errorFields(error));
  process.exit(1);
});

const stopping = new AbortController();
process.once("SIGTERM", () => void stop("SIGTERM"));
process.once("SIGINT", () => void stop("SIGINT"));
await loadSigningKeys();

/** The keys as Better Auth lists them, with their purpose (RFC 7517 section 4.2). */
async function readKeys(): Promise<PublicKeys> {
  const { keys } = await auth.api.getJwks();
  return { keys: keys.map((key) => ({ ...key, use: "sig" })) };
}

/** Make the first key when there is none, and read the keys: until then we are not ready. */
async function loadSigningKeys(): Promise<void> {
  const keys = createKeys(settings, database, auth);
  for (let pause = FIRST_RETRY_MS; !stopping.signal.aborted; pause *= 2) {
    try {
      if (!(await keys.ensureSigningKey())) exitWith([OTHER_SECRET]);
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
  clearTimeout(cut);
  clearInterval(sweep);
  await database.end();
  await Promise.race([stopTelemetry().catch(spansLost), wait(LAST_SPANS_LIMIT_MS)]);
  log("INFO", "stopped");
  process.exit(0);
}

function spansLost(error: unknown): void {
  log("WARNING", "last spans not sent", errorFields(error));
}
