/**
 * The token for the endpoint: in memory only, never older than it may be. Renewed a minute before
 * its end, whether a turn runs or not, by one request however many ask for it.
 */
import type { Answer } from "../api/endpoint.ts";

export interface TokenSource {
  get(): Promise<Answer<string>>;
  /** The server refused this one. */
  renew(refused: string): Promise<Answer<string>>;
}

export interface Token extends TokenSource {
  /** Forget it, and ask for no other. */
  close(): void;
}

const RENEW_BEFORE_MS = 60_000;
/** Of a token that lives for less than two minutes. */
const LARGEST_MARGIN_SHARE = 0.5;
const RETRY_MS = 5_000;

interface Held {
  value: string;
  renewAt: number;
  endsAt: number;
}

/** `fetchToken`: a new one from the auth service. */
export function createToken(fetchToken: () => Promise<Answer<string>>): Token {
  let held: Held | null = null;
  let underWay: Promise<Answer<string>> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  function fetched(): Promise<Answer<string>> {
    underWay ??= fetchToken().then((answer) => {
      underWay = null;
      if (isClosed) return answer;
      clearTimeout(timer);
      if (answer.ok) {
        held = hold(answer.value, Date.now());
        const waitMs = held.renewAt - Date.now();
        if (waitMs > 0) timer = setTimeout(() => void fetched(), waitMs);
      } else if (held !== null && answer.refusal.status !== 401) {
        // The old one still holds for a while.
        timer = setTimeout(() => void fetched(), RETRY_MS);
      }
      return answer;
    });
    return underWay;
  }

  async function get(): Promise<Answer<string>> {
    // Timers sleep with the machine: the clock decides.
    if (held !== null && Date.now() < held.renewAt) return { ok: true, value: held.value };
    const answer = await fetched();
    if (answer.ok || held === null || Date.now() >= held.endsAt) return answer;
    return answer.refusal.status === 401 ? answer : { ok: true, value: held.value };
  }

  async function renew(refused: string): Promise<Answer<string>> {
    // Somebody else may have renewed it meanwhile.
    if (held !== null && held.value !== refused) return get();
    held = null;
    return await fetched();
  }

  function close(): void {
    isClosed = true;
    held = null;
    clearTimeout(timer);
  }

  return { get, renew, close };
}

/**
 * How long a token lives is told by it; when it came, by this machine's clock: the two clocks
 * need not agree.
 */
function hold(value: string, now: number): Held {
  const lifeMs = lifeOf(value);
  const marginMs = Math.min(RENEW_BEFORE_MS, lifeMs * LARGEST_MARGIN_SHARE);
  return { value, renewAt: now + lifeMs - marginMs, endsAt: now + lifeMs };
}

/** Milliseconds between `iat` and `exp`; 0 where they cannot be read, so that it is asked for each time. */
function lifeOf(jwt: string): number {
  try {
    const payload = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(payload)) as { iat?: unknown; exp?: unknown };
    const life = (Number(claims.exp) - Number(claims.iat)) * 1000;
    return Number.isFinite(life) && life > 0 ? life : 0;
  } catch {
    return 0;
  }
}
