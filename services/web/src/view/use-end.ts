/**
 * Where a reader of the messages is: at the end, which then is followed, or further up, where nothing
 * may move what is read.
 */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** As near to the end as a line of text counts as there. */
const NEAR_PX = 48;

export interface End {
  /** The element that scrolls. */
  readonly box: RefObject<HTMLDivElement | null>;
  /** What is in it. */
  readonly content: RefObject<HTMLDivElement | null>;
  readonly isThere: ReadonlySignal<boolean>;
  onScroll(): void;
  go(): void;
}

/** Args: firstId: of the first item, which is another one when earlier items were put above it. */
export function useEnd(firstId: string | undefined): End {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isThere = useSignal(true);
  const first = useRef(firstId);
  const held = useRef<{ element: Element; top: number } | null>(null);
  if (first.current !== firstId) {
    first.current = firstId;
    const element = content.current?.querySelector(".message");
    if (element) held.current = { element, top: element.getBoundingClientRect().top };
  }

  function go(): void {
    isThere.value = true;
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }

  // Growth is followed however it comes: a text, a row, a picture of the keyboard over the page.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isThere.value) go();
    });
    for (const part of [box, content]) if (part.current !== null) observer.observe(part.current);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (held.current === null) return;
    const { element, top } = held.current;
    held.current = null;
    // Gone: another conversation is shown.
    if (!element.isConnected || box.current === null) return;
    box.current.scrollTop += element.getBoundingClientRect().top - top;
  });

  return {
    box,
    content,
    isThere,
    go,
    onScroll: () => {
      const element = box.current;
      if (element === null) return;
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      isThere.value = below < NEAR_PX;
    },
  };
}
