/** One item of a conversation: what the person said, what was done, what was answered. */
import { useMemo } from "preact/hooks";
import type { AssistantMessage, Item, UserMessage, Workflow } from "../protocol/items.ts";
import { texts } from "../texts.ts";
import { moment } from "./dates.ts";
import { markdown } from "./markdown.ts";
import { Row } from "./row.tsx";

/** Drawn again only when the item is another object. */
export function Message({ item }: { item: Item }) {
  return useMemo(() => draw(item), [item]);
}

function draw(item: Item) {
  switch (item.type) {
    case "user_message":
      return <Said item={item} />;
    case "assistant_message":
      return <Answer item={item} />;
    case "workflow":
      return <Calls item={item} />;
  }
}

function Said({ item }: { item: UserMessage }) {
  return (
    <article class="message said" title={moment(item.created_at)}>
      <h2 class="hidden-words">{texts.chat.you}</h2>
      {item.quoted_text && <blockquote>{item.quoted_text}</blockquote>}
      <p dir="auto">{item.content.map((part) => part.text).join("")}</p>
    </article>
  );
}

function Answer({ item }: { item: AssistantMessage }) {
  const text = item.content.map((part) => part.text).join("");
  if (text === "") return null;
  return (
    <article class="message answer" dir="auto">
      <h2 class="hidden-words">{texts.chat.assistant}</h2>
      {markdown(text)}
    </article>
  );
}

function Calls({ item }: { item: Workflow }) {
  if (item.workflow.tasks.length === 0) return null;
  return (
    <article class="message calls">
      <h2 class="hidden-words">{texts.chat.calls}</h2>
      <ul>
        {item.workflow.tasks.map((row, n) => (
          <Row key={n} row={row} />
        ))}
      </ul>
    </article>
  );
}
