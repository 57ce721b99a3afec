/**
 * Erasures: begun in one transaction here, gone on with at the services until each says `done`.
 *
 * Every process of this service goes on with those that are due: one that dies leaves its row to
 * the others, and to itself when it starts again.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { errorFields, type Log } from "../telemetry/logs.ts";
import { found } from "../telemetry/measurements.ts";
import type { ErasureRow, PartReport } from "./erasure-rows.ts";
import { beginErasure, claimErasure, noteErasure, openErasures } from "./erasure-rows.ts";
import { type Errands, PART_NAMES, type PartName } from "./errands.ts";

const LONGEST_PAUSE_SECONDS = 30;
/** One that is due may be in the hands of another process: asking again at once would be a spin. */
const SHORTEST_PAUSE_SECONDS = 0.25;
/** Whoever begins one here is heard at once; this is for what another process died over. */
export const IDLE_SECONDS = 60;
const OUTAGE_PAUSE_SECONDS = 5;

export interface Erasures {
  /** Erase a person: here at once, at the services as soon as they can be reached. */
  begin(userId: string): Promise<ErasureRow>;
  /** Go on with whatever is due, until the signal. */
  run(errands: Errands, signal: AbortSignal): Promise<void>;
}

/** Erasures over a database; `log` hears what became of each. `idleSeconds`: as IDLE_SECONDS. */
export function createErasures(
  database: Database,
  log: Log,
  idleSeconds: number = IDLE_SECONDS,
): Erasures {
  let alarm = new AbortController();

  async function pause(seconds: number, signal: AbortSignal): Promise<void> {
    const woken = AbortSignal.any([alarm.signal, signal]);
    await wait(seconds * 1000, undefined, { signal: woken }).catch(() => undefined);
    if (alarm.signal.aborted) alarm = new AbortController();
  }

  return {
    begin: async (userId) => {
      const begun = await beginErasure(database, userId);
      alarm.abort();
      return begun;
    },
    run: async (errands, signal) => {
      while (!signal.aborted) {
        try {
          while (!signal.aborted && (await goOn(database, errands, log)));
          const { dueInSeconds, oldestSeconds } = await openErasures(database);
          found("oldest_erasure", oldestSeconds);
          const seconds = Math.min(dueInSeconds ?? idleSeconds, idleSeconds);
          await pause(Math.max(seconds, SHORTEST_PAUSE_SECONDS), signal);
        } catch (error) {
          log("WARNING", "erasures cannot be read, trying again", errorFields(error));
          await pause(OUTAGE_PAUSE_SECONDS, signal);
        }
      }
    },
  };
}

/** Go on with one erasure that is due. Returns whether there was one. */
export async function goOn(database: Database, errands: Errands, log: Log): Promise<boolean> {
  const erasure = await claimErasure(database);
  if (erasure === undefined) return false;
  const open = PART_NAMES.filter((name) => erasure.parts[name]?.state !== "done");
  const reports = await Promise.all(
    open.map(async (name): Promise<[PartName, PartReport]> => {
      const report = await partReport(errands, name, erasure);
      if (report.error !== undefined) {
        log("WARNING", "erasure not heard of by a service, trying again", {
          erasure_id: erasure.id,
          part: name,
          error: report.error,
        });
      }
      return [name, report];
    }),
  );
  const parts = { ...erasure.parts, ...Object.fromEntries(reports) };
  const done = PART_NAMES.every((name) => parts[name]?.state === "done");
  const pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, 2 ** Math.min(erasure.attempts, 5));
  await noteErasure(database, { ...erasure, parts }, done ? null : pauseSeconds);
  if (done) log("INFO", "erasure finished", { erasure_id: erasure.id, user_id: erasure.userId });
  return true;
}

async function partReport(
  errands: Errands,
  name: PartName,
  erasure: ErasureRow,
): Promise<PartReport> {
  const at = new Date().toISOString();
  const before = erasure.parts[name]?.deleted ?? {};
  try {
    const { state, deleted } = await errands.erase(name, erasure.userId);
    return { state, deleted: added(before, deleted), at };
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message}` : "no answer";
    return { state: "running", deleted: before, at, error: words };
  }
}

function added(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...before };
  for (const [table, rows] of Object.entries(now)) sum[table] = (sum[table] ?? 0) + rows;
  return sum;
}
