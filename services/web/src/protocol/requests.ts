/** The requests of the ChatKit protocol that this page makes: docs/contract.md, "The ChatKit body". */

export interface ChatKitRequest {
  type: string;
  params: Record<string, unknown>;
}

/** Say something, in a new conversation where there is none yet. Answered by a stream. */
export function say(text: string, threadId: string | null): ChatKitRequest {
  const input = {
    content: [{ type: "input_text", text }],
    attachments: [],
    inference_options: {},
  };
  return threadId === null
    ? { type: "threads.create", params: { input } }
    : { type: "threads.add_user_message", params: { thread_id: threadId, input } };
}

/** Go on with the answer to a message, follow it or hear it again. Answered by a stream. */
export function retryAfterItem(threadId: string, itemId: string): ChatKitRequest {
  return { type: "threads.retry_after_item", params: { thread_id: threadId, item_id: itemId } };
}

/** Answered by a stream. threadId: null: it is about none. */
export function customAction(
  type: string,
  payload: Record<string, unknown>,
  threadId: string | null = null,
): ChatKitRequest {
  return {
    type: "threads.custom_action",
    params: { thread_id: threadId, action: { type, payload } },
  };
}

/** Answered by a thread with its newest items. */
export function getThread(threadId: string): ChatKitRequest {
  return { type: "threads.get_by_id", params: { thread_id: threadId } };
}

/** Answered by a page of threads. after: of the page before. */
export function listThreads(limit: number, after: string | null): ChatKitRequest {
  return { type: "threads.list", params: page(limit, after) };
}

/** Answered by a page of items, newest first. after: of the page before. */
export function listItems(threadId: string, limit: number, after: string | null): ChatKitRequest {
  return { type: "items.list", params: { thread_id: threadId, ...page(limit, after) } };
}

/** Answered by the thread. */
export function renameThread(threadId: string, title: string): ChatKitRequest {
  return { type: "threads.update", params: { thread_id: threadId, title } };
}

/** Answered by nothing. */
export function deleteThread(threadId: string): ChatKitRequest {
  return { type: "threads.delete", params: { thread_id: threadId } };
}

function page(limit: number, after: string | null): Record<string, unknown> {
  return { limit, order: "desc", ...(after === null ? {} : { after }) };
}
