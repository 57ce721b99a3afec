/** Whether there is room for one part of the page only. */
import { type ReadonlySignal, signal } from "@preact/signals";

/** The same width is in `src/layout.css`. */
const query = window.matchMedia("(width < 900px)");
const narrow = signal(query.matches);
query.addEventListener("change", () => {
  narrow.value = query.matches;
});

export const isNarrow: ReadonlySignal<boolean> = narrow;
