/** What the page's state takes of the browser: the window, as far as it is used, so that tests can stand in for it. */

export interface Browser {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  addEventListener(name: string, listener: (event: Event) => void): void;
  removeEventListener(name: string, listener: (event: Event) => void): void;
  /** Missing: every frame is a timer's. */
  requestAnimationFrame?(run: () => void): number;
  readonly document: {
    readonly visibilityState: string;
    addEventListener(name: string, listener: (event: Event) => void): void;
    removeEventListener(name: string, listener: (event: Event) => void): void;
  };
  readonly navigator: { readonly onLine: boolean };
  readonly sessionStorage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "clear">;
  readonly location: {
    readonly origin: string;
    readonly pathname: string;
    readonly search: string;
  };
  readonly history: {
    pushState(data: unknown, unused: string, url: string): void;
    replaceState(data: unknown, unused: string, url: string): void;
  };
}

/** Listens until the function that comes back is called. */
export function listen(
  target: Pick<Browser, "addEventListener" | "removeEventListener">,
  name: string,
  run: (event: Event) => void,
): () => void {
  target.addEventListener(name, run);
  return () => target.removeEventListener(name, run);
}

/** Calls `run` whenever the page comes into view. */
export function whenSeen(browser: Browser, run: () => void): () => void {
  return listen(browser.document, "visibilitychange", () => {
    if (browser.document.visibilityState === "visible") run();
  });
}

/** `run` before the next picture is drawn; soon, where none is: in a tab behind others. */
export function beforeFrame(browser: Browser, run: () => void): void {
  let isDone = false;
  const once = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    run();
  };
  const hasFrames = browser.requestAnimationFrame !== undefined;
  const timer = setTimeout(once, hasFrames ? 100 : 16);
  browser.requestAnimationFrame?.(once);
}

/** Milliseconds. Ends early when `signal` aborts; never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
