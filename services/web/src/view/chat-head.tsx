/** The title of what is on the screen; where it is narrow, the way to the other parts of the page. */
import { useEffect } from "preact/hooks";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { ListIcon, SpeechIcon } from "./icons.tsx";

export type Sheet = "conversations" | "tasks";

interface ChatHeadProps {
  title: string;
  person: PersonState;
  /** null: the other parts are beside the chat. */
  openSheet: ((which: Sheet) => void) | null;
}

export function ChatHead({ title, person, openSheet }: ChatHeadProps) {
  const open = person.tasks.openCount.value;

  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
    return () => {
      document.title = texts.product;
    };
  }, [title]);

  return (
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
          aria-label={texts.tasks.show(open)}
          onClick={() => openSheet("tasks")}
        >
          <ListIcon />
          {open > 0 && <span class="badge">{open}</span>}
        </button>
      )}
    </header>
  );
}
