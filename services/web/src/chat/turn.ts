/**
 * One message until it is answered: sent, followed when the connection is cut, sent again under
 * the same key when nobody knows whether it arrived. Nothing here does anything twice.
 */
import type { Endpoint } from "../api/endpoint.ts";
import { networkRefusal, type Refusal } from "../api/problems.ts";
import { pause } from "../browser.ts";
import type { Network } from "../network.ts";
import type { StreamEvent, ToolResult } from "../protocol/events.ts";
import { textOf } from "../protocol/fold.ts";
import { retryAfterItem, say } from "../protocol/requests.ts";
import type { Failure } from "../state.ts";
import { stateTexts } from "../texts.ts";
import type { Outgoing } from "./draft.ts";

const { chat } = stateTexts;

export interface Turn {
  /** null: it was stored before this page saw it. */
  readonly message: Outgoing | null;
  threadId: string | null;
  /** Of the person's message; null: nobody knows yet whether it is stored. */
  itemId: string | null;
  turnId: string | null;
  /** What its tools gave back, as far as it was told. */
  results: ToolResult[];
  /** More than one request was needed, so that results may have gone by unheard. */
  isMended: boolean;
}

export type TurnEnd =
  | { kind: "answered"; text: string }
  | { kind: "failed"; failure: Failure; code: string }
  /** We went away; it goes on without us. */
  | { kind: "left" };

export interface TurnHost {
  /** A request begins. */
  trying(turn: Turn): void;
  heard(event: StreamEvent): void;
  /** No request is under way. `words`: why; null: being offline says it. */
  waiting(turn: Turn, words: string | null, isOffline: boolean): void;
}

/** Milliseconds before the next request after a lost connection: half a minute in all. */
const PAUSES_MS = [300, 700, 1_500, 3_000, 5_000, 8_000, 12_000];
/** While another turn of the conversation runs, which ends in half a minute, or its lease in 10 s more. */
const MOST_BUSY_TRIES = 25;
const BUSY_PAUSE_MS = 2_000;
/** Longer than this, the person is told instead. */
const LONGEST_ASKED_PAUSE_MS = 10_000;

export function newTurn(message: Outgoing): Turn {
  const { threadId } = message;
  return { message, threadId, itemId: null, turnId: null, results: [], isMended: false };
}

export function knownTurn(threadId: string, itemId: string, turnId: string | null): Turn {
  return { message: null, threadId, itemId, turnId, results: [], isMended: true };
}

export async function runTurn(
  turn: Turn,
  endpoint: Endpoint,
  network: Network,
  host: TurnHost,
  signal: AbortSignal,
): Promise<TurnEnd> {
  let tries = 0;
  for (;;) {
    if (!network.isOnline.peek()) {
      // Offline: for as long as it takes.
      host.waiting(turn, turn.itemId === null ? null : chat.reconnecting, true);
      await network.whenOnline(signal);
    }
    if (signal.aborted) return { kind: "left" };
    host.trying(turn);
    const wasStored = turn.itemId !== null;
    const attempt = await tryOnce(turn, endpoint, host, signal);
    if (signal.aborted) return { kind: "left" };
    if (attempt.kind !== "again") return attempt;
    turn.isMended = true;
    if (attempt.refusal.kind === "network" && !network.isOnline.peek()) continue;
    if (!wasStored && turn.itemId !== null) tries = 0;
    const waitMs = pauseAfter(attempt.refusal, tries);
    tries += 1;
    if (waitMs === null) return failed(turn, attempt.refusal);
    host.waiting(turn, waitingWords(turn, attempt.refusal), false);
    await pause(waitMs, signal);
  }
}

type Attempt = Exclude<TurnEnd, { kind: "left" }> | { kind: "again"; refusal: Refusal };

async function tryOnce(
  turn: Turn,
  endpoint: Endpoint,
  host: TurnHost,
  signal: AbortSignal,
): Promise<Attempt> {
  let told: Attempt | null = null;
  const request = requestOf(turn);
  const end = await endpoint.stream(request.body, {
    ...(request.key === null ? {} : { key: request.key }),
    signal,
    heard: (event) => {
      note(turn, event);
      told = endIn(event) ?? told;
      host.heard(event);
    },
  });
  if (told !== null) return told;
  return { kind: "again", refusal: end.ok ? networkRefusal(stateTexts.api.cut) : end.refusal };
}

function requestOf(turn: Turn) {
  if (turn.threadId !== null && turn.itemId !== null) {
    return { body: retryAfterItem(turn.threadId, turn.itemId), key: null };
  }
  const { text, threadId, key } = turn.message ?? { text: "", threadId: null, key: null };
  return { body: say(text, threadId), key };
}

function note(turn: Turn, event: StreamEvent): void {
  switch (event.type) {
    case "thread.item.done":
      if (event.item.type === "user_message") {
        turn.itemId = event.item.id;
        turn.threadId = event.item.thread_id;
      }
      break;
    case "client_effect":
      if (event.name === "turn") {
        turn.turnId = event.data.turn_id;
        turn.itemId ??= event.data.item_id;
      } else if (event.name === "tool_result") {
        turn.results.push(event.data);
      }
      break;
    default:
  }
}

function endIn(event: StreamEvent): Attempt | null {
  if (event.type === "error") {
    const words = event.message ?? stateTexts.api.internal;
    return { kind: "failed", failure: { words, canRetry: event.allow_retry === true }, code: "" };
  }
  return event.type === "thread.item.done" && event.item.type === "assistant_message"
    ? { kind: "answered", text: textOf(event.item) }
    : null;
}

/** null: no further request is made by itself. */
function pauseAfter(refusal: Refusal, tries: number): number | null {
  const asked = refusal.retryAfterMs ?? 0;
  if (refusal.code === "turn_in_progress") {
    return tries < MOST_BUSY_TRIES ? Math.max(asked, BUSY_PAUSE_MS) : null;
  }
  const mayPass = refusal.kind === "network" || (refusal.status >= 502 && refusal.status <= 504);
  const next = PAUSES_MS[tries];
  if (!mayPass || next === undefined || asked > LONGEST_ASKED_PAUSE_MS) return null;
  return Math.max(asked, next * (0.75 + Math.random() / 2));
}

function waitingWords(turn: Turn, refusal: Refusal): string {
  if (refusal.code === "turn_in_progress") return chat.busy;
  return turn.itemId === null ? chat.sendingAgain : chat.reconnecting;
}

function failed(turn: Turn, refusal: Refusal): TurnEnd {
  const { status, code } = refusal;
  const canRetry = status === 0 || status === 409 || status === 429 || status >= 500;
  return { kind: "failed", failure: { words: failedWords(turn, refusal), canRetry }, code };
}

function failedWords(turn: Turn, refusal: Refusal): string {
  const isStored = turn.itemId !== null;
  if (refusal.kind === "network") return isStored ? chat.lost : chat.unsure;
  if (isStored) return refusal.words;
  return refusal.status === 429 ? chat.kept(refusal.words) : chat.notSent(refusal.words);
}
