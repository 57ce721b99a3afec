/** What stands around each step of the way in. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { texts } from "../texts.ts";

export function EntranceFrame({ children }: { children: ComponentChildren }) {
  return (
    <main class="entrance">
      <div class="brand">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <span>{texts.product}</span>
      </div>
      <p class="promise">{texts.entrance.promise}</p>
      {children}
    </main>
  );
}

/** The heading of what has no field to have the focus: a screen reader begins here, once it is there. */
export function FocusedHeading({ words }: { words: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {words}
    </h1>
  );
}
