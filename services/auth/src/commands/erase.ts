/**
 * Erases a person: `node dist/erase.js <user id | e-mail address>`. It goes on until all is done,
 * which takes a minute or two, and prints the report. Stopped before that, the service goes on.
 */
import { setTimeout as wait } from "node:timers/promises";
import { beginErasure, type ErasureRow, erasureOf } from "../people/erasure-rows.ts";
import { goOn } from "../people/erasures.ts";
import { type NamedPerson, personCommand } from "../people/person-command.ts";
import { audit } from "../telemetry/audit.ts";

const POLL_MS = 1_000;

/** Go on until all is done, beside the service's own processes. */
async function finished({ userId, database, errands, log }: NamedPerson): Promise<ErasureRow> {
  for (;;) {
    const erasure = await erasureOf(database, userId);
    if (erasure?.finishedAt) return erasure;
    if (!(await goOn(database, errands, log))) await wait(POLL_MS);
  }
}

await personCommand("erase", async (person) => {
  const { userId, database, auditLog } = person;
  const { id } = await beginErasure(database, userId);
  audit(auditLog, { event: "erasure", outcome: "ok", userId, reason: "requested" });
  process.stderr.write(`erasure ${id} has begun; all tokens are refused within seconds\n`);
  process.stdout.write(`${JSON.stringify(await finished(person), null, 2)}\n`);
});
