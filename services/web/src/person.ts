/** Everything of one person: made when they sign in, ended when they go. */
import { createAuthorizedFetch, createSender } from "./api/authorized.ts";
import { chatUrl, createEndpoint } from "./api/endpoint.ts";
import { type Browser, whenSeen } from "./browser.ts";
import { createAddress } from "./chat/address.ts";
import { createConversation } from "./chat/conversation.ts";
import { createDraft } from "./chat/draft.ts";
import { createThreads } from "./chat/threads.ts";
import { createNetwork } from "./network.ts";
import { createProfile } from "./profile/profile.ts";
import type { ToolResult } from "./protocol/events.ts";
import type { AuthRequest } from "./session/auth-request.ts";
import type { OwnSession } from "./session/session.ts";
import type { Account, PersonState } from "./state.ts";
import { readTabMessage } from "./tab-message.ts";
import { createTabs } from "./tabs.ts";
import { createClick } from "./tasks/clicks.ts";
import { createTasks } from "./tasks/tasks.ts";

/** A page that comes into view again reads what others may have changed, at most so often. */
const READ_AGAIN_AFTER_MS = 15_000;

export function createPerson(
  browser: Browser,
  account: Account,
  session: Pick<OwnSession, "tokens" | "changed" | "closed">,
  request: AuthRequest,
): PersonState {
  const { userId } = account;
  const network = createNetwork(browser);
  const sender = createSender(session.tokens);
  const endpoint = createEndpoint(browser, userId, sender, network);
  const tabs = createTabs(userId, readTabMessage);
  const address = createAddress(browser);
  const draft = createDraft(browser, userId);
  const end = new AbortController();

  const tasks = createTasks(browser, createClick(endpoint, end.signal), tellResult);
  const threads = createThreads(endpoint, {
    renamed: (threadId, title) => {
      conversation.retitled(threadId, title);
      tabs.tell({ kind: "thread", threadId });
    },
    removed: (threadId) => {
      if (conversation.threadId.peek() === threadId) conversation.begin();
      tabs.tell({ kind: "thread_removed", threadId });
    },
  });
  const conversation = createConversation(browser, endpoint, network, draft, address, {
    toolResult: (result) => {
      tasks.apply(result);
      tellResult(result);
    },
    stored: (threadId) => {
      tabs.tell({ kind: "thread", threadId });
      void threads.refresh();
    },
    ended: (threadId, isMended) => {
      if (threadId !== null) tabs.tell({ kind: "thread", threadId });
      if (isMended) void tasks.load();
      void threads.refresh();
    },
  });

  function tellResult({ tool, output }: ToolResult): void {
    // What was only read is no news.
    if (tool !== "list_tasks") tabs.tell({ kind: "tool_result", result: { tool, output } });
  }

  tabs.hear((message) => {
    if (message.kind === "tool_result") return tasks.apply(message.result);
    if (message.kind === "thread_removed") threads.drop(message.threadId);
    else void threads.refresh();
    void conversation.refresh(message.threadId);
  });

  let readAt = Date.now();
  const stopSeeing = whenSeen(browser, () => {
    if (Date.now() - readAt < READ_AGAIN_AFTER_MS) return;
    readAt = Date.now();
    void tasks.load();
    void threads.refresh();
    const threadId = conversation.threadId.peek();
    if (threadId !== null) void conversation.refresh(threadId);
  });

  conversation.arrive();
  void tasks.load();

  return {
    account,
    conversation,
    threads,
    tasks,
    profile: createProfile(browser, request, session),
    isOnline: network.isOnline,
    chatUrl: chatUrl(userId),
    authorizedFetch: createAuthorizedFetch(browser, sender, chatUrl(userId)),
    close: () => {
      end.abort();
      stopSeeing();
      tabs.close();
      conversation.close();
      threads.close();
      tasks.close();
      draft.close();
      network.close();
    },
  };
}
