/** The conversation as it is shown: events are put in once a frame, however many come. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Browser, beforeFrame } from "../browser.ts";
import type { StreamEvent } from "../protocol/events.ts";
import { begin, EMPTY, fold, type View } from "../protocol/fold.ts";
import { createSpeaker } from "./spoken.ts";

export interface Display {
  readonly view: ReadonlySignal<View>;
  readonly spoken: ReadonlySignal<string>;
  /** Another conversation, or none. Events that were not shown yet are forgotten. */
  show(view: View): void;
  change(change: (view: View) => View): void;
  /** A stream begins. */
  begin(): void;
  hear(event: StreamEvent): void;
  /** Show at once what came. */
  flush(): void;
}

export function createDisplay(browser: Browser): Display {
  const view = signal<View>(EMPTY);
  const spoken = signal("");
  let waiting: StreamEvent[] = [];
  let speaker = createSpeaker();
  let isAskedFor = false;

  function flush(): void {
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    const words = events.flatMap((event) => speaker.hear(event));
    batch(() => {
      view.value = fold(view.peek(), events);
      if (words.length > 0) spoken.value = words.join(" ");
    });
  }

  function hear(event: StreamEvent): void {
    waiting.push(event);
    if (isAskedFor) return;
    isAskedFor = true;
    beforeFrame(browser, () => {
      isAskedFor = false;
      flush();
    });
  }

  return {
    view,
    spoken,
    show: (other) => {
      waiting = [];
      speaker = createSpeaker();
      batch(() => {
        view.value = other;
        spoken.value = "";
      });
    },
    change: (change) => {
      flush();
      view.value = change(view.peek());
    },
    begin: () => {
      flush();
      speaker = createSpeaker();
      batch(() => {
        // So that the same words are said again when they come again.
        spoken.value = "";
        view.value = begin(view.peek());
      });
    },
    hear,
    flush,
  };
}
