/** What the ChatKit protocol carries, as far as this page reads it: docs/contract.md, "The ChatKit body". */

/** A tool call as a row. `loading`: it runs; `complete`: it is over, with `icon` `check` when it did what it should. */
export interface Row {
  type: "custom";
  title?: string | null;
  /** Why it failed, or that nobody knows what became of it. */
  content?: string | null;
  icon?: string | null;
  status_indicator: "none" | "loading" | "complete";
}

interface ItemBase {
  id: string;
  thread_id: string;
  /** ISO 8601, with offset. */
  created_at: string;
}

export interface UserMessage extends ItemBase {
  type: "user_message";
  content: { type: string; text: string }[];
  quoted_text?: string | null;
}

export interface AssistantMessage extends ItemBase {
  type: "assistant_message";
  content: { type: "output_text"; text: string }[];
}

/** The tool calls of one turn; its id is the turn's. */
export interface Workflow extends ItemBase {
  type: "workflow";
  workflow: { type: string; tasks: Row[]; summary?: { title?: string | null } | null };
}

export type Item = UserMessage | AssistantMessage | Workflow;

/** The newest message's turn, as `threads.get_by_id` tells it. */
export interface TurnState {
  id: string;
  /** Of the person's message. */
  item_id: string;
  state: "running" | "completed" | "failed";
  /** Why it failed. */
  code?: string | null;
}

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string | null;
}

export interface Thread {
  id: string;
  title?: string | null;
  created_at: string;
  metadata?: { turn?: TurnState };
  items: Page<Item>;
}

/** A task as the five tools give it. Times are ISO 8601 in UTC. */
export interface Task {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  created_at: string;
  updated_at: string;
}
