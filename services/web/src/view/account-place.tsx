/** Loads the account page: who only talks does not pay for it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Account, PageState, PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { Boundary } from "./boundary.tsx";
import { Notice } from "./notice.tsx";

interface AccountPlaceProps {
  page: PageState;
  person: PersonState;
  account: Account;
}

type AccountPage = typeof import("./account/account-page.tsx").AccountPage;

export function AccountPlace(props: AccountPlaceProps) {
  const loaded = useSignal<{ AccountPage: AccountPage } | "missing" | null>(null);
  useEffect(() => {
    void import("./account/account-page.tsx").then(
      (module) => {
        loaded.value = module;
      },
      () => {
        loaded.value = "missing";
      },
    );
  }, []);
  if (loaded.value === null) {
    return (
      <main class="entrance" aria-busy="true">
        <h1 class="hidden-words">{texts.account.page}</h1>
        <p class="waiting">{texts.account.loading}</p>
      </main>
    );
  }
  if (loaded.value === "missing") {
    return (
      <main class="entrance">
        <h1 class="hidden-words">{texts.account.page}</h1>
        <Notice words={texts.account.missing} isFailure isAlert>
          {/* A new version of the page has other files: a reload finds them. */}
          <button type="button" onClick={() => window.location.reload()}>
            {texts.broken.reload}
          </button>
        </Notice>
      </main>
    );
  }
  const { AccountPage } = loaded.value;
  return (
    <Boundary>
      <AccountPage {...props} />
    </Boundary>
  );
}
