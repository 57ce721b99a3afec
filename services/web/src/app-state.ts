/** Puts together what the page knows. */
import { effect, signal } from "@preact/signals";
import type { Browser } from "./browser.ts";
import { createPerson } from "./person.ts";
import { createSession } from "./session/session.ts";
import type { PageConfig, PageState, PersonState } from "./state.ts";

export { readConfig } from "./config.ts";

export function createPageState(config: PageConfig, browser: Browser = window): PageState {
  const session = createSession(browser, () => forget(browser));
  const person = signal<PersonState | null>(null);

  effect(() => {
    const state = session.state.value;
    const known = person.peek();
    const account = state.kind === "signed-in" ? state.account : null;
    if (known !== null && account !== null && known.account.userId === account.userId) return;
    known?.close();
    person.value = account === null ? null : createPerson(browser, account, session.tokens);
  });

  return { config, session, person };
}

/** Nothing of a person stays in this tab, nor a conversation of theirs in its address. */
function forget(browser: Browser): void {
  try {
    browser.sessionStorage.clear();
  } catch {}
  browser.history.replaceState(null, "", "/");
}
