/** The page of a person who is signed in: conversations, chat, tasks; where it is narrow, the chat with sheets. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { PageState, PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Boundary } from "./boundary.tsx";
import { Chat } from "./chat.tsx";
import type { Sheet } from "./chat-head.tsx";
import { Conversations } from "./conversations.tsx";
import { CloseIcon } from "./icons.tsx";
import { isField, isToComposer, isUndo } from "./keys.ts";
import { LiveRegion } from "./live-region.tsx";
import { Modal } from "./modal.tsx";
import { isNarrow } from "./narrow.ts";
import { OfficialPlace } from "./official-place.tsx";
import { Tasks } from "./tasks.tsx";

interface PersonPageProps {
  person: PersonState;
  page: PageState;
}

export function PersonPage({ person, page }: PersonPageProps) {
  const { config } = page;
  const sheet = useSignal<Sheet | null>(null);
  const isOfficial = useSignal(config.chatkitDomainKey !== null);
  const note = config.modelIsSimulated ? texts.chat.simulated : null;
  const composer = useRef<HTMLTextAreaElement>(null);
  const closeSheet = () => {
    sheet.value = null;
  };

  const openSheet = isNarrow.value
    ? (which: Sheet) => {
        sheet.value = which;
      }
    : null;

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isInField = isField(event.target);
      const undo = person.tasks.undo.peek();
      if (undo !== null && isUndo(event, isInField)) {
        event.preventDefault();
        void undo.run();
      } else if (
        isToComposer(event, isInField) &&
        document.querySelector("dialog[open]") === null
      ) {
        event.preventDefault();
        composer.current?.focus();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);

  const conversations = (
    <nav class="side" aria-label={texts.conversations.heading}>
      <SideHead words={texts.product} onClose={isNarrow.value ? closeSheet : null} />
      <div class="side-scroll">
        {/* OpenAI's element has a list of its own. */}
        {!isOfficial.value && (
          <Conversations
            conversation={person.conversation}
            threads={person.threads}
            onChosen={() => {
              if (isNarrow.value) closeSheet();
              else composer.current?.focus();
            }}
          />
        )}
      </div>
      <AccountMenu account={person.account} page={page} />
    </nav>
  );
  const tasks = (
    <aside class="side" aria-label={texts.tasks.heading}>
      {isNarrow.value && <SideHead words={null} onClose={closeSheet} />}
      <Boundary>
        <Tasks tasks={person.tasks} />
      </Boundary>
    </aside>
  );
  return (
    <div class="page">
      {!isNarrow.value && conversations}
      {isOfficial.value && config.chatkitDomainKey !== null ? (
        <OfficialPlace
          person={person}
          domainKey={config.chatkitDomainKey}
          note={note}
          openSheet={openSheet}
          onMissing={() => {
            isOfficial.value = false;
          }}
        />
      ) : (
        <Chat
          person={person}
          isInsteadOfOfficial={config.chatkitDomainKey !== null}
          note={note}
          composer={composer}
          openSheet={openSheet}
        />
      )}
      {!isNarrow.value && tasks}
      {isNarrow.value && sheet.value === "conversations" && (
        <Modal kind="sheet start" label={texts.conversations.heading} onClose={closeSheet}>
          {conversations}
        </Modal>
      )}
      {isNarrow.value && sheet.value === "tasks" && (
        <Modal kind="sheet end" label={texts.tasks.heading} onClose={closeSheet}>
          {tasks}
        </Modal>
      )}
      <LiveRegion person={person} />
    </div>
  );
}

function SideHead({ words, onClose }: { words: string | null; onClose: (() => void) | null }) {
  return (
    <div class="side-head">
      {words !== null && (
        <p class="brand">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          {words}
        </p>
      )}
      {onClose !== null && (
        <button type="button" class="icon-button" aria-label={texts.close} onClick={onClose}>
          <CloseIcon />
        </button>
      )}
    </div>
  );
}
