/** “Which one?” as buttons: each answers with its words. */
import type { Conversation } from "../state.ts";
import { texts } from "../texts.ts";

interface ChoicesProps {
  conversation: Conversation;
  /** They go away now. */
  goOn(): void;
}

export function Choices({ conversation, goOn }: ChoicesProps) {
  const choices = conversation.choices.value;
  if (choices.length === 0 || conversation.phase.value !== "idle") return null;
  return (
    <fieldset class="choices">
      <legend class="hidden-words">{texts.chat.choices}</legend>
      {choices.map((words) => (
        <button
          type="button"
          key={words}
          onClick={() => {
            goOn();
            void conversation.send(words);
          }}
        >
          {words}
        </button>
      ))}
    </fieldset>
  );
}
