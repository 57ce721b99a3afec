/**
 * A native modal dialog: the browser keeps the focus in it, closes it by Esc, and gives the focus back
 * to what had it before.
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface ModalProps {
  kind: "confirm" | "sheet start" | "sheet end";
  label: string;
  /** It was closed, by Esc or a click beside it too. */
  onClose(): void;
  /** What it shows is shown once: only a button in it closes it. */
  isKept?: boolean;
  children: ComponentChildren;
}

export function Modal({ kind, label, onClose, isKept = false, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything is drawn, so that it does not flash up outside of its place.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      // Taken out of the page it closes without an event, and the browser forgets where the focus was.
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: by the keyboard it is closed with Esc
    <dialog
      ref={dialog}
      class={`modal ${kind}`}
      aria-label={label}
      onClose={onClose}
      onCancel={(event) => {
        if (isKept) event.preventDefault();
      }}
      onClick={(event) => {
        if (!isKept && event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div class="modal-content">{children}</div>
    </dialog>
  );
}
