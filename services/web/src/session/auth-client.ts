/**
 * The auth service: Better Auth's paths, its session in a cookie that this page cannot read.
 *
 * By `fetch`, not by Better Auth's own client: with that the page's JavaScript was 60.6 KB gzip, of
 * which 60 are allowed; without it 49.5.
 */
import type { Answer } from "../api/endpoint.ts";
import { networkRefusal, readRefusal } from "../api/problems.ts";
import type { Browser } from "../browser.ts";
import type { Account } from "../state.ts";
import { stateTexts } from "../texts.ts";

export interface AuthClient {
  /** null: nobody is signed in. */
  whoIsHere(): Promise<Answer<Account | null>>;
  signIn(email: string, password: string): Promise<Answer<unknown>>;
  signUp(name: string, email: string, password: string): Promise<Answer<unknown>>;
  signOut(): Promise<Answer<unknown>>;
  /** All other sessions of the account end. */
  changePassword(current: string, next: string): Promise<Answer<unknown>>;
  /** A token for the endpoint. 401: the session is over. */
  fetchToken(): Promise<Answer<string>>;
}

const LIMIT_MS = 30_000;

export function createAuthClient(browser: Browser): AuthClient {
  const { origin } = browser.location;

  /** body: missing: it is read, not posted. */
  async function ask(path: string, body?: Record<string, unknown>): Promise<Answer<unknown>> {
    const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      const response = await browser.fetch(`${origin}/api/auth${path}`, {
        ...posted,
        headers,
        cache: "no-store",
        credentials: "same-origin",
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      if (!response.ok) return { ok: false, refusal: await readRefusal(response, origin) };
      return { ok: true, value: await response.json() };
    } catch {
      return { ok: false, refusal: networkRefusal() };
    }
  }

  async function whoIsHere(): Promise<Answer<Account | null>> {
    const answer = await ask("/get-session");
    if (!answer.ok) return answer;
    const user = member(answer.value, "user");
    const [id, name, email] = ["id", "name", "email"].map((key) => member(user, key));
    if (typeof id !== "string") return { ok: true, value: null };
    return { ok: true, value: { userId: id, name: String(name), email: String(email) } };
  }

  async function fetchToken(): Promise<Answer<string>> {
    const answer = await ask("/token");
    if (!answer.ok) return answer;
    const token = member(answer.value, "token");
    if (typeof token === "string") return { ok: true, value: token };
    return { ok: false, refusal: networkRefusal(stateTexts.api.unreadable(200)) };
  }

  return {
    whoIsHere,
    signIn: (email, password) => ask("/sign-in/email", { email, password }),
    signUp: (name, email, password) => ask("/sign-up/email", { name, email, password }),
    signOut: () => ask("/sign-out", {}),
    changePassword: (currentPassword, newPassword) =>
      ask("/change-password", { currentPassword, newPassword, revokeOtherSessions: true }),
    fetchToken,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
