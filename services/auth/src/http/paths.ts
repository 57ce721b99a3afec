/**
 * What this service offers of Better Auth, below `/api/auth`. Everything else it could do has no
 * path here. The edge routes the same ones: tests/chart/test_edge_agrees_with_services.py.
 */

import type { ServiceSettings } from "../settings/settings.ts";

/** Read by a page or a program; `/options` and `/jwks` are answered by this service itself. */
export const GET_PATHS = [
  "/export",
  "/get-session",
  "/jwks",
  "/list-sessions",
  "/options",
  "/token",
  "/verify-email",
];

/** Posted to. */
export const POST_PATHS = [
  "/change-email",
  "/change-password",
  "/delete-user",
  "/request-password-reset",
  "/reset-password",
  "/revoke-other-sessions",
  "/revoke-session",
  "/revoke-sessions",
  "/send-verification-email",
  "/sign-in/email",
  "/sign-out",
  "/sign-up/email",
  "/two-factor/disable",
  "/two-factor/enable",
  "/two-factor/generate-backup-codes",
  "/two-factor/verify-backup-code",
  "/two-factor/verify-totp",
  "/update-user",
];

/** Those at which a password is hashed or compared with a hash. */
export const PASSWORD_PATHS = [
  "/change-password",
  "/delete-user",
  "/reset-password",
  "/sign-in/email",
  "/sign-up/email",
  "/two-factor/disable",
  "/two-factor/enable",
  "/two-factor/generate-backup-codes",
];

/** Those of which nothing comes without mail: where none is sent they have no path either. */
const NEED_MAIL: ReadonlySet<string> = new Set([
  "/change-email",
  "/request-password-reset",
  "/reset-password",
  "/send-verification-email",
  "/verify-email",
]);

/** Those that need the services which keep something of people. */
const NEED_PARTS: ReadonlySet<string> = new Set(["/delete-user", "/export"]);

/** Whether a path is offered under these settings. */
export function isOffered(
  path: string,
  { mail, parts }: Pick<ServiceSettings, "mail" | "parts">,
): boolean {
  return (mail !== null || !NEED_MAIL.has(path)) && (parts !== null || !NEED_PARTS.has(path));
}
