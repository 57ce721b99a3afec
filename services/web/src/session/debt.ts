/** Whose session is to be ended at the server, which has not heard it yet. Kept over a reload of this tab. */
import type { Browser } from "../browser.ts";

export interface Debt {
  /** null: nobody's. */
  userId(): string | null;
  owe(userId: string): void;
  settle(): void;
}

const NAME = "taskchat sign-out";

export function createDebt(browser: Browser): Debt {
  let owed = read(browser);
  return {
    userId: () => owed,
    owe: (userId) => {
      owed = userId;
      // Storage may be full or forbidden: it is then owed as long as the page lives.
      try {
        browser.sessionStorage.setItem(NAME, userId);
      } catch {}
    },
    settle: () => {
      if (owed === null) return;
      owed = null;
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
