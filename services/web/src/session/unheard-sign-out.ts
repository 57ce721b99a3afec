/** A sign-out that the server has not heard yet. Kept over a reload of this tab. */
import type { Browser } from "../browser.ts";

export interface UnheardSignOut {
  /** Whose session is still to be ended; null: nobody's. */
  userId(): string | null;
  remember(userId: string): void;
  forget(): void;
}

const NAME = "taskchat sign-out";

export function createUnheardSignOut(browser: Browser): UnheardSignOut {
  let kept = read(browser);
  return {
    userId: () => kept,
    remember: (userId) => {
      kept = userId;
      // Storage may be full or forbidden: it is then remembered as long as the page lives.
      try {
        browser.sessionStorage.setItem(NAME, userId);
      } catch {}
    },
    forget: () => {
      if (kept === null) return;
      kept = null;
      try {
        browser.sessionStorage.removeItem(NAME);
      } catch {}
    },
  };
}

function read(browser: Browser): string | null {
  try {
    return browser.sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}
