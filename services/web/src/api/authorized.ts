/** Requests with the person's token and time zone. */
import type { Browser } from "../browser.ts";
import type { TokenSource } from "../session/token.ts";
import type { Answer } from "./endpoint.ts";
import { newKey } from "./key.ts";
import { refusesTimeZone } from "./problems.ts";

/** headers: to be sent with it. Rejects as `fetch` does. */
type Send = (headers: Record<string, string>) => Promise<Response>;

/** Not ok: there is no token. What the server says is the response, whatever it is. */
export type Sender = (send: Send) => Promise<Answer<Response>>;

export function createSender(tokens: TokenSource): Sender {
  let isZoneKnown = true;

  async function sendZoned(token: string, send: Send): Promise<Response> {
    const authorization = { Authorization: `Bearer ${token}` };
    const zone = isZoneKnown ? zoneHere() : null;
    if (zone === null) return await send(authorization);
    const response = await send({ ...authorization, "Time-Zone": zone });
    if (!(await refusesTimeZone(response))) return response;
    isZoneKnown = false;
    return await send(authorization);
  }

  /** A 401 may be a clock that is wrong, or a key that was rotated: one new token, one retry. */
  return async (send) => {
    const first = await tokens.get();
    if (!first.ok) return first;
    const response = await sendZoned(first.value, send);
    if (response.status !== 401) return { ok: true, value: response };
    const second = await tokens.renew(first.value);
    if (!second.ok) return second;
    return { ok: true, value: await sendZoned(second.value, send) };
  };
}

/** `fetch` for who makes their requests themselves: each one under a key of its own. */
export function createAuthorizedFetch(browser: Browser, sender: Sender): typeof fetch {
  return async (input, init) => {
    const key = newKey();
    const answer = await sender((own) => {
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

/** null: this browser has none, or a mere offset. */
function zoneHere(): string | null {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === undefined || /^(?:[+-]|Etc\/Unknown$)/.test(zone) ? null : zone;
}
