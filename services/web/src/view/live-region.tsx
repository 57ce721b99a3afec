/**
 * The one polite live region: what a screen reader is told by itself. Finished sentences and rows, what
 * was done in the list, what failed, and that the network went.
 */
import { effect, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";

interface Line {
  id: number;
  words: string;
}

/** Kept in the page, so that whoever reads on finds what was said last. */
const MOST_LINES = 8;

export function LiveRegion({ person }: { person: PersonState }) {
  const lines = useSignal<readonly Line[]>([]);
  // Several may come before one of them is read: each is a line of its own, and none takes another's place.
  const say = (words: string) => {
    if (words === "") return;
    const known = lines.peek();
    const id = (known.at(-1)?.id ?? 0) + 1;
    lines.value = [...known.slice(1 - MOST_LINES), { id, words }];
  };
  // Not useSignalEffect, which waits for a frame and sees the last of those that came before it.
  useEffect(() => effect(() => say(person.conversation.spoken.value)), []);
  useSignalEffect(() => {
    if (person.tasks.undo.value !== null) {
      say(texts.tasks.undoSpoken(person.tasks.undo.value.words));
    }
  });
  useSignalEffect(() => {
    if (person.conversation.failure.value !== null) say(person.conversation.failure.value.words);
  });
  useSignalEffect(() => {
    if (person.tasks.failure.value !== null) say(person.tasks.failure.value);
  });
  useSignalEffect(() => {
    if (person.threads.failure.value !== null) say(person.threads.failure.value);
  });
  useSignalEffect(() => {
    if (!person.isOnline.value) say(texts.chat.offline);
  });
  return (
    <div class="hidden-words" role="status" aria-atomic="false">
      {lines.value.map(({ id, words }) => (
        <p key={id}>{words}</p>
      ))}
    </div>
  );
}
