/**
 * Whoever changes the signing keys, by our command or by a hand in the database: each process says
 * so in the audit when it next reads them.
 */
import { type AuditLog, audit } from "../telemetry/audit.ts";
import type { PublicKeys } from "./jwks.ts";

/** Read the keys, and write a line for each that was not there before, or is there no more. */
export function noticingKeyChanges(
  auditLog: AuditLog,
  read: () => Promise<PublicKeys>,
): () => Promise<PublicKeys> {
  let known: ReadonlySet<string> | null = null;
  return async () => {
    const keys = await read();
    const found = new Set(keys.keys.map((key) => String(key.kid)));
    const before = known ?? found;
    known = found;
    for (const keyId of found) {
      if (!before.has(keyId)) {
        audit(auditLog, { event: "signing_key", outcome: "ok", reason: "published", keyId });
      }
    }
    for (const keyId of before) {
      if (!found.has(keyId)) {
        audit(auditLog, { event: "signing_key", outcome: "ok", reason: "removed", keyId });
      }
    }
    return keys;
  };
}
