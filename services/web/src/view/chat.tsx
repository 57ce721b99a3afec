/** The conversation on the screen, in our own panel. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { PageConfig, PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { Composer } from "./composer.tsx";
import { ListIcon, SpeechIcon } from "./icons.tsx";
import { Messages } from "./messages.tsx";
import { isNarrow } from "./narrow.ts";
import { Notice } from "./notice.tsx";
import type { Sheet } from "./person-page.tsx";

interface ChatProps {
  person: PersonState;
  config: PageConfig;
  composer: RefObject<HTMLTextAreaElement | null>;
  /** null: the other parts are beside the chat. */
  openSheet: ((which: Sheet) => void) | null;
}

export function Chat({ person, config, composer, openSheet }: ChatProps) {
  const { conversation, tasks } = person;
  const title = conversation.title.value ?? texts.conversations.untitled;
  const focusComposer = () => composer.current?.focus();

  // Where a keyboard would come up over half of the page, the person is asked for nothing yet.
  useEffect(() => {
    if (!isNarrow.value) focusComposer();
  }, []);
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
    return () => {
      document.title = texts.product;
    };
  }, [title]);

  return (
    <main class="chat">
      <header class="chat-head">
        {openSheet !== null && (
          <button
            type="button"
            class="icon-button"
            aria-label={texts.conversations.heading}
            onClick={() => openSheet("conversations")}
          >
            <SpeechIcon />
          </button>
        )}
        <h1 class="one-line" dir="auto">
          {title}
        </h1>
        {openSheet !== null && (
          <button
            type="button"
            class="icon-button"
            aria-label={texts.tasks.show(tasks.openCount.value)}
            onClick={() => openSheet("tasks")}
          >
            <ListIcon />
            {tasks.openCount.value > 0 && <span class="badge">{tasks.openCount}</span>}
          </button>
        )}
      </header>
      <Messages conversation={conversation} focusComposer={focusComposer} />
      <NetworkLine person={person} />
      <Composer
        conversation={conversation}
        field={composer}
        note={config.modelIsSimulated ? texts.chat.simulated : null}
      />
    </main>
  );
}

function NetworkLine({ person }: { person: PersonState }) {
  const isWaiting = person.conversation.phase.value === "waiting";
  if (person.isOnline.value && !isWaiting) return null;
  return (
    <div class="network">
      <Notice words={isWaiting ? texts.chat.waiting : texts.chat.offline} />
    </div>
  );
}
