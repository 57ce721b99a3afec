/**
 * Which page of its own the browser's address names, beside the conversations (`chat/address.ts`): the
 * account, and where the links of mails lead.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Browser, listen } from "./browser.ts";
import type { Arrival, Place } from "./state.ts";

/** The same paths are in `server/app.ts` and at the edge. */
const PLACES = new Map<string, Place>([
  ["/account", "account"],
  ["/reset-password", "reset-password"],
  ["/verify", "verify"],
]);

export interface Places {
  readonly place: ReadonlySignal<Place>;
  readonly arrival: Arrival;
  /** Args: path: of a place, or of a conversation. */
  go(path: string): void;
  /** The entry of the history that is shown now becomes this one. */
  replace(path: string): void;
  /** From where the link of a mail has led to what everybody sees. */
  leaveMail(): void;
  close(): void;
}

/** It is not a conversation's. */
export function isPlace(path: string): boolean {
  return PLACES.has(path);
}

/**
 * Reads what the link of a mail brought, and takes it out of the address at once: no history, no
 * bookmark and no look over a shoulder finds a token that opens the account.
 */
export function createPlaces(browser: Browser): Places {
  const { pathname, search } = browser.location;
  const here = () => PLACES.get(browser.location.pathname) ?? "talk";
  const brought = new URLSearchParams(search);
  const arrival: Arrival = { token: brought.get("token"), error: brought.get("error") };
  if (isPlace(pathname) && search !== "") browser.history.replaceState(null, "", pathname);
  const place = signal(here());
  const stop = listen(browser, "popstate", () => {
    place.value = here();
  });
  function replace(path: string): void {
    browser.history.replaceState(null, "", path);
    place.value = here();
  }
  return {
    place,
    arrival,
    go: (path) => {
      // Who goes on has read it.
      arrival.error = null;
      if (path !== browser.location.pathname) browser.history.pushState(null, "", path);
      place.value = here();
    },
    replace,
    leaveMail: () => {
      if (place.peek() === "verify" || place.peek() === "reset-password") replace("/");
    },
    close: stop,
  };
}
