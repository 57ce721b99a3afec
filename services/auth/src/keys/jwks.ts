/** The public keys, kept by this process: they are configuration, and outlive the database. */
import type { Outcome } from "../database/database.ts";

export interface PublicKeys {
  keys: Record<string, unknown>[];
}

/** Keys that were read, and read again when they are no longer fresh. */
export interface KeySet {
  /** The keys: fresh, or the last ones while they cannot be read; an outage if there are none. */
  get(): Promise<Outcome<PublicKeys>>;
}

/** At most one read of the database in this time, however many ask: the path is public. */
export const FRESH_SECONDS = 60;

/**
 * How long after it is no longer fresh our copy outlives the database: as long as a token lives
 * that was signed with it, its verifier's leeway included. Later it could only help a thief whose
 * key was revoked meanwhile (ADR 0029).
 */
export function staleSeconds(jwtLifetimeSeconds: number): number {
  return jwtLifetimeSeconds + 30;
}

/** A key set over a way to read it. `now` is in milliseconds, `stale` in seconds. */
export function createKeySet(
  read: () => Promise<Outcome<PublicKeys>>,
  stale: number,
  now: () => number,
): KeySet {
  let last: { result: PublicKeys; readAt: number; askedAt: number } | undefined;
  let reading: Promise<Outcome<PublicKeys>> | undefined;

  async function readOnce(): Promise<Outcome<PublicKeys>> {
    const at = now();
    try {
      const outcome = await read();
      if ("result" in outcome) {
        last = { result: outcome.result, readAt: at, askedAt: at };
      } else if (last !== undefined) {
        // Asked about once in a while during an outage too, not by every request.
        last = { ...last, askedAt: at };
      }
      return last ?? outcome;
    } finally {
      reading = undefined;
    }
  }

  return {
    get: () => {
      if (last !== undefined && now() - last.readAt >= (FRESH_SECONDS + stale) * 1000) {
        last = undefined;
      }
      if (last !== undefined && now() - last.askedAt < FRESH_SECONDS * 1000) {
        return Promise.resolve(last);
      }
      reading ??= readOnce();
      return reading;
    },
  };
}
