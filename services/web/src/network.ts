/** Whether there is a network, as far as the browser knows. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Browser, listen } from "./browser.ts";

export interface Network {
  readonly isOnline: ReadonlySignal<boolean>;
  /** Resolves at once when online, and when `end` aborts. */
  whenOnline(end: AbortSignal): Promise<void>;
  close(): void;
}

export function createNetwork(browser: Browser): Network {
  const isOnline = signal(browser.navigator.onLine);
  const ends = [
    listen(browser, "online", () => {
      isOnline.value = true;
    }),
    listen(browser, "offline", () => {
      isOnline.value = false;
    }),
  ];

  function whenOnline(end: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (end.aborted) return resolve();
      const stop = isOnline.subscribe((value) => {
        if (value) done();
      });
      function done(): void {
        end.removeEventListener("abort", done);
        // The first call comes before `stop` is there.
        queueMicrotask(() => stop());
        resolve();
      }
      end.addEventListener("abort", done);
    });
  }

  return {
    isOnline,
    whenOnline,
    close: () => {
      for (const end of ends) end();
    },
  };
}
