/** The conversation on the screen. */
import { computed } from "@preact/signals";
import type { Endpoint } from "../api/endpoint.ts";
import type { Browser } from "../browser.ts";
import type { Network } from "../network.ts";
import { progressOf } from "../protocol/fold.ts";
import type { Conversation } from "../state.ts";
import type { Address } from "./address.ts";
import type { Draft } from "./draft.ts";
import { tooLong } from "./length.ts";
import { createReading } from "./reading.ts";
import { createRunning, type TurnHooks } from "./running.ts";
import { createScreen } from "./screen.ts";
import { newTurn } from "./turn.ts";

export interface OwnConversation extends Conversation {
  /** Something happened in a conversation elsewhere: read it again, if it is this one. */
  refresh(threadId: string): Promise<void>;
  retitled(threadId: string, title: string): void;
  /** Show the one that the address names, if it names any; where there can be none, say so. */
  arrive(): void;
  close(): void;
}

export function createConversation(
  browser: Browser,
  endpoint: Endpoint,
  network: Network,
  draft: Draft,
  address: Address,
  hooks: TurnHooks,
): OwnConversation {
  const screen = createScreen(browser);
  const running = createRunning(screen, endpoint, network, draft, address, hooks);
  const reading = createReading(screen, endpoint, address, running);
  const { display, phase, notice } = screen;
  const { view } = display;

  async function send(words?: string): Promise<void> {
    const text = (words ?? draft.text.peek()).trim();
    if (text === "" || phase.peek() !== "idle") return;
    const complaint = tooLong(text);
    if (complaint !== null) return screen.fail({ words: complaint, canRetry: false }, null);
    // Words that were clicked are in the composer, too, until they are stored.
    if (draft.text.peek().trim() === "") draft.text.value = text;
    await running.perform(newTurn(draft.outgoing(text, view.peek().threadId)));
  }

  const stopMoving = address.whenMoved((threadId) => {
    if (threadId === view.peek().threadId) return;
    if (threadId === null) reading.begin(true);
    else void reading.open(threadId, true);
  });

  return {
    threadId: computed(() => view.value.threadId),
    title: computed(() => view.value.title),
    items: computed(() => view.value.items),
    hasEarlier: computed(() => screen.earlier.value !== null),
    phase,
    progress: computed(
      () => notice.value ?? (phase.value === "idle" ? null : progressOf(view.value)),
    ),
    failure: screen.failure,
    draft: draft.text,
    choices: screen.choices,
    spoken: display.spoken,
    send,
    stop: running.stop,
    retry: async () => {
      if (phase.peek() === "idle") await screen.again()?.();
    },
    open: (threadId) => reading.open(threadId, false),
    begin: () => reading.begin(false),
    loadEarlier: reading.loadEarlier,
    refresh: reading.refresh,
    retitled: (threadId, title) => {
      if (view.peek().threadId === threadId) display.change((shown) => ({ ...shown, title }));
    },
    arrive: () => {
      const threadId = address.threadId();
      if (threadId !== null) void reading.open(threadId, false);
      else if (address.isWrong()) reading.miss();
    },
    close: () => {
      stopMoving();
      reading.close();
      running.close();
    },
  };
}
