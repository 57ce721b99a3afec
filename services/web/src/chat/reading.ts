/** What was said before: a conversation is opened, read again, or read further back. */
import { batch } from "@preact/signals";
import type { Endpoint } from "../api/endpoint.ts";
import { isItem } from "../protocol/events.ts";
import { EMPTY, withEarlier } from "../protocol/fold.ts";
import type { Item, Page, Thread } from "../protocol/items.ts";
import { getThread, listItems } from "../protocol/requests.ts";
import { stateTexts } from "../texts.ts";
import type { Address } from "./address.ts";
import type { Running } from "./running.ts";
import type { Screen } from "./screen.ts";
import { knownTurn } from "./turn.ts";

const { chat } = stateTexts;
const EARLIER_ITEMS = 50;

export interface Reading {
  /** isMoved: the address names it already. */
  open(threadId: string, isMoved: boolean): Promise<void>;
  begin(isMoved: boolean): void;
  /** Say that there is no such conversation as the address names. */
  miss(): void;
  /** Read its newest items again, when it is on the screen and nothing runs. */
  refresh(threadId: string): Promise<void>;
  loadEarlier(): Promise<void>;
  close(): void;
}

export function createReading(
  screen: Screen,
  endpoint: Endpoint,
  address: Address,
  running: Running,
): Reading {
  const { display, phase, earlier } = screen;
  const { view } = display;
  let reading: AbortController | null = null;

  function leave(): void {
    reading?.abort();
    reading = null;
    running.leave();
  }

  function ask<T>(request: Parameters<Endpoint["ask"]>[0]) {
    reading?.abort();
    reading = new AbortController();
    const { signal } = reading;
    return { signal, answer: endpoint.ask<T>(request, signal) };
  }

  async function open(threadId: string, isMoved: boolean): Promise<void> {
    leave();
    screen.blank("opening", { ...EMPTY, threadId });
    if (!isMoved) address.show(threadId, false);
    const { signal, answer } = ask<Thread>(getThread(threadId));
    const thread = await answer;
    if (signal.aborted) return;
    if (thread.ok) return await take(thread.value, []);
    if (thread.refusal.status === 404) return gone(thread.refusal.words);
    batch(() => {
      phase.value = "idle";
      screen.fail({ words: thread.refusal.words, canRetry: true }, () => open(threadId, true));
    });
  }

  function gone(words: string): void {
    batch(() => {
      screen.blank("idle");
      screen.fail({ words, canRetry: false }, null);
    });
    address.show(null, true);
  }

  /** Show it with what is known of it before its newest items, and follow a turn that runs. */
  async function take(thread: Thread, older: readonly Item[]): Promise<void> {
    const items = thread.items.data.filter(isItem);
    const shown = { ...EMPTY, threadId: thread.id, title: thread.title ?? null, items };
    batch(() => {
      const after = older.length === 0 ? (thread.items.after ?? null) : earlier.peek();
      screen.blank("idle", withEarlier(shown, older));
      earlier.value = after;
    });
    const turn = thread.metadata?.turn;
    if (turn === undefined || turn.state === "completed") return;
    const known = knownTurn(thread.id, turn.item_id, turn.id);
    if (turn.state === "running") return await running.perform(known);
    const isWanted = turn.code === "turn_stopped";
    const words = isWanted ? chat.stoppedBefore : chat.failedBefore;
    screen.fail({ words, canRetry: true, isWanted }, () => running.perform(known));
  }

  async function refresh(threadId: string): Promise<void> {
    const isShown = () => phase.peek() === "idle" && view.peek().threadId === threadId;
    if (!isShown()) return;
    const { signal, answer } = ask<Thread>(getThread(threadId));
    const thread = await answer;
    if (signal.aborted || !isShown()) return;
    if (!thread.ok) return thread.refusal.status === 404 ? gone(thread.refusal.words) : undefined;
    const newest = new Set(thread.value.items.data.map((item) => item.id));
    const { items } = view.peek();
    const { title = null, metadata } = thread.value;
    const isKnown = thread.value.items.data.at(-1)?.id === items.at(-1)?.id;
    if (isKnown && metadata?.turn?.state !== "running") {
      // No more was said: what is offered and what failed stay as they are.
      return display.change((shown) => ({ ...shown, title }));
    }
    const first = items.findIndex((item) => newest.has(item.id));
    // Where none is known, more was said than the newest show: what is between is read on demand.
    await take(thread.value, first > 0 ? items.slice(0, first) : []);
  }

  async function loadEarlier(): Promise<void> {
    const { threadId } = view.peek();
    const after = earlier.peek();
    if (threadId === null || after === null) return;
    // Asked for once.
    earlier.value = null;
    const page = await endpoint.ask<Page<Item>>(listItems(threadId, EARLIER_ITEMS, after));
    if (view.peek().threadId !== threadId) return;
    if (!page.ok) {
      earlier.value = after;
      return screen.fail({ words: page.refusal.words, canRetry: true }, loadEarlier);
    }
    const items = page.value.data.filter(isItem).reverse();
    batch(() => {
      display.change((shown) => withEarlier(shown, items));
      earlier.value = page.value.has_more ? (page.value.after ?? null) : null;
    });
  }

  return {
    open,
    begin: (isMoved) => {
      leave();
      screen.blank("idle");
      if (!isMoved) address.show(null, false);
    },
    miss: () => gone(stateTexts.api.conversationGone),
    refresh,
    loadEarlier,
    close: () => reading?.abort(),
  };
}
