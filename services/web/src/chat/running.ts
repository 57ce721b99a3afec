/** The turn that runs, as the screen shows it. */
import { batch } from "@preact/signals";
import type { Endpoint } from "../api/endpoint.ts";
import type { Network } from "../network.ts";
import type { StreamEvent, ToolResult } from "../protocol/events.ts";
import { customAction } from "../protocol/requests.ts";
import { stateTexts } from "../texts.ts";
import type { Address } from "./address.ts";
import { choicesOf } from "./choices.ts";
import type { Draft } from "./draft.ts";
import type { Screen } from "./screen.ts";
import { newTurn, runTurn, type Turn, type TurnEnd, type TurnHost } from "./turn.ts";

/** What the rest of the page does about a turn. */
export interface TurnHooks {
  toolResult(result: ToolResult): void;
  stored(threadId: string): void;
  /** isMended: some tool results may have gone by unheard. */
  ended(threadId: string | null, isMended: boolean): void;
}

export interface Running {
  /** Resolves when it is over, or not shown any more. */
  perform(turn: Turn): Promise<void>;
  stop(): Promise<void>;
  /** Another conversation is shown from now on. */
  leave(): void;
  close(): void;
}

interface Run {
  turn: Turn;
  controller: AbortController;
  /** false: another conversation is on the screen; only the draft still waits for it. */
  isShown: boolean;
  isStopAsked: boolean;
}

export function createRunning(
  screen: Screen,
  endpoint: Endpoint,
  network: Network,
  draft: Draft,
  address: Address,
  hooks: TurnHooks,
): Running {
  const { display, phase, notice } = screen;
  let run: Run | null = null;

  /** What runs goes on without us. A message that nobody knows to be stored is still waited for. */
  function leave(): void {
    if (run === null) return;
    run.isShown = false;
    if (run.turn.itemId !== null || phase.peek() === "waiting") run.controller.abort();
    run = null;
  }

  async function perform(turn: Turn): Promise<void> {
    const controller = new AbortController();
    const mine: Run = { turn, controller, isShown: true, isStopAsked: false };
    batch(() => {
      run = mine;
      screen.clear();
      phase.value = turn.itemId === null ? "sending" : "working";
    });
    const end = await runTurn(turn, endpoint, network, hostOf(mine), controller.signal);
    if (!mine.isShown) return;
    run = null;
    batch(() => {
      display.flush();
      phase.value = "idle";
      notice.value = null;
      show(mine, end);
    });
    if (end.kind !== "left") hooks.ended(turn.threadId, turn.isMended);
    if (end.kind === "failed" && end.code === "idempotency_key_reused" && turn.message !== null) {
      // These words were never stored under that key: they get one of their own.
      draft.forgetKey(turn.message);
      await perform(newTurn(draft.outgoing(turn.message.text, turn.message.threadId)));
    }
  }

  function show({ turn, isStopAsked }: Run, end: TurnEnd): void {
    if (end.kind === "answered") screen.choices.value = choicesOf(end.text, turn.results);
    if (end.kind !== "failed") return;
    const failure = isStopAsked ? { ...end.failure, isWanted: true } : end.failure;
    screen.fail(failure, () => perform({ ...turn, isMended: true }));
  }

  function hostOf(mine: Run): TurnHost {
    const shown = (work: () => void) => {
      if (mine.isShown) batch(work);
    };
    return {
      trying: (turn) =>
        shown(() => {
          display.begin();
          // Without a network this is a try, of which nothing is shown until something comes.
          if (turn.itemId !== null || !network.isOnline.peek()) return;
          phase.value = mine.isStopAsked ? "stopping" : "sending";
          notice.value = null;
        }),
      waiting: (turn, words, isOffline) => {
        if (turn.itemId === null && mine.isStopAsked) return mine.controller.abort();
        shown(() => {
          display.flush();
          notice.value = words;
          if (isOffline && turn.itemId === null) phase.value = "waiting";
        });
      },
      heard: (event) => hear(mine, event),
    };
  }

  function hear(mine: Run, event: StreamEvent): void {
    const { turn } = mine;
    const isStored = event.type === "thread.item.done" && event.item.type === "user_message";
    if (isStored && turn.message !== null) draft.stored(turn.message);
    if (!mine.isShown) {
      if (isStored) mine.controller.abort();
      return;
    }
    notice.value = null;
    display.hear(event);
    if (isStored && turn.threadId !== null) {
      if (phase.peek() !== "stopping") phase.value = "working";
      address.show(turn.threadId, true);
      hooks.stored(turn.threadId);
    }
    if (event.type !== "client_effect") return;
    if (event.name === "tool_result") hooks.toolResult(event.data);
    if (event.name === "turn" && mine.isStopAsked) void requestStop(mine);
  }

  async function stop(): Promise<void> {
    const mine = run;
    if (mine === null || mine.isStopAsked) return;
    if (phase.peek() === "waiting") return mine.controller.abort();
    mine.isStopAsked = true;
    phase.value = "stopping";
    if (mine.turn.turnId !== null) await requestStop(mine);
  }

  async function requestStop(mine: Run): Promise<void> {
    const { turnId, threadId } = mine.turn;
    const request = customAction("turn.stop", { turn_id: turnId }, threadId);
    const { signal } = mine.controller;
    const end = await endpoint.stream(request, { signal, heard: () => {} });
    if (end.ok || run !== mine) return;
    // It runs on: the person may ask once more.
    mine.isStopAsked = false;
    batch(() => {
      phase.value = "working";
      notice.value = stateTexts.chat.stopFailed(end.refusal.words);
    });
  }

  return {
    perform,
    stop,
    leave,
    close: () => {
      if (run !== null) run.isShown = false;
      run?.controller.abort();
      run = null;
    },
  };
}
