/** Where the person writes. What they wrote stays here until it is stored. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Conversation } from "../state.ts";
import { texts } from "../texts.ts";
import { isComposing, isSend } from "./keys.ts";
import { charactersLeft, isShort } from "./message-length.ts";

interface ComposerProps {
  conversation: Conversation;
  field: RefObject<HTMLTextAreaElement | null>;
  note: string | null;
}

export function Composer({ conversation, field, note }: ComposerProps) {
  const draft = conversation.draft.value;
  const phase = conversation.phase.value;
  const left = charactersLeft(draft);
  const canStop = phase === "sending" || phase === "working" || phase === "waiting";
  const canSend = phase === "idle" && draft.trim() !== "" && left >= 0;
  useGrowth(field, draft);

  function send(): void {
    if (canSend) void conversation.send();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (isSend(event)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && !isComposing(event)) {
      if (canStop) void conversation.stop();
      else field.current?.blur();
    }
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-box">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={texts.composer.label}
          aria-describedby="composer-notes"
          aria-invalid={left < 0}
          placeholder={texts.composer.placeholder}
          enterkeyhint="send"
          value={draft}
          readOnly={phase === "sending" || phase === "waiting"}
          onInput={(event) => {
            conversation.draft.value = event.currentTarget.value;
          }}
          onKeyDown={onKeyDown}
        />
        {canStop || phase === "stopping" ? (
          <button
            type="button"
            class="stop"
            aria-disabled={!canStop}
            onClick={(event) => {
              // It becomes the button that sends before the browser does what that one does.
              event.preventDefault();
              // The second half of a double click was meant for the button that was here before.
              if (canStop && event.detail < 2) void conversation.stop();
            }}
          >
            {phase !== "waiting" && <span class="stop-square" aria-hidden="true" />}
            {phase === "waiting" ? texts.composer.keep : texts.composer.stop}
          </button>
        ) : (
          <button type="submit" class="primary" aria-disabled={!canSend}>
            {texts.composer.send}
          </button>
        )}
      </div>
      <div class="composer-notes" id="composer-notes">
        {isShort(left) && (
          <p class={left < 0 ? "error" : ""}>
            {left < 0 ? texts.composer.over(-left) : texts.composer.left(left)}
          </p>
        )}
        {note !== null && <p>{note}</p>}
        <p class="keys">{texts.composer.keys}</p>
      </div>
    </form>
  );
}

/** As high as its text, where the style sheet cannot say so itself. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, draft: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [draft]);
}
