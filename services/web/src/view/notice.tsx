/** A line that tells the person something. */
import type { ComponentChildren } from "preact";

interface NoticeProps {
  words: string;
  isFailure?: boolean;
  /** A screen reader is told at once: where `LiveRegion` does not tell it. */
  isAlert?: boolean;
  /** What can be done about it. */
  children?: ComponentChildren;
}

export function Notice({ words, isFailure = false, isAlert = false, children }: NoticeProps) {
  return (
    <div class={isFailure ? "notice failure" : "notice"} role={isAlert ? "alert" : undefined}>
      <p>{words}</p>
      {children !== undefined && <div class="notice-actions">{children}</div>}
    </div>
  );
}
