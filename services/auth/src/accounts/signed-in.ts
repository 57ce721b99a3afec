/** The session that a request brings, read as Better Auth reads it, and before it does. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { parseCookies } from "better-call"; // Better Auth's own core, in the version that it pins
import type { HookContext } from "./hooks.ts";

/** What a session is found with: the secret that signs it, and the cookie that it comes in. */
export interface SessionForm {
  secret: string;
  cookieName: string;
}

/**
 * The token of a bearer's or a cookie's session, or null: none has a good signature. Nothing is
 * asked of the database: whether the session still lives is another question.
 */
export function signedToken(headers: Headers, { secret, cookieName }: SessionForm): string | null {
  const [, bearer] = /^bearer (.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  // By the parser that Better Auth finds a session with, or a spelling would be none here and one there.
  const cookie = parseCookies(headers.get("cookie") ?? "").get(cookieName);
  // In this order: its plugin puts a good bearer in the place of the cookie.
  for (const signed of [bearer, cookie]) {
    const [token, signature] = decoded(signed ?? "").split(".");
    if (token === undefined || signature === undefined) continue;
    const right = createHmac("sha256", secret).update(token).digest();
    const given = Buffer.from(signature, "base64");
    if (given.length === right.length && timingSafeEqual(given, right)) return token;
  }
  return null;
}

/**
 * The session and person that a request comes with, in a hook before an endpoint, where Better Auth
 * has not asked yet; null: nobody's. A token without a good signature asks nothing of the database,
 * because no limit counts it.
 */
export async function signedIn({ context, headers }: HookContext) {
  const { secret, authCookies, internalAdapter } = context;
  const cookieName = authCookies.sessionToken.name;
  const token = signedToken(headers ?? new Headers(), { secret, cookieName });
  const found = token === null ? null : await internalAdapter.findSession(token);
  return found !== null && found.session.expiresAt > new Date() ? found : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
