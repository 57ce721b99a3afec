/** The conversation on the screen, in our own panel. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { Boundary } from "./boundary.tsx";
import { ChatHead, type Sheet } from "./chat-head.tsx";
import { Composer } from "./composer.tsx";
import { Messages } from "./messages.tsx";
import { isNarrow } from "./narrow.ts";
import { Notice } from "./notice.tsx";

interface ChatProps {
  person: PersonState;
  /** OpenAI's element should be here, and did not come. */
  isInsteadOfOfficial: boolean;
  /** What is to be known of the model, or null. */
  note: string | null;
  composer: RefObject<HTMLTextAreaElement | null>;
  /** null: the other parts are beside the chat. */
  openSheet: ((which: Sheet) => void) | null;
}

export function Chat({ person, isInsteadOfOfficial, note, composer, openSheet }: ChatProps) {
  const { conversation } = person;
  const title = conversation.title.value ?? texts.conversations.untitled;
  const focusComposer = () => composer.current?.focus();

  // Where a keyboard would come up over half of the page, the person is asked for nothing yet.
  useEffect(() => {
    if (!isNarrow.value) focusComposer();
  }, []);

  return (
    <main class="chat">
      <ChatHead title={title} person={person} openSheet={openSheet} />
      {isInsteadOfOfficial && (
        <div class="network">
          <Notice words={texts.official.missing} />
        </div>
      )}
      <Boundary subject={conversation.threadId.value}>
        <Messages conversation={conversation} focusComposer={focusComposer} />
      </Boundary>
      <NetworkLine person={person} />
      <Composer conversation={conversation} field={composer} note={note} />
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
