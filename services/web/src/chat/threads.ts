/** The conversations of the person. */
import { batch, computed, effect, signal } from "@preact/signals";
import type { Endpoint } from "../api/endpoint.ts";
import { countCharacters, MOST_TITLE_CHARACTERS } from "../limits.ts";
import type { Page, Thread } from "../protocol/items.ts";
import { deleteThread, listThreads, renameThread } from "../protocol/requests.ts";
import type { Outcome, ThreadSummary, Threads } from "../state.ts";
import { stateTexts } from "../texts.ts";

/** What the rest of the page does about a conversation. */
export interface ThreadHooks {
  renamed(threadId: string, title: string): void;
  removed(threadId: string): void;
}

export interface OwnThreads extends Threads {
  /** Read the newest again: something was said in one, or elsewhere. */
  refresh(): Promise<void>;
  /** It was deleted elsewhere. */
  drop(threadId: string): void;
  close(): void;
}

const PAGE = 30;
/** How many titles a search looks through. */
const MOST_SEARCHED = 600;

export function createThreads(endpoint: Endpoint, hooks: ThreadHooks): OwnThreads {
  const all = signal<readonly ThreadSummary[]>([]);
  const query = signal("");
  const after = signal<string | null>(null);
  const failure = signal<string | null>(null);
  const end = new AbortController();
  let reading: Promise<void> | null = null;
  let isStale = false;

  const found = computed(() => {
    const words = query.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    if (words.length === 0) return all.value;
    return all.value.filter((thread) => {
      const title = thread.title.toLowerCase();
      return words.every((word) => title.includes(word));
    });
  });

  /** One page at a time. from: null: the newest. */
  function read(from: string | null): Promise<void> {
    reading ??= readPage(from).finally(() => {
      reading = null;
    });
    return reading;
  }

  async function readPage(from: string | null): Promise<void> {
    const answer = await endpoint.ask<Page<Thread>>(listThreads(PAGE, from), end.signal);
    if (end.signal.aborted) return;
    if (!answer.ok) {
      failure.value = answer.refusal.words;
      return;
    }
    const page = answer.value.data.map(summary);
    const next = answer.value.has_more ? (answer.value.after ?? null) : null;
    const ids = new Set(page.map((thread) => thread.id));
    batch(() => {
      failure.value = null;
      const others = all.peek().filter((thread) => !ids.has(thread.id));
      if (from !== null) {
        all.value = [...others, ...page];
        after.value = next;
      } else if (next === null) {
        all.value = page;
        after.value = null;
      } else {
        // What was read beyond the newest page stays behind it.
        all.value = [...page, ...others];
        if (others.length === 0) after.value = next;
      }
    });
  }

  async function refresh(): Promise<void> {
    // What was asked before the news may not know them.
    if (reading !== null) {
      if (isStale) return;
      isStale = true;
      await reading;
      isStale = false;
    }
    await read(null);
  }

  async function loadMore(): Promise<void> {
    if (after.peek() !== null) await read(after.peek());
    else if (failure.peek() !== null) await read(null);
  }

  async function rename(threadId: string, wished: string): Promise<Outcome> {
    const title = wished.trim();
    if (title === "") return { ok: false, words: stateTexts.threads.emptyTitle };
    if (countCharacters(title) > MOST_TITLE_CHARACTERS)
      return { ok: false, words: stateTexts.threads.longTitle };
    const answer = await endpoint.ask<Thread>(renameThread(threadId, title));
    if (!answer.ok) return { ok: false, words: answer.refusal.words };
    const renamed = summary(answer.value);
    all.value = all.peek().map((thread) => (thread.id === threadId ? renamed : thread));
    hooks.renamed(threadId, renamed.title);
    return { ok: true };
  }

  async function remove(threadId: string): Promise<Outcome> {
    const answer = await endpoint.ask<unknown>(deleteThread(threadId));
    // One that is gone already is what was asked for.
    if (!answer.ok && answer.refusal.status !== 404) {
      const { code, words } = answer.refusal;
      return { ok: false, words: code === "turn_in_progress" ? stateTexts.api.running : words };
    }
    drop(threadId);
    hooks.removed(threadId);
    return { ok: true };
  }

  function drop(threadId: string): void {
    all.value = all.peek().filter((thread) => thread.id !== threadId);
  }

  let isSearching = false;

  /** A search looks through what is not read yet, too. */
  async function search(): Promise<void> {
    if (isSearching) return;
    isSearching = true;
    while (query.peek().trim() !== "" && after.peek() !== null && failure.peek() === null) {
      if (all.peek().length >= MOST_SEARCHED) break;
      await loadMore();
    }
    isSearching = false;
  }

  const stopSearch = effect(() => {
    if (query.value.trim() !== "") void search();
  });
  void read(null);

  return {
    all,
    found,
    query,
    hasMore: computed(() => after.value !== null),
    failure,
    loadMore,
    rename,
    remove,
    refresh,
    drop,
    close: () => {
      stopSearch();
      end.abort();
    },
  };
}

function summary(thread: Thread): ThreadSummary {
  const title = thread.title ?? stateTexts.threads.untitled;
  return { id: thread.id, title, createdAt: thread.created_at };
}
