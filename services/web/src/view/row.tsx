/** A tool call as a row: it runs, it is done, it failed and why, or nobody knows. */
import type { ComponentChildren } from "preact";
import type { Row as RowItem } from "../protocol/items.ts";
import { texts } from "../texts.ts";
import { CheckIcon, CrossIcon, QuestionIcon } from "./icons.tsx";

type State = "doing" | "done" | "failed" | "unknown";

const FACES: Record<State, ComponentChildren> = {
  doing: <span class="spinner" aria-hidden="true" />,
  done: <CheckIcon />,
  failed: <CrossIcon />,
  unknown: <QuestionIcon />,
};

export function Row({ row }: { row: RowItem }) {
  const state = stateOf(row);
  return (
    <li class={`row ${state}`}>
      {FACES[state]}
      <span>
        <span class="hidden-words">{texts.chat[state]} </span>
        {row.title}
        {row.content && <span class="row-why">{row.content}</span>}
      </span>
    </li>
  );
}

function stateOf(row: RowItem): State {
  if (row.status_indicator === "loading") return "doing";
  if (row.status_indicator === "none") return "unknown";
  return row.icon === "check" ? "done" : "failed";
}
