/**
 * Whoever changes the signing keys, by our command or by a hand in the database: each process says
 * so in the audit when it next reads them.
 */
import { type AuditLog, audit } from "../telemetry/audit.ts";
import type { PublicKeys } from "./jwks.ts";

/**
 * Read the keys, and write a line for each that was not there before, or is there no more. One that
 * is another under the same id is both.
 */
export function noticingKeyChanges(
  auditLog: AuditLog,
  read: () => Promise<PublicKeys>,
): () => Promise<PublicKeys> {
  /** Ids of the keys, by what each is. */
  let known: ReadonlyMap<string, string> | null = null;
  return async () => {
    const keys = await read();
    const found = new Map(keys.keys.map((key) => [`${key.kid} ${key.x}`, String(key.kid)]));
    const before = known ?? found;
    known = found;
    for (const [key, keyId] of found) {
      if (!before.has(key)) {
        audit(auditLog, { event: "signing_key", outcome: "ok", reason: "published", keyId });
      }
    }
    for (const [key, keyId] of before) {
      if (!found.has(key)) {
        audit(auditLog, { event: "signing_key", outcome: "ok", reason: "removed", keyId });
      }
    }
    return keys;
  };
}
