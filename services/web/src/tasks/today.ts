/** The day that it is where the person is. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Browser, whenSeen } from "../browser.ts";

export interface Today {
  /** Changes at midnight, and when a page that slept over it is seen again. */
  readonly day: ReadonlySignal<string>;
  close(): void;
}

export function createToday(browser: Browser): Today {
  const day = signal(dayOf(new Date()));
  let timer: ReturnType<typeof setTimeout>;

  function look(): void {
    const now = new Date();
    day.value = dayOf(now);
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    clearTimeout(timer);
    timer = setTimeout(look, midnight.getTime() - now.getTime() + 500);
  }

  look();
  const end = whenSeen(browser, look);
  return {
    day,
    close: () => {
      clearTimeout(timer);
      end();
    },
  };
}

/** In this machine's zone, which is the one that is sent as Time-Zone. */
export function dayOf(moment: Date): string {
  return moment.toDateString();
}
