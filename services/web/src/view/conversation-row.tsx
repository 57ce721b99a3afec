/** One conversation in the list: go to it, give it another title, delete it. */
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Conversation, ThreadSummary, Threads } from "../state.ts";
import { texts } from "../texts.ts";
import { Confirm } from "./confirm.tsx";
import { DotsIcon } from "./icons.tsx";
import { Menu, MenuButton } from "./menu.tsx";
import { TitleEditor } from "./title-editor.tsx";

interface ConversationRowProps {
  thread: ThreadSummary;
  conversation: Conversation;
  threads: Threads;
  onChosen(): void;
  onRemoved(): void;
}

export function ConversationRow(props: ConversationRowProps) {
  const { thread, conversation, threads, onChosen, onRemoved } = props;
  const isCurrent = useComputed(() => conversation.threadId.value === thread.id).value;
  const mode = useSignal<"shown" | "renaming" | "removing">("shown");
  const link = useRef<HTMLAnchorElement>(null);

  function show(): void {
    mode.value = "shown";
  }

  if (mode.value === "renaming") {
    return (
      <li class="conversation">
        <TitleEditor
          label={texts.conversations.renameLabel}
          title={thread.title}
          save={(title) => threads.rename(thread.id, title)}
          onDone={(byKey) => {
            show();
            if (byKey) requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li class="conversation">
      <a
        ref={link}
        class="conversation-link one-line"
        href={`/c/${thread.id}`}
        title={thread.title}
        aria-current={isCurrent ? "page" : undefined}
        onClick={(event) => {
          // With a modifier the browser opens it elsewhere.
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          void conversation.open(thread.id);
          onChosen();
        }}
      >
        {thread.title}
      </a>
      <Menu
        label={texts.conversations.options(thread.title)}
        className="icon-button row-button"
        face={<DotsIcon />}
      >
        <MenuButton
          words={texts.conversations.rename}
          onClick={() => {
            mode.value = "renaming";
          }}
        />
        <MenuButton
          words={texts.conversations.remove}
          isDangerous
          onClick={() => {
            mode.value = "removing";
          }}
        />
      </Menu>
      {mode.value === "removing" && (
        <Confirm
          heading={texts.conversations.removeHeading}
          words={texts.conversations.removeWords(thread.title)}
          button={texts.conversations.removeButton}
          act={() => threads.remove(thread.id)}
          onCancel={show}
          onDone={onRemoved}
        />
      )}
    </li>
  );
}
