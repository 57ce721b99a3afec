/**
 * Whoever changes the signing keys says so in the audit: the command that does it, once it is done,
 * and each process that serves when it next reads them. The command's line is in the terminal of
 * an operator who ran it in a pod, and a hand in the database writes none; the processes' lines are
 * where all logs are, and no process may be there.
 */
import { type AuditLog, audit } from "../telemetry/audit.ts";
import type { PublicKeys } from "./jwks.ts";

/** What became of a key: it is listed, it signs, its time was over, or it was taken out before. */
export type KeyChange = "published" | "activated" | "removed" | "revoked";

/** Write the line of one change. */
export function auditKeyChange(auditLog: AuditLog, reason: KeyChange, keyId: string): void {
  audit(auditLog, { event: "signing_key", outcome: "ok", reason, keyId });
}

/**
 * Read the keys, and write a line for each that was not there before, or is there no more, and for
 * another one that signs. One that is another under the same id is both new and gone.
 */
export function noticingKeyChanges(
  auditLog: AuditLog,
  read: () => Promise<PublicKeys>,
  readSigning: () => Promise<string | null>,
): () => Promise<PublicKeys> {
  /** `listed`: ids of the keys, by what each is. */
  let known: { listed: ReadonlyMap<string, string>; signing: string | null } | null = null;
  return async () => {
    const keys = await read();
    const found = {
      listed: new Map(keys.keys.map((key) => [`${key.kid} ${key.x}`, String(key.kid)])),
      signing: await readSigning(),
    };
    const before = known ?? found;
    known = found;
    for (const [key, keyId] of found.listed) {
      if (!before.listed.has(key)) auditKeyChange(auditLog, "published", keyId);
    }
    if (found.signing !== null && found.signing !== before.signing) {
      auditKeyChange(auditLog, "activated", found.signing);
    }
    for (const [key, keyId] of before.listed) {
      if (!found.listed.has(key)) auditKeyChange(auditLog, "removed", keyId);
    }
    return keys;
  };
}
