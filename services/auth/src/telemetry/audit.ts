/** Security events: who did what, from where, and what came of it; one log line each (ADR 0039). */
import { createHmac, hkdfSync } from "node:crypto";
import { CLIENT_ADDRESS_HEADER } from "../limits/client-address.ts";
import type { LogLevel } from "../settings/settings.ts";
import { type Log, SECURITY_EVENT } from "./logs.ts";

/** What can happen. otel/schema/security.yaml lists what this service says of it. */
export type SecurityEventName =
  | "sign_in"
  | "sign_up"
  | "sign_out"
  | "password_reset"
  | "password_changed"
  | "email_changed"
  | "email_verified"
  | "session_revoked"
  | "second_factor"
  | "signing_key"
  | "export"
  | "erasure";

/** `refused` is our answer to who asked, `failed` is a fault of ours. */
export type SecurityOutcome = "ok" | "refused" | "failed";

/** Why, in one of these words: never what a person or a library has said. */
export const AUDIT_REASONS = [
  "account_erased",
  "activated",
  "backup_codes",
  "database_unavailable",
  "disabled",
  "email_not_verified",
  "enabled",
  "internal_error",
  "invalid_code",
  "invalid_email_or_password",
  "invalid_password",
  "invalid_request",
  "invalid_token",
  "mail_not_sent",
  "origin_not_allowed",
  "other",
  "password_refused",
  "published",
  "rate_limited",
  "removed",
  "requested",
  "revoked",
  "second_factor_asked",
  "token_expired",
  "too_many_hashes",
  "unauthenticated",
  "user_already_exists",
] as const;
export type AuditReason = (typeof AUDIT_REASONS)[number];

/** Where a request came from: its address, whole, and a word for the program that sent it. */
export interface Client {
  address: string | null;
  userAgent: UserAgent;
}

export interface SecurityEvent {
  event: SecurityEventName;
  outcome: SecurityOutcome;
  /** Whose account it is, once that is known. */
  userId?: string | undefined;
  /** The e-mail address that was given. Only its keyed hash is written. */
  address?: string | undefined;
  /** Nobody's for a command of an operator. */
  client?: Client | undefined;
  reason?: AuditReason | undefined;
  /** Which signing key, by its `kid`. */
  keyId?: string | undefined;
}

/** A log, and the key under which e-mail addresses are hashed in it. */
export interface AuditLog {
  log: Log;
  addressKey: Uint8Array;
  /** Told of each line, to count it. */
  written: (said: SecurityEvent) => void;
}

/** @param secret BETTER_AUTH_SECRET, from which the key of the hashes is derived. */
export function createAuditLog(
  log: Log,
  secret: string,
  written: AuditLog["written"] = () => undefined,
): AuditLog {
  const key = hkdfSync("sha256", secret, "", "taskchat audit: e-mail addresses", 32);
  return { log, addressKey: new Uint8Array(key), written };
}

/** Write the one line of a security event, whatever LOG_LEVEL is. */
export function audit(auditLog: AuditLog, said: SecurityEvent): void {
  auditLog.log(levelOf(said), SECURITY_EVENT, {
    event: said.event,
    outcome: said.outcome,
    user_id: said.userId,
    address_hash: said.address === undefined ? undefined : addressHash(auditLog, said.address),
    client_address: said.client?.address,
    user_agent: said.client?.userAgent,
    reason: said.reason,
    key_id: said.keyId,
  });
  auditLog.written(said);
}

/** Asked to be looked at: what failed by our fault, and a change of the keys that we sign with. */
function levelOf({ event, outcome }: SecurityEvent): LogLevel {
  return outcome === "failed" || event === "signing_key" ? "WARNING" : "INFO";
}

/**
 * 32 hex digits that are the same for the same address, and tell it to nobody without our secret.
 * Addresses are compared in lower case, as Better Auth does.
 */
export function addressHash({ addressKey }: Pick<AuditLog, "addressKey">, address: string): string {
  const hash = createHmac("sha256", addressKey).update(address.trim().toLowerCase());
  return hash.digest("hex").slice(0, 32);
}

/** Where a request came from, once `setClientAddress` has been at its headers. */
export function clientOf(headers: Headers): Client {
  return {
    address: headers.get(CLIENT_ADDRESS_HEADER),
    userAgent: userAgent(headers.get("user-agent")),
  };
}

/** Marks of programs, the more special ones first: Edge says that it is Chrome, and Chrome Safari. */
const PROGRAMS = [
  ["edge", /\bEdg(e|A|iOS)?\//],
  ["opera", /\bOPR\//],
  ["firefox", /\b(Firefox|FxiOS)\//],
  ["chrome", /\b(Chrome|CriOS|HeadlessChrome)\//],
  ["safari", /\bSafari\//],
  ["script", /^(curl|Wget|python|node|undici|axios|okhttp|Go-http|Java|PostmanRuntime)\b/i],
] as const;
/** Bounded: the text itself is anybody's, of any length. */
export type UserAgent = (typeof PROGRAMS)[number][0] | "none" | "other";

function userAgent(text: string | null): UserAgent {
  if (text === null || text === "") return "none";
  return PROGRAMS.find(([, mark]) => mark.test(text))?.[0] ?? "other";
}
