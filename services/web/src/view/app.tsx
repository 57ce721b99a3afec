/** Which page: of somebody who is signed in, or the way in. */
import type { PageState } from "../state.ts";
import { texts } from "../texts.ts";
import { Entrance } from "./entrance.tsx";
import { PersonPage } from "./person-page.tsx";

export function App({ page }: { page: PageState }) {
  const state = page.session.state.value;
  const person = page.person.value;
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
      return <Entrance session={page.session} notice={state.notice} />;
    case "signed-in":
      if (person === null) return <Waiting />;
      // Keyed: nothing that was drawn for one person is used for another.
      return (
        <PersonPage
          key={person.account.userId}
          person={person}
          session={page.session}
          config={page.config}
        />
      );
  }
}

function Waiting() {
  return (
    <main class="entrance" aria-busy="true">
      <h1 class="hidden-words">{texts.product}</h1>
      <p class="waiting">{texts.start.loading}</p>
    </main>
  );
}
