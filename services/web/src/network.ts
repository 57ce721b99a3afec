/**
 * Whether the server can be reached. The browser's word is a hint: with no network at all, a server on
 * this very machine answers all the same.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Browser, listen, pause } from "./browser.ts";

export interface Network {
  readonly isOnline: ReadonlySignal<boolean>;
  /** The server has answered something. */
  reached(): void;
  /** It has not. */
  missed(): void;
  /** Resolves when it is worth while to try again: online, some time later, or `end` aborts. */
  whenOnline(end: AbortSignal): Promise<void>;
  close(): void;
}

/** For who stays without a network, and whose server comes back. */
const TRY_AGAIN_MS = 10_000;

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

  async function whenOnline(end: AbortSignal): Promise<void> {
    const wait = new AbortController();
    const stop = isOnline.subscribe((value) => {
      if (value) wait.abort();
    });
    await pause(TRY_AGAIN_MS, AbortSignal.any([end, wait.signal]));
    stop();
  }

  return {
    isOnline,
    reached: () => {
      isOnline.value = true;
    },
    missed: () => {
      isOnline.value = browser.navigator.onLine;
    },
    whenOnline,
    close: () => {
      for (const end of ends) end();
    },
  };
}
