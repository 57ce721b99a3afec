/**
 * The events of streams, put together: what is seen of a conversation. Pure.
 *
 * Lenient where devstack's thread_view.py, which tests the gateway, is strict: an update of an item
 * that is not there is passed over, an item that is told twice stands where it stood.
 */
import type { ItemUpdate, StreamEvent } from "./events.ts";
import type { AssistantMessage, Item, Workflow } from "./items.ts";

export interface View {
  threadId: string | null;
  title: string | null;
  /** Oldest first. What an event does not touch stays the same object. */
  items: readonly Item[];
  /** Ids of items of which more may come. */
  unfinished: ReadonlySet<string>;
  /** What the turn was last said to be doing; null: it is over. */
  progress: string | null;
}

export const EMPTY: View = {
  threadId: null,
  title: null,
  items: [],
  unfinished: new Set(),
  progress: null,
};

/**
 * A stream begins. It may tell again what an earlier one has told. A text of which the end never
 * came is dropped: nothing says whether it stands. Rows stay where they are until they are told again.
 */
export function begin(view: View): View {
  const isLost = (item: Item) => item.type === "assistant_message" && view.unfinished.has(item.id);
  const items = view.items.some(isLost) ? view.items.filter((item) => !isLost(item)) : view.items;
  return { ...view, items, unfinished: new Set(), progress: null };
}

/** The conversation after these events. The list of items is copied once, however many there are. */
export function fold(view: View, events: readonly StreamEvent[]): View {
  const items = [...view.items];
  const unfinished = new Set(view.unfinished);
  let { threadId, title, progress } = view;
  for (const event of events) {
    switch (event.type) {
      case "thread.created":
      case "thread.updated":
        threadId ??= event.thread.id;
        if (event.thread.id === threadId) title = event.thread.title ?? title;
        break;
      case "thread.item.added":
      case "thread.item.replaced":
      case "thread.item.done":
        threadId ??= event.item.thread_id;
        if (event.item.thread_id !== threadId) break;
        put(items, event.item);
        if (event.type === "thread.item.done") unfinished.delete(event.item.id);
        else unfinished.add(event.item.id);
        if (event.type === "thread.item.done" && event.item.type === "assistant_message") {
          progress = null;
        }
        break;
      case "thread.item.updated":
        update(items, event.item_id, event.update);
        break;
      case "thread.item.removed": {
        const at = position(items, event.item_id);
        if (at >= 0) items.splice(at, 1);
        unfinished.delete(event.item_id);
        break;
      }
      case "progress_update":
        progress = event.text;
        break;
      case "error":
        progress = null;
        break;
      default:
    }
  }
  return { threadId, title, items, unfinished, progress };
}

/** What is being done, where no item shows it: no row that runs, no text that grows. */
export function progressOf(view: View): string | null {
  const last = view.items.at(-1);
  const isShown =
    last?.type === "workflow"
      ? last.workflow.tasks.some((row) => row.status_indicator === "loading")
      : last?.type === "assistant_message" && view.unfinished.has(last.id) && textOf(last) !== "";
  return isShown ? null : view.progress;
}

/** Older items, put before those that are known. */
export function withEarlier(view: View, earlier: readonly Item[]): View {
  const known = new Set(view.items.map((item) => item.id));
  const items = [...earlier.filter((item) => !known.has(item.id)), ...view.items];
  return { ...view, items };
}

/** The whole text of a message. */
export function textOf(item: Item): string {
  return item.type === "workflow" ? "" : item.content.map((part) => part.text ?? "").join("");
}

/** Most events are about the last item or the one before. */
function position(items: readonly Item[], id: string): number {
  return items.findLastIndex((item) => item.id === id);
}

function put(items: Item[], item: Item): void {
  const at = position(items, item.id);
  if (at < 0) items.push(item);
  else items[at] = item;
}

function update(items: Item[], id: string, change: ItemUpdate): void {
  const at = position(items, id);
  const item = items[at];
  if (item === undefined) return;
  if (item.type === "workflow" && "task" in change) {
    items[at] = withRow(item, change);
  } else if (item.type === "assistant_message" && "content_index" in change) {
    items[at] = withPart(item, change);
  }
}

function withRow(item: Workflow, change: Extract<ItemUpdate, { task_index: number }>): Workflow {
  const tasks = [...item.workflow.tasks];
  tasks[Math.min(change.task_index, tasks.length)] = change.task;
  return { ...item, workflow: { ...item.workflow, tasks } };
}

function withPart(
  item: AssistantMessage,
  change: Extract<ItemUpdate, { content_index: number }>,
): AssistantMessage {
  const content = [...item.content];
  const at = Math.min(change.content_index, content.length);
  if (change.type === "assistant_message.content_part.text_delta") {
    const part = content[at] ?? { type: "output_text", text: "" };
    content[at] = { ...part, text: part.text + change.delta };
  } else {
    content[at] = change.content;
  }
  return { ...item, content };
}
