/** `/c/<thread id>`: which conversation the browser's address names. */
import { type Browser, listen } from "../browser.ts";
import { isPlace } from "../places.ts";

export interface Address {
  /** null: none. */
  threadId(): string | null;
  /** It names one that cannot be: mistyped, or pasted with too much. */
  isWrong(): boolean;
  /** `replace`: the entry of the history that is shown now becomes this one. */
  show(threadId: string | null, replace: boolean): void;
  /** Back and forward. */
  whenMoved(run: (threadId: string | null) => void): () => void;
}

const PATH = /^\/c\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function createAddress(browser: Browser): Address {
  const threadId = () => PATH.exec(browser.location.pathname)?.[1] ?? null;
  return {
    threadId,
    isWrong: () => browser.location.pathname.startsWith("/c/") && threadId() === null,
    show: (id, replace) => {
      // A page of its own is before it; who leaves that comes back to the conversation.
      if (isPlace(browser.location.pathname)) return;
      const path = id === null ? "/" : `/c/${id}`;
      if (path === browser.location.pathname) return;
      if (replace) browser.history.replaceState(null, "", path);
      else browser.history.pushState(null, "", path);
    },
    whenMoved: (run) =>
      listen(browser, "popstate", () => {
        if (!isPlace(browser.location.pathname)) run(threadId());
      }),
  };
}
