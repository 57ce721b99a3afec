/** `/healthz` and `/readyz`. The files are read before this server listens: it waits for nothing. */
import { Hono } from "hono";
import { PROBLEMS, problemResponse } from "./problems.ts";

export interface Readiness {
  /** This process is going away: never ready again. */
  drain(): void;
  /** Why it is not ready, or null when it is. */
  reason(): string | null;
}

/** Ready until it drains. */
export function createReadiness(): Readiness {
  let draining = false;
  return {
    drain: () => {
      draining = true;
    },
    reason: () => (draining ? "draining" : null),
  };
}

/** The two probes. */
export function probeRoutes(readiness: Readiness): Hono {
  const probes = new Hono();
  probes.get("/healthz", (context) => context.json({ status: "ok" }));
  probes.get("/readyz", (context) => {
    const reason = readiness.reason();
    if (reason === null) return context.json({ status: "ready" });
    return problemResponse(PROBLEMS.notReady, {
      instance: "/readyz",
      detail: reason,
      retryAfterSeconds: 1,
    });
  });
  return probes;
}
