/** A title that is being changed in its place: Enter keeps it, Esc does not. */
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Outcome } from "../state.ts";
import { checkTitle } from "./checks.ts";
import { isComposing } from "./keys.ts";

interface TitleEditorProps {
  label: string;
  title: string;
  save(title: string): Promise<Outcome>;
  /** It was kept, or left as it was. Args: byKey: the focus was in it to the end, and now needs a place. */
  onDone(byKey: boolean): void;
}

export function TitleEditor({ label, title, save, onDone }: TitleEditorProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const words = useSignal<string | null>(null);
  const isSaving = useRef(false);

  // Before the next key: who types at once would lose the beginning.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  async function keep(byKey: boolean): Promise<void> {
    const next = input.current?.value.trim() ?? title;
    if (isSaving.current) return;
    if (next === title || next === "") return onDone(byKey);
    words.value = checkTitle(next);
    if (words.value !== null) return;
    isSaving.current = true;
    const outcome = await save(next);
    isSaving.current = false;
    if (outcome.ok) onDone(byKey);
    else words.value = outcome.words;
  }

  return (
    <div class="title-editor">
      <input
        ref={input}
        aria-label={label}
        defaultValue={title}
        aria-invalid={words.value !== null}
        aria-describedby={words.value === null ? undefined : id}
        onKeyDown={(event) => {
          if (isComposing(event)) return;
          if (event.key === "Enter") void keep(true);
          if (event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          onDone(true);
        }}
        onBlur={() => void keep(false)}
      />
      {words.value !== null && (
        <p class="error" id={id} role="alert">
          {words.value}
        </p>
      )}
    </div>
  );
}
