/** A text of which the first lines are shown, and all of it where the person wants that. */
import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface Clamp {
  /** The element that the style sheet clamps while it has the class `clamped`. */
  readonly ref: RefObject<HTMLElement | null>;
  /** There is more of it than is shown, or was before it was opened. */
  readonly isLong: ReadonlySignal<boolean>;
  readonly isOpen: Signal<boolean>;
}

/** Args: text: null: none is drawn. */
export function useClamp(text: string | null): Clamp {
  const ref = useRef<HTMLElement>(null);
  const isLong = useSignal(false);
  const isOpen = useSignal(false);
  const open = isOpen.value;

  // How many lines it takes depends on the width.
  useEffect(() => {
    const element = ref.current;
    // Open, it says nothing of what would not be seen.
    if (element === null || open) return;
    let frame = 0;
    const observer = new ResizeObserver(() => {
      frame = requestAnimationFrame(() => {
        isLong.value = element.scrollHeight > element.clientHeight + 1;
      });
    });
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [text, open]);

  return { ref, isLong, isOpen };
}
