/** Which page: of somebody who is signed in, or the way in. */
import { mailTexts } from "../mail-texts.ts";
import { NOT_SIGNED_IN, type PageState } from "../state.ts";
import { texts } from "../texts.ts";
import { AccountPlace } from "./account-place.tsx";
import { Closed, ResetPassword, Verified } from "./arrivals.tsx";
import { Entrance } from "./entrance.tsx";
import { PersonPage } from "./person-page.tsx";

export function App({ page }: { page: PageState }) {
  const state = page.session.state.value;
  const person = page.person.value;
  const place = page.place.value;
  if (place === "reset-password") return <ResetPassword page={page} />;
  if (place === "verify" && (state.kind === "signed-in" || state.kind === "signed-out")) {
    return <Verified page={page} isSignedIn={state.kind === "signed-in"} />;
  }
  switch (state.kind) {
    case "loading":
      return <Waiting />;
    case "unreachable":
      return (
        <main class="entrance">
          <div class="card">
            <h1>{texts.start.unreachable}</h1>
            <p role="alert">{state.words}</p>
            <button type="button" class="primary" onClick={() => void page.session.retry()}>
              {texts.start.tryAgain}
            </button>
          </div>
        </main>
      );
    case "signed-out":
      return <Entrance page={page} notice={state.notice ?? noticeOfLink(page)} />;
    case "closed":
      return <Closed page={page} isErased={state.isErased} />;
    case "signed-in":
      if (person === null) return <Waiting />;
      // Keyed: nothing that was drawn for one person is used for another.
      return place === "account" ? (
        <AccountPlace
          key={person.account.userId}
          page={page}
          person={person}
          account={state.account}
        />
      ) : (
        <PersonPage key={person.account.userId} person={person} page={page} />
      );
  }
}

function noticeOfLink({ place, arrival }: PageState): string | null {
  const isOfAddress = place.value === "account" && arrival.error === NOT_SIGNED_IN;
  return isOfAddress ? mailTexts.verify.signInFirst : null;
}

function Waiting() {
  return (
    <main class="entrance" aria-busy="true">
      <h1 class="hidden-words">{texts.product}</h1>
      <p class="waiting">{texts.start.loading}</p>
    </main>
  );
}
