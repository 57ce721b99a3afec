/**
 * What was typed and is not stored yet, kept over a reload of this tab and wiped at sign-out. There is
 * one place for it, whose ever it is: a tab that was away, or closed and brought back, while its person
 * went has kept their draft, and the next one's takes its place.
 *
 * The key of a message that was sent lives with its words: whoever sends the same words into the
 * same conversation before they are known to be stored, sends the same message.
 */

import { effect, type Signal, signal } from "@preact/signals";
import { newKey } from "../api/key.ts";
import type { Browser } from "../browser.ts";

/** A message on its way. threadId: null: it begins a conversation. */
export interface Outgoing {
  text: string;
  threadId: string | null;
  key: string;
}

export interface Draft {
  readonly text: Signal<string>;
  /** These words, with the key that they have been sent with before, if they have. */
  outgoing(text: string, threadId: string | null): Outgoing;
  /** It is stored: the composer is emptied if it still holds it. */
  stored(message: Outgoing): void;
  /** The key is of no use any more: the server will not take these words under it. */
  forgetKey(message: Outgoing): void;
  close(): void;
}

const NAME = "taskchat draft";

export function createDraft(browser: Browser, userId: string): Draft {
  const kept = read(browser, userId);
  const text = signal(kept.text);
  let sent = kept.sent;

  let isClosed = false;

  function keep(): void {
    // After sign-out nothing is written any more.
    if (isClosed) return;
    if (text.peek() === "" && sent === null) drop(browser);
    else write(browser, { userId, text: text.peek(), sent });
  }

  const end = effect(() => {
    text.value;
    keep();
  });

  return {
    text,
    outgoing: (words, threadId) => {
      if (sent?.text !== words || sent.threadId !== threadId) {
        sent = { text: words, threadId, key: newKey() };
        keep();
      }
      return sent;
    },
    stored: (message) => {
      if (sent?.key === message.key) sent = null;
      if (text.peek().trim() === message.text) text.value = "";
      keep();
    },
    forgetKey: (message) => {
      if (sent?.key === message.key) sent = null;
      keep();
    },
    close: () => {
      isClosed = true;
      end();
    },
  };
}

interface Kept {
  userId: string;
  text: string;
  sent: Outgoing | null;
}

/** Empty where none is kept, or another person's. */
function read(browser: Browser, userId: string): Kept {
  const none = { userId, text: "", sent: null };
  try {
    const kept: unknown = JSON.parse(browser.sessionStorage.getItem(NAME) ?? "null");
    if (typeof kept !== "object" || kept === null) return none;
    const { userId: whose, text, sent } = kept as Partial<Kept>;
    if (whose !== userId) return none;
    return { userId, text: typeof text === "string" ? text : "", sent: sent ?? null };
  } catch {
    return none;
  }
}

/** Storage may be full or forbidden: the draft then lives as long as the page. */
function write(browser: Browser, kept: Kept): void {
  try {
    browser.sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {}
}

function drop(browser: Browser): void {
  try {
    browser.sessionStorage.removeItem(NAME);
  } catch {}
}
