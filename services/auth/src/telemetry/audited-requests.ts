/** Each request that is a security event leaves its line, whatever has answered it (ADR 0039). */
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { setClientAddress } from "../limits/client-address.ts";
import {
  AUDIT_REASONS,
  type AuditLog,
  type AuditReason,
  audit,
  clientOf,
  type SecurityEventName,
  type SecurityOutcome,
} from "./audit.ts";
import { learningWhom } from "./whom.ts";

/** What a request is, and what it is when it is only a first step of that. */
interface Audited {
  event: SecurityEventName;
  step?: AuditReason;
}

/**
 * By method and path below `/api/auth`; null: told to nobody. A path without an entry fails a test.
 *
 * Reading one's own (`/token`, `/get-session`, `/list-sessions`) is no event: a page does it each
 * few minutes, and what was stolen shows where it was used.
 */
export const AUDITED: Readonly<Record<string, Audited | null>> = {
  "GET /export": { event: "export" },
  "GET /get-session": null,
  "GET /jwks": null,
  "GET /list-sessions": null,
  "GET /options": null,
  "GET /token": null,
  "GET /verify-email": { event: "email_verified" },
  "POST /change-email": { event: "email_changed", step: "requested" },
  "POST /change-password": { event: "password_changed" },
  "POST /delete-user": { event: "erasure" },
  "POST /request-password-reset": { event: "password_reset", step: "requested" },
  "POST /reset-password": { event: "password_reset" },
  "POST /revoke-other-sessions": { event: "session_revoked" },
  "POST /revoke-session": { event: "session_revoked" },
  "POST /revoke-sessions": { event: "session_revoked" },
  "POST /send-verification-email": { event: "email_verified", step: "requested" },
  "POST /sign-in/email": { event: "sign_in" },
  "POST /sign-out": { event: "sign_out" },
  "POST /sign-up/email": { event: "sign_up" },
  "POST /two-factor/disable": { event: "second_factor", step: "disabled" },
  "POST /two-factor/enable": { event: "second_factor", step: "enabled" },
  "POST /two-factor/generate-backup-codes": { event: "second_factor", step: "backup_codes" },
  "POST /two-factor/verify-backup-code": { event: "second_factor", step: "backup_codes" },
  "POST /two-factor/verify-totp": { event: "second_factor" },
  "POST /update-user": null,
};

/** Better Auth's codes and ours, where another word of the list says it. */
const REASON_OF_CODE: Readonly<Record<string, AuditReason>> = {
  backup_codes_not_enabled: "invalid_request",
  invalid_backup_code: "invalid_code",
  invalid_email: "invalid_request",
  invalid_origin: "origin_not_allowed",
  invalid_two_factor_cookie: "invalid_token",
  otp_has_expired: "token_expired",
  overloaded: "too_many_hashes",
  password_compromised: "password_refused",
  password_too_common: "password_refused",
  password_too_long: "password_refused",
  password_too_personal: "password_refused",
  password_too_short: "password_refused",
  session_expired: "unauthenticated",
  session_not_fresh: "unauthenticated",
  too_many_attempts_request_new_code: "rate_limited",
  two_factor_not_enabled: "invalid_request",
  unauthorized: "unauthenticated",
  unsupported_media_type: "invalid_request",
  user_already_exists_use_another_email: "user_already_exists",
  validation_error: "invalid_request",
};

/** Leaves the line of a request that has one. Behind the limit of a body's size. */
export function auditedRequests(
  auditLog: AuditLog,
  clientIpHeader: string | null,
): MiddlewareHandler {
  return async (context, next) => {
    const audited = AUDITED[`${context.req.method} ${context.req.path.replace("/api/auth", "")}`];
    if (audited === undefined || audited === null) return next();
    const request = context.req.raw;
    setClientAddress(request.headers, clientIpHeader, getConnInfo(context).remote.address);
    const sent = request.body === null ? null : request.clone();
    await learningWhom(async (whom) => {
      await next();
      const { status } = context.res;
      if (status === 404 && (await codeIn(context.res)) === "not_found") return;
      // Everything has been at it that looks for whom it was about: nobody was signed in.
      if (audited.event === "sign_out" && status < 400 && whom.userId === undefined) return;
      audit(auditLog, {
        event: audited.event,
        ...(await resultOf(context, audited, whom.userId)),
        userId: whom.userId,
        address: await addressIn(sent),
        client: clientOf(request.headers),
      });
    });
  };
}

interface Result {
  outcome: SecurityOutcome;
  reason?: AuditReason | undefined;
}

async function resultOf(
  context: Context,
  audited: Audited,
  userId: string | undefined,
): Promise<Result> {
  const { status, headers } = context.res;
  const code = await codeIn(context.res);
  if (status >= 500) return { outcome: "failed", reason: reasonOf(code ?? "internal_error") };
  if (status >= 400) return { outcome: "refused", reason: reasonOf(code ?? `${status}`) };
  // A link in a mail is answered by a page, whatever came of it.
  const error = URL.parse(headers.get("location") ?? "", "http://page")?.searchParams.get("error");
  if (typeof error === "string") return { outcome: "refused", reason: reasonOf(error) };
  // The answer does not tell that the address is known; the audit does.
  if (audited.event === "sign_up" && userId === undefined) {
    return { outcome: "refused", reason: "user_already_exists" };
  }
  if (code === SECOND_FACTOR_ASKED) return { outcome: "ok", reason: "second_factor_asked" };
  return { outcome: "ok", reason: audited.step };
}

/** No code of anybody's: how `codeIn` tells of a sign-in that is half done. */
const SECOND_FACTOR_ASKED = "second_factor_asked";

/** The code of an answer in JSON: a problem's or Better Auth's. */
async function codeIn(answer: Response): Promise<string | null> {
  if (!answer.headers.get("content-type")?.includes("json")) return null;
  // An export: written while it is read, and of any size.
  if (answer.headers.has("content-disposition")) return null;
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  if (typeof body !== "object" || body === null) return null;
  if ("twoFactorRedirect" in body && body.twoFactorRedirect === true) return SECOND_FACTOR_ASKED;
  return "code" in body && typeof body.code === "string" ? body.code : null;
}

const REASONS: ReadonlySet<string> = new Set(AUDIT_REASONS);

function reasonOf(code: string): AuditReason {
  if (code === "401") return "unauthenticated";
  const name = code.toLowerCase();
  return REASONS.has(name) ? (name as AuditReason) : (REASON_OF_CODE[name] ?? "other");
}

/** The e-mail address that was sent, if one was. */
async function addressIn(sent: Request | null): Promise<string | undefined> {
  const body: unknown = await sent?.json().catch(() => null);
  if (typeof body !== "object" || body === null) return undefined;
  const address = "newEmail" in body ? body.newEmail : "email" in body ? body.email : undefined;
  return typeof address === "string" && address !== "" ? address : undefined;
}
