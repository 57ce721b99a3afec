/** A click: one tool call that the person has decided on, without the model. */
import type { Endpoint } from "../api/endpoint.ts";
import { newKey } from "../api/key.ts";
import { networkRefusal, type Refusal } from "../api/problems.ts";
import { pause } from "../browser.ts";
import type { ToolResult } from "../protocol/events.ts";
import { customAction } from "../protocol/requests.ts";

/** code: of the tool or the problem, where there is one. */
export type ClickEnd =
  | { ok: true; result: ToolResult }
  | { ok: false; words: string; code: string };

export type Click = (type: string, payload: Record<string, unknown>) => Promise<ClickEnd>;

/** Milliseconds; a person who has clicked does not wait for long: no try begins after the limit. */
const PAUSES_MS = [300, 1_000, 2_500];
const LIMIT_MS = 4_000;
/** For so long, the same words added again are the same wish. */
const SAME_WISH_MS = 120_000;

/** `signal`: ends what is under way; the click itself goes on. */
export function createClick(endpoint: Endpoint, signal: AbortSignal): Click {
  /** What was to be added last, and may have been, though nobody knows. */
  let unsure: { body: string; key: string; until: number } | null = null;

  return async (type, payload) => {
    const began = performance.now();
    const body = JSON.stringify(payload);
    const isAgain = type === "tasks.add" && unsure?.body === body && began < unsure.until;
    const key = isAgain && unsure !== null ? unsure.key : newKey();
    if (isAgain) unsure = null;
    for (let tries = 0; ; tries += 1) {
      const end = await once(endpoint, signal, key, type, payload);
      if ("words" in end || "result" in end) return end;
      const waitMs = PAUSES_MS[tries];
      const isLate = performance.now() - began > LIMIT_MS;
      const isUnsure = mayPass(end.refusal);
      if (waitMs === undefined || !isUnsure || isLate || signal.aborted) {
        if (type === "tasks.add" && isUnsure) {
          unsure = { body, key, until: performance.now() + SAME_WISH_MS };
        }
        return { ok: false, words: end.refusal.words, code: end.refusal.code };
      }
      await pause(Math.max(waitMs, Math.min(end.refusal.retryAfterMs ?? 0, 2_500)), signal);
    }
  };
}

async function once(
  endpoint: Endpoint,
  signal: AbortSignal,
  key: string,
  type: string,
  payload: Record<string, unknown>,
): Promise<ClickEnd | { refusal: Refusal }> {
  let result: ToolResult | null = null;
  let words: string | null = null;
  const end = await endpoint.stream(customAction(type, payload), {
    key,
    signal,
    heard: (event) => {
      if (event.type === "client_effect" && event.name === "tool_result") result = event.data;
      if (event.type === "error") words = event.message ?? "";
    },
  });
  // What TypeScript does not see: `heard` has assigned them.
  const told = result as ToolResult | null;
  if (told?.error !== undefined) {
    return { ok: false, words: words ?? told.error.message, code: told.error.code };
  }
  if (told !== null) return { ok: true, result: told };
  return { refusal: end.ok ? networkRefusal() : end.refusal };
}

/** The same key again: it goes on where it was, or tells what it came to. */
function mayPass(refusal: Refusal): boolean {
  return (
    refusal.kind === "network" ||
    refusal.code === "turn_in_progress" ||
    (refusal.status >= 502 && refusal.status <= 504)
  );
}
