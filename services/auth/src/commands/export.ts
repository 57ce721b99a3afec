/** Writes everything about a person to stdout: `node dist/export.js <user id | e-mail address>`. */
import { pipeline } from "node:stream/promises";
import { personCommand } from "../people/person-command.ts";
import { exportPerson } from "../people/person-export.ts";
import { audit } from "../telemetry/audit.ts";

await personCommand("export", async ({ userId, database, errands, auditLog }) => {
  const body = await exportPerson(database, errands, userId);
  await pipeline(body, process.stdout, { end: false });
  audit(auditLog, { event: "export", outcome: "ok", userId });
});
