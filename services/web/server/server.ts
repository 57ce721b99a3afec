/** Start and stop of the server of the page's files: `node dist/server.js`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import { boundConnections } from "./connections.ts";
import { createLog, errorFields, errorStack } from "./logs.ts";
import { createPass } from "./passing.ts";
import { createReadiness } from "./probes.ts";
import { orExit, readSettings } from "./settings.ts";
import { readSite } from "./site.ts";

/** Beside the bundle that this is a part of. */
const SITE = fileURLToPath(new URL("site", import.meta.url));
/** After this, connections that are still open are cut. */
const DRAIN_LIMIT_MS = 10_000;
const SWEEP_MS = 100;
/** A client that sends slower than this is cut off. Answers may take as long as they take. */
const REQUEST_LIMIT_MS = 30_000;
/** Heads come in one piece, or within milliseconds. As at the Python services. */
const HEAD_LIMIT_MS = 10_000;
/** How much later than that Node may notice it. */
const LATENESS_MS = 2_000;

// biome-ignore lint/style/noProcessEnv: the one place where the server's settings are read
const settings = orExit(readSettings(process.env));
const log = createLog(settings.logLevel, "web.server");
process.on("uncaughtException", (error) => {
  log("ERROR", "unexpected end", { ...errorFields(error), error_stack: errorStack(error) });
  process.exit(1);
});
const readiness = createReadiness();
const site = await readSite(SITE).catch((error) => {
  log("ERROR", "the page is not built; run: npm run build", errorFields(error));
  process.exit(1);
});
const app = createApp({ settings, site, readiness, log });
const answer = getRequestListener(app.fetch);
const pass = settings.services === null ? () => false : createPass(settings.services, log);

const server = createServer({
  requestTimeout: REQUEST_LIMIT_MS,
  headersTimeout: HEAD_LIMIT_MS,
  connectionsCheckingInterval: LATENESS_MS,
  requireHostHeader: false, // else Node answers by itself; the listener refuses it too
});
boundConnections(server);
server.on(
  "request",
  (request, response) => void (pass(request, response) || answer(request, response)),
);
server.listen(settings.port, settings.host, () => {
  log("INFO", "listening", { host: settings.host, port: (server.address() as AddressInfo).port });
  log("INFO", "ready", { start_ms: Math.round(performance.now()) });
});
server.on("error", (error) => {
  log("ERROR", "cannot listen", errorFields(error));
  process.exit(1);
});

process.once("SIGTERM", () => void stop("SIGTERM"));
process.once("SIGINT", () => void stop("SIGINT"));

/** Say that we go, let open requests end, and exit with 0. */
async function stop(signal: string): Promise<void> {
  log("INFO", "draining", { signal });
  readiness.drain();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT_MS);
  // A connection that carried a request at the close is kept alive after it, for nobody.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await new Promise((closed) => server.close(closed));
  clearTimeout(cut);
  clearInterval(sweep);
  log("INFO", "stopped");
  process.exit(0);
}
