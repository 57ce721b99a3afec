/** The events of a ChatKit stream: docs/contract.md, "Streams". */
import type { AssistantMessage, Item, Row } from "./items.ts";

type Part = AssistantMessage["content"][number];

export type ItemUpdate =
  | { type: "assistant_message.content_part.added"; content_index: number; content: Part }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | { type: "assistant_message.content_part.done"; content_index: number; content: Part }
  | { type: "workflow.task.added" | "workflow.task.updated"; task_index: number; task: Row };

/** What a tool gave back. `error`: it said no, and `output` is null. */
export interface ToolResult {
  id: string;
  tool: string;
  arguments: Record<string, unknown>;
  output: Record<string, unknown> | null;
  error?: { code: string; message: string };
}

export interface TurnEffect {
  turn_id: string;
  conversation_id: string;
  item_id: string;
}

export type StreamEvent =
  | {
      type: "thread.created" | "thread.updated";
      thread: { id: string; title?: string | null; created_at: string };
    }
  | { type: "thread.item.added" | "thread.item.done" | "thread.item.replaced"; item: Item }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } }
  | { type: "progress_update"; text: string }
  | { type: "client_effect"; name: "turn"; data: TurnEffect }
  | { type: "client_effect"; name: "tool_result"; data: ToolResult }
  | {
      type: "client_effect";
      name: "turn_stopped";
      data: { turn_id: string; stopped: boolean };
    }
  | { type: "error"; code: string; message?: string | null; allow_retry: boolean };

type Json = Record<string, unknown>;

/**
 * One event as it stands on the wire. null: none that this page knows. A later server may say more
 * than this one does, and what it says more is passed over.
 */
export function readEvent(data: string): StreamEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return null;
  }
  return isObject(event) && isKnown(event) ? (event as unknown as StreamEvent) : null;
}

function isKnown(event: Json): boolean {
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      return isObject(event.thread) && isText(event.thread.id);
    case "thread.item.added":
    case "thread.item.done":
    case "thread.item.replaced":
      return isItem(event.item);
    case "thread.item.updated":
      return isText(event.item_id) && isObject(event.update) && isUpdate(event.update);
    case "thread.item.removed":
      return isText(event.item_id);
    case "stream_options":
      return isObject(event.stream_options);
    case "progress_update":
      return isText(event.text);
    case "client_effect":
      return isObject(event.data) && isEffect(event.name, event.data);
    case "error":
      return true;
    default:
      return false;
  }
}

export function isItem(item: unknown): item is Item {
  if (!isObject(item) || !isText(item.id) || !isText(item.thread_id)) return false;
  switch (item.type) {
    case "user_message":
    case "assistant_message":
      return Array.isArray(item.content);
    case "workflow":
      return isObject(item.workflow) && Array.isArray(item.workflow.tasks);
    default:
      return false;
  }
}

function isUpdate(update: Json): boolean {
  switch (update.type) {
    case "assistant_message.content_part.text_delta":
      return isIndex(update.content_index) && isText(update.delta);
    case "assistant_message.content_part.added":
    case "assistant_message.content_part.done":
      return isIndex(update.content_index) && isObject(update.content);
    case "workflow.task.added":
    case "workflow.task.updated":
      return isIndex(update.task_index) && isObject(update.task);
    default:
      return false;
  }
}

function isEffect(name: unknown, data: Json): boolean {
  switch (name) {
    case "turn":
      return isText(data.turn_id) && isText(data.item_id);
    case "tool_result":
      return isText(data.tool);
    case "turn_stopped":
      return true;
    default:
      return false;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}
