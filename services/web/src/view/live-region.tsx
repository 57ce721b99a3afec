/**
 * The one polite live region: what a screen reader is told by itself. Finished sentences and rows, what
 * was done in the list, what failed, and that the network went.
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";

export function LiveRegion({ person }: { person: PersonState }) {
  const words = useSignal("");
  useSignalEffect(() => {
    words.value = person.conversation.spoken.value;
  });
  useSignalEffect(() => {
    if (person.tasks.undo.value !== null) {
      words.value = texts.tasks.undoSpoken(person.tasks.undo.value.words);
    }
  });
  useSignalEffect(() => {
    if (person.conversation.failure.value !== null)
      words.value = person.conversation.failure.value.words;
  });
  useSignalEffect(() => {
    if (person.tasks.failure.value !== null) words.value = person.tasks.failure.value;
  });
  useSignalEffect(() => {
    if (person.threads.failure.value !== null) words.value = person.threads.failure.value;
  });
  useSignalEffect(() => {
    if (!person.isOnline.value) words.value = texts.chat.offline;
  });
  return (
    <p class="hidden-words" role="status">
      {words}
    </p>
  );
}
