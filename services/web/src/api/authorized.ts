/** Requests with the person's token and time zone. */
import type { Browser } from "../browser.ts";
import type { TokenSource } from "../session/token.ts";
import type { Answer } from "./endpoint.ts";

/** headers: to be sent with it. Rejects as `fetch` does. */
type Send = (headers: Record<string, string>) => Promise<Response>;

/**
 * A 401 may be a clock that is wrong, or a key that was rotated: one new token, one retry.
 * Not ok: there is no token. What the server says is the response, whatever it is.
 */
export async function sendAuthorized(tokens: TokenSource, send: Send): Promise<Answer<Response>> {
  const first = await tokens.get();
  if (!first.ok) return first;
  const response = await send(headersFor(first.value));
  if (response.status !== 401) return { ok: true, value: response };
  const second = await tokens.renew(first.value);
  if (!second.ok) return second;
  return { ok: true, value: await send(headersFor(second.value)) };
}

/** `fetch` for who makes their requests themselves: each one under a key of its own. */
export function createAuthorizedFetch(browser: Browser, tokens: TokenSource): typeof fetch {
  return async (input, init) => {
    const key = crypto.randomUUID();
    const answer = await sendAuthorized(tokens, (own) => {
      const asked = input instanceof Request ? input.clone() : input;
      const headers = new Headers(init?.headers ?? (asked instanceof Request ? asked.headers : {}));
      for (const [name, value] of Object.entries(own)) headers.set(name, value);
      if (!headers.has("Idempotency-Key")) headers.set("Idempotency-Key", key);
      return browser.fetch(asked, { ...init, headers, credentials: "omit" });
    });
    if (answer.ok) return answer.value;
    if (answer.refusal.status !== 401) throw new TypeError(answer.refusal.words);
    const problem = { status: 401, code: "unauthenticated", detail: answer.refusal.words };
    return Response.json(problem, {
      status: 401,
      headers: { "Content-Type": "application/problem+json" },
    });
  };
}

function headersFor(token: string): Record<string, string> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const authorization = { Authorization: `Bearer ${token}` };
  // The gateway knows the names of IANA. A browser without a zone, or with a mere offset, sends none.
  const isNamed = zone !== undefined && !/^(?:[+-]|Etc\/Unknown$)/.test(zone);
  return isNamed ? { ...authorization, "Time-Zone": zone } : authorization;
}
