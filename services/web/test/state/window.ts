/** A window for tests: what `Browser` names, with a network that can be taken away. */
import type { Browser } from "../../src/browser.ts";

type Fetch = Browser["fetch"];

export interface TestWindow extends Browser {
  /** Everything that was asked for, in order: method, path, and headers and body as they were sent. */
  readonly requests: { method: string; path: string; headers: Headers; body: string }[];
  readonly stored: Map<string, string>;
  goOffline(): void;
  goOnline(): void;
  see(): void;
  hide(): void;
  /** The browser's own: back, forward, a page brought back. */
  event(name: string, members?: object): void;
  go(path: string): void;
}

/** fetch: the network. origin: of the page; what is asked for there goes to `fetch` as it is. */
export function createWindow(fetch: Fetch, origin = "http://localhost:3000"): TestWindow {
  const target = new EventTarget();
  const documentTarget = new EventTarget();
  const stored = new Map<string, string>();
  const requests: TestWindow["requests"] = [];
  const location = { origin, pathname: "/", search: "" };
  const navigator = { onLine: true };
  const document = {
    visibilityState: "visible",
    addEventListener: documentTarget.addEventListener.bind(documentTarget),
    removeEventListener: documentTarget.removeEventListener.bind(documentTarget),
  };
  const move = (_data: unknown, _unused: string, path: string) => {
    show(path);
  };
  const show = (path: string) => {
    const { pathname, search } = new URL(path, origin);
    Object.assign(location, { pathname, search });
  };

  const see = (state: string) => {
    document.visibilityState = state;
    documentTarget.dispatchEvent(new Event("visibilitychange"));
  };
  const event = (name: string, members: object = {}) => {
    target.dispatchEvent(Object.assign(new Event(name), members));
  };

  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      requests.push({
        method: request.method,
        path: new URL(request.url).pathname,
        headers: request.headers,
        body: typeof init?.body === "string" ? init.body : "",
      });
      if (!navigator.onLine) throw new TypeError("Failed to fetch");
      return await fetch(input, init);
    },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    document,
    navigator,
    sessionStorage: {
      getItem: (name) => stored.get(name) ?? null,
      setItem: (name, value) => void stored.set(name, value),
      removeItem: (name) => void stored.delete(name),
      clear: () => stored.clear(),
    },
    location,
    history: { pushState: move, replaceState: move },
    requests,
    stored,
    goOffline: () => {
      navigator.onLine = false;
      event("offline");
    },
    goOnline: () => {
      navigator.onLine = true;
      event("online");
    },
    see: () => see("visible"),
    hide: () => see("hidden"),
    event,
    go: (path) => {
      show(path);
      event("popstate");
    },
  };
}
