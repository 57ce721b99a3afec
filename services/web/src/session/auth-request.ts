/**
 * Requests to the auth service: Better Auth's paths, its session in a cookie that this page cannot read.
 *
 * By `fetch`, not by Better Auth's own client: with that the page's JavaScript was 60.6 KB gzip, of
 * which 60 are allowed; without it 49.5.
 */
import type { Answer } from "../api/endpoint.ts";
import { networkRefusal, readRefusal } from "../api/problems.ts";
import type { Browser } from "../browser.ts";

export interface AuthRequest {
  /** Of JSON. body: missing: it is read, not posted. */
  ask(path: string, body?: Record<string, unknown>): Promise<Answer<unknown>>;
  /** A file. */
  read(path: string): Promise<Answer<{ file: Blob; disposition: string }>>;
}

const LIMIT_MS = 30_000;
/** All of a person's words, from three services. */
const FILE_LIMIT_MS = 120_000;

export function createAuthRequest(browser: Browser): AuthRequest {
  const { origin } = browser.location;

  async function send<T>(
    path: string,
    init: RequestInit,
    limitMs: number,
    take: (response: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    try {
      const response = await browser.fetch(`${origin}/api/auth${path}`, {
        ...init,
        cache: "no-store",
        credentials: "same-origin",
        signal: AbortSignal.timeout(limitMs),
      });
      if (!response.ok) return { ok: false, refusal: await readRefusal(response, origin) };
      return { ok: true, value: await take(response) };
    } catch {
      return { ok: false, refusal: networkRefusal() };
    }
  }

  return {
    ask: (path, body) => {
      const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const headers: Record<string, string> = { Accept: "application/json" };
      if (body !== undefined) headers["Content-Type"] = "application/json";
      return send(path, { ...posted, headers }, LIMIT_MS, (response) => response.json());
    },
    read: (path) =>
      send(path, {}, FILE_LIMIT_MS, async (response) => ({
        file: await response.blob(),
        disposition: response.headers.get("content-disposition") ?? "",
      })),
  };
}

/** A member of what came as JSON, whatever that is. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
