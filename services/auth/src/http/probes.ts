/** `/healthz` and `/readyz`, and what they know: which needs of a start are met, and draining. */
import { Hono } from "hono";
import { PROBLEMS, problemResponse } from "./problems.ts";

/** What must be there before this process can serve. Nothing here asks the database. */
export interface Readiness {
  /** Something named is now there; it is never asked for again. */
  met(need: string): void;
  /** This process is going away: never ready again. */
  drain(): void;
  /** Why it is not ready, or null when it is. */
  reason(): string | null;
}

/** Readiness that waits for each of the needs. */
export function createReadiness(needs: readonly string[]): Readiness {
  const missing = new Set(needs);
  let draining = false;
  return {
    met: (need) => {
      missing.delete(need);
    },
    drain: () => {
      draining = true;
    },
    reason: () => {
      if (draining) return "draining";
      return missing.size === 0 ? null : `waiting for: ${[...missing].join(", ")}`;
    },
  };
}

/** The two probes. `/readyz` never touches the database: it would keep a serverless one awake. */
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
