/** What can be said here, shown by sentences that work, and what cannot be had. */
import type { Conversation } from "../state.ts";
import { texts } from "../texts.ts";

interface EmptyStateProps {
  conversation: Conversation;
  focusComposer(): void;
}

export function EmptyState({ conversation, focusComposer }: EmptyStateProps) {
  return (
    <div class="empty">
      <h2>{texts.empty.heading}</h2>
      <p>{texts.empty.teach}</p>
      <ul>
        {texts.empty.examples.map((example) => (
          <li key={example}>
            <button
              type="button"
              class="example"
              onClick={() => {
                conversation.draft.value = example;
                focusComposer();
              }}
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet-words">{texts.empty.cannot}</p>
    </div>
  );
}
