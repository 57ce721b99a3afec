/** The one endpoint: a request of the protocol, answered by one object or by a stream of events. */
import type { Browser } from "../browser.ts";
import type { Network } from "../network.ts";
import { createEventReader } from "../protocol/event-stream.ts";
import { readEvent, type StreamEvent } from "../protocol/events.ts";
import type { ChatKitRequest } from "../protocol/requests.ts";
import { stateTexts } from "../texts.ts";
import type { Sender } from "./authorized.ts";
import { LEFT, networkRefusal, type Refusal, readRefusal } from "./problems.ts";

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** How a stream ended. `ended`: the server ended it, whatever was told. `replayed`: nothing was run for it. */
export type StreamEnd = { ok: true; replayed: boolean } | { ok: false; refusal: Refusal };

export interface StreamOptions {
  /** Idempotency-Key: makes sending again safe. */
  key?: string;
  signal: AbortSignal;
  heard(event: StreamEvent): void;
}

export interface Endpoint {
  ask<T>(request: ChatKitRequest, signal?: AbortSignal): Promise<Answer<T>>;
  stream(request: ChatKitRequest, options: StreamOptions): Promise<StreamEnd>;
}

const ANSWER_LIMIT_MS = 30_000;
/** The longest silence of a turn is its deadline of 30 s; nothing after that is a lost connection. */
const SILENCE_LIMIT_MS = 45_000;

/** Where this person's requests go. */
export function chatUrl(userId: string): string {
  return `/api/${encodeURIComponent(userId)}/chat`;
}

export function createEndpoint(
  browser: Browser,
  userId: string,
  sender: Sender,
  network: Pick<Network, "reached" | "missed">,
): Endpoint {
  const { origin } = browser.location;
  const url = new URL(chatUrl(userId), origin).href;

  async function post(
    request: ChatKitRequest,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer<Response>> {
    const body = JSON.stringify({ ...request, metadata: {} });
    try {
      const answer = await sender((authorization) =>
        browser.fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json", ...headers, ...authorization },
          body,
          signal,
          credentials: "omit",
          cache: "no-store",
        }),
      );
      if (!answer.ok) {
        if (answer.refusal.kind === "network") network.missed();
        return answer;
      }
      network.reached();
      if (answer.value.ok) return answer;
      return { ok: false, refusal: await readRefusal(answer.value, origin) };
    } catch {
      if (!signal.aborted) network.missed();
      return { ok: false, refusal: lost(signal) };
    }
  }

  async function ask<T>(request: ChatKitRequest, signal?: AbortSignal): Promise<Answer<T>> {
    const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const answer = await post(request, { Accept: "application/json" }, either);
    if (!answer.ok) return answer;
    try {
      return { ok: true, value: (await answer.value.json()) as T };
    } catch {
      return { ok: false, refusal: lost(either) };
    }
  }

  async function stream(request: ChatKitRequest, options: StreamOptions): Promise<StreamEnd> {
    const silence = createSilenceWatch(options.signal);
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (options.key !== undefined) headers["Idempotency-Key"] = options.key;
    try {
      const answer = await post(request, headers, silence.signal);
      if (!answer.ok) return answer;
      const response = answer.value;
      const type = response.headers.get("content-type") ?? "";
      if (response.body === null || !type.startsWith("text/event-stream")) {
        return { ok: false, refusal: networkRefusal(stateTexts.api.unreadable(response.status)) };
      }
      await read(response.body, silence.heard, options);
      return { ok: true, replayed: response.headers.get("idempotency-replayed") === "true" };
    } catch {
      return { ok: false, refusal: lost(silence.signal, stateTexts.api.cut) };
    } finally {
      silence.end();
    }
  }

  return { ask, stream };
}

async function read(
  body: ReadableStream<Uint8Array>,
  heardSomething: () => void,
  { signal, heard }: StreamOptions,
): Promise<void> {
  const events = createEventReader();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heardSomething();
    for (const data of events.take(value)) {
      const event = readEvent(data);
      if (event !== null && !signal.aborted) heard(event);
    }
  }
}

/** Aborts when `outer` does, and when nothing was heard for too long. */
function createSilenceWatch(outer: AbortSignal) {
  const silence = new AbortController();
  const signal = AbortSignal.any([outer, silence.signal]);
  const end = () => silence.abort(new DOMException("silence", "TimeoutError"));
  let timer = setTimeout(end, SILENCE_LIMIT_MS);
  return {
    signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE_LIMIT_MS);
    },
    end: () => clearTimeout(timer),
  };
}

function lost(signal: AbortSignal, words?: string): Refusal {
  if (!signal.aborted) return networkRefusal(words);
  const isLate = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  return isLate ? networkRefusal(stateTexts.api.timeout) : LEFT;
}
