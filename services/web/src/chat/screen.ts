/** What is shown of a conversation beside its items, and how it begins anew. */
import { batch, type Signal, signal } from "@preact/signals";
import type { Browser } from "../browser.ts";
import { EMPTY, type View } from "../protocol/fold.ts";
import type { Failure, Phase } from "../state.ts";
import { createDisplay, type Display } from "./display.ts";

type Again = () => Promise<void>;

export interface Screen {
  readonly display: Display;
  readonly phase: Signal<Phase>;
  /** Why nothing happens just now. */
  readonly notice: Signal<string | null>;
  readonly failure: Signal<Failure | null>;
  readonly choices: Signal<readonly string[]>;
  /** Where the items before those that are shown begin; null: there are none. */
  readonly earlier: Signal<string | null>;
  /** again: what `retry` does. */
  fail(failure: Failure, again: Again | null): void;
  again(): Again | null;
  /** What was said of the last turn holds no longer. */
  clear(): void;
  blank(phase: Phase, view?: View): void;
}

export function createScreen(browser: Browser): Screen {
  const display = createDisplay(browser);
  const phase = signal<Phase>("idle");
  const notice = signal<string | null>(null);
  const failure = signal<Failure | null>(null);
  const choices = signal<readonly string[]>([]);
  const earlier = signal<string | null>(null);
  let again: Again | null = null;

  function clear(): void {
    batch(() => {
      failure.value = null;
      choices.value = [];
      notice.value = null;
      again = null;
    });
  }

  return {
    display,
    phase,
    notice,
    failure,
    choices,
    earlier,
    fail: (why, retry) => {
      failure.value = why;
      again = why.canRetry ? retry : null;
    },
    again: () => again,
    clear,
    blank: (next, view = EMPTY) => {
      batch(() => {
        clear();
        earlier.value = null;
        phase.value = next;
        display.show(view);
      });
    },
  };
}
