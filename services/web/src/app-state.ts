/** Puts together what the page knows. */
import { effect, signal, untracked } from "@preact/signals";
import type { Browser } from "./browser.ts";
import { createPerson } from "./person.ts";
import { createSession } from "./session/session.ts";
import type { PageConfig, PageState, PersonState } from "./state.ts";

export { readConfig } from "./config.ts";

/** close: ends all timers, streams and listeners. */
export interface OwnPageState extends PageState {
  close(): void;
}

export function createPageState(config: PageConfig, browser: Browser = window): OwnPageState {
  const session = createSession(browser, (isAsked) => forget(browser, isAsked));
  const person = signal<PersonState | null>(null);

  const end = effect(() => {
    const state = session.state.value;
    const known = person.peek();
    const account = state.kind === "signed-in" ? state.account : null;
    if (known !== null && account !== null && known.account.userId === account.userId) return;
    known?.close();
    person.value = account && untracked(() => createPerson(browser, account, session.tokens));
  });

  return {
    config,
    session,
    person,
    close: () => {
      end();
      person.peek()?.close();
      session.close();
    },
  };
}

/**
 * Nothing of a person stays in this tab. Where they asked for it, no conversation of theirs in its
 * address either; who has to sign in again comes back to it.
 */
function forget(browser: Browser, isAsked: boolean): void {
  try {
    browser.sessionStorage.clear();
  } catch {}
  if (isAsked) browser.history.replaceState(null, "", "/");
}
