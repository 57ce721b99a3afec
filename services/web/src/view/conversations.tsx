/** The conversations of the person: begin one, search, go on with one. */
import { useRef } from "preact/hooks";
import type { Conversation, Threads } from "../state.ts";
import { texts } from "../texts.ts";
import { ConversationRow } from "./conversation-row.tsx";
import { PlusIcon } from "./icons.tsx";
import { Notice } from "./notice.tsx";

interface ConversationsProps {
  conversation: Conversation;
  threads: Threads;
  /** One was chosen. */
  onChosen(): void;
}

export function Conversations({ conversation, threads, onChosen }: ConversationsProps) {
  const begin = useRef<HTMLButtonElement>(null);
  const isSearching = threads.query.value.trim() !== "";
  const found = threads.found.value;
  return (
    <>
      <button
        type="button"
        class="wide"
        ref={begin}
        onClick={() => {
          conversation.begin();
          onChosen();
        }}
      >
        <PlusIcon />
        {texts.conversations.begin}
      </button>
      {(threads.all.value.length > 0 || isSearching) && (
        <input
          type="search"
          class="search"
          aria-label={texts.conversations.search}
          placeholder={texts.conversations.search}
          value={threads.query.value}
          onInput={(event) => {
            threads.query.value = event.currentTarget.value;
          }}
        />
      )}
      {threads.failure.value !== null && <Notice words={threads.failure.value} isFailure />}
      {found.length === 0 && threads.failure.value === null && (
        <p class="quiet-words">
          {isSearching ? texts.conversations.noneFound : texts.conversations.none}
        </p>
      )}
      <ul class="conversations">
        {found.map((thread) => (
          <ConversationRow
            key={thread.id}
            thread={thread}
            conversation={conversation}
            threads={threads}
            onChosen={onChosen}
            onRemoved={() => begin.current?.focus()}
          />
        ))}
      </ul>
      {threads.hasMore.value && (
        <button type="button" class="quiet" onClick={() => void threads.loadMore()}>
          {texts.conversations.more}
        </button>
      )}
    </>
  );
}
