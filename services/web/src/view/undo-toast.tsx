/**
 * “Deleted “x” · Undo”. It goes by itself, but not while the pointer or the focus is on it. By the
 * keyboard it is before the list, which may be long, and Ctrl + Z does the same from anywhere.
 */
import { useEffect, useRef } from "preact/hooks";
import type { Tasks, Undo } from "../state.ts";
import { texts } from "../texts.ts";
import { CloseIcon } from "./icons.tsx";

const SHOWN_MS = 10_000;

export function UndoToast({ tasks }: { tasks: Tasks }) {
  const undo = tasks.undo.value;
  if (undo === null) return null;
  return <Toast undo={undo} dismiss={() => tasks.dismissUndo()} />;
}

function Toast({ undo, dismiss }: { undo: Undo; dismiss(): void }) {
  const toast = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer = 0;
    const wait = () => {
      timer = window.setTimeout(() => {
        if (toast.current?.matches(":hover, :focus-within")) wait();
        else dismiss();
      }, SHOWN_MS);
    };
    wait();
    return () => window.clearTimeout(timer);
  }, [undo]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the buttons in it
    <div
      class="toast"
      ref={toast}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        dismiss();
      }}
    >
      <p>{undo.words}</p>
      <button
        type="button"
        class="link"
        title={texts.tasks.undoKeys}
        aria-keyshortcuts="Control+Z Meta+Z"
        onClick={() => void undo.run()}
      >
        {texts.tasks.undo}
      </button>
      <button type="button" class="icon-button" aria-label={texts.dismiss} onClick={dismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}
