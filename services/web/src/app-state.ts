/** Puts together what the page knows. */
import { effect, signal, untracked } from "@preact/signals";
import type { Browser } from "./browser.ts";
import { createPerson } from "./person.ts";
import { createPlaces, type Places } from "./places.ts";
import { createAuthRequest } from "./session/auth-request.ts";
import { createSession } from "./session/session.ts";
import type { PageConfig, PageState, PersonState, SessionState } from "./state.ts";

export { readConfig } from "./config.ts";

/** close: ends all timers, streams and listeners. */
export interface OwnPageState extends PageState {
  close(): void;
}

/** Args: places: read before anything else could see what the address has brought. */
export function createPageState(
  config: PageConfig,
  browser: Browser = window,
  places: Places = createPlaces(browser),
): OwnPageState {
  const request = createAuthRequest(browser);
  const session = createSession(browser, (isAsked) => forget(browser, places, isAsked), request);
  const person = signal<PersonState | null>(null);

  let before: SessionState["kind"] = "loading";
  const end = effect(() => {
    const state = session.state.value;
    // Who signs in where the link of a mail has led is at the end of that way.
    if (before === "signed-out" && state.kind === "signed-in") places.leaveMail();
    before = state.kind;
    const known = person.peek();
    const account = state.kind === "signed-in" ? state.account : null;
    if (known !== null && account !== null && known.account.userId === account.userId) return;
    known?.close();
    person.value = account && untracked(() => createPerson(browser, account, session, request));
  });

  return {
    config,
    session,
    person,
    place: places.place,
    arrival: places.arrival,
    go: places.go,
    close: () => {
      end();
      places.close();
      person.peek()?.close();
      session.close();
    },
  };
}

/**
 * Nothing of a person stays in this tab. Where they asked for it, no conversation of theirs in its
 * address either; who has to sign in again comes back to it.
 */
function forget(browser: Browser, places: Places, isAsked: boolean): void {
  try {
    browser.sessionStorage.clear();
  } catch {}
  if (isAsked) places.replace("/");
}
