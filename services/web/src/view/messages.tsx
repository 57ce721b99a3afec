/** What was said and done, oldest first. Follows the end while the reader is there. */
import { useComputed, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Conversation, Phase } from "../state.ts";
import { texts } from "../texts.ts";
import { Choices } from "./choices.tsx";
import { day } from "./dates.ts";
import { EmptyState } from "./empty-state.tsx";
import { DownIcon } from "./icons.tsx";
import { Notice } from "./notice.tsx";
import { Stretch } from "./stretch.tsx";
import { type Stretch as SomeItems, stretchesOf } from "./stretches.ts";
import { useEnd } from "./use-end.ts";

interface MessagesProps {
  conversation: Conversation;
  focusComposer(): void;
}

export function Messages({ conversation, focusComposer }: MessagesProps) {
  const items = conversation.items.value;
  const end = useEnd(items[0]?.id);
  const stretches = useRef<readonly SomeItems[]>([]);
  stretches.current = stretchesOf(items, stretches.current);
  const today = day(new Date());
  const phase = conversation.phase.value;
  const isEmpty = items.length === 0 && phase === "idle" && conversation.failure.value === null;

  // To the end with another conversation, and with what the person says.
  const turning = useComputed(() => conversation.phase.value === "sending");
  useSignalEffect(() => {
    void conversation.threadId.value;
    void turning.value;
    end.go();
  });

  /** What had the focus goes away. Where composing brings up a keyboard, that is for the person to ask for. */
  function goOn(): void {
    if (window.matchMedia("(hover: none)").matches) end.box.current?.focus();
    else focusComposer();
  }

  return (
    <div class="messages-frame">
      <section
        class="messages"
        ref={end.box}
        onScroll={end.onScroll}
        aria-label={texts.chat.messages}
        aria-busy={phase !== "idle"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        tabIndex={0}
      >
        <div class="messages-content" ref={end.content}>
          {conversation.hasEarlier.value && (
            <button
              type="button"
              class="quiet earlier"
              onClick={() => void conversation.loadEarlier()}
            >
              {texts.chat.earlier}
            </button>
          )}
          {isEmpty && <EmptyState conversation={conversation} focusComposer={focusComposer} />}
          {stretches.current.map((stretch, n) => {
            const before = stretches.current[n - 1]?.items.at(-1);
            return (
              <Stretch
                key={stretch.id}
                items={stretch.items}
                dayBefore={before === undefined ? null : day(before.created_at)}
                today={today}
              />
            );
          })}
          <Progress conversation={conversation} />
          <Choices conversation={conversation} goOn={goOn} />
          <LastFailure conversation={conversation} goOn={goOn} />
        </div>
      </section>
      {!end.isThere.value && (
        <button
          type="button"
          class="jump"
          onClick={() => {
            end.go();
            end.box.current?.focus();
          }}
        >
          <DownIcon />
          {texts.chat.latest}
        </button>
      )}
    </div>
  );
}

const PHASE_WORDS: Partial<Record<Phase, string>> = {
  opening: texts.chat.opening,
  sending: texts.chat.sending,
  stopping: texts.chat.stopping,
};

function Progress({ conversation }: { conversation: Conversation }) {
  const phase = conversation.phase.value;
  // Said above the composer.
  if (phase === "waiting") return null;
  const words =
    phase === "stopping"
      ? texts.chat.stopping
      : (conversation.progress.value ?? PHASE_WORDS[phase]);
  if (words === undefined) return null;
  return (
    <p class="progress">
      <span class="spinner" aria-hidden="true" />
      {words}
    </p>
  );
}

function LastFailure({ conversation, goOn }: { conversation: Conversation; goOn(): void }) {
  const failure = conversation.failure.value;
  if (failure === null) return null;
  return (
    <Notice words={failure.words} isFailure={failure.isWanted !== true}>
      {failure.canRetry && (
        <button
          type="button"
          onClick={() => {
            goOn();
            void conversation.retry();
          }}
        >
          {texts.retry}
        </button>
      )}
    </Notice>
  );
}
