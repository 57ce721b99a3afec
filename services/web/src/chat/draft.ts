/**
 * What was typed and is not stored yet, kept over a reload of this tab and wiped at sign-out.
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

const PREFIX = "taskchat draft ";

export function createDraft(browser: Browser, userId: string): Draft {
  const name = PREFIX + userId;
  const kept = read(browser, name);
  const text = signal(kept.text);
  let sent = kept.sent;

  let isClosed = false;

  function keep(): void {
    // After sign-out nothing is written any more.
    if (isClosed) return;
    if (text.peek() === "" && sent === null) drop(browser, name);
    else write(browser, name, { text: text.peek(), sent });
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
  text: string;
  sent: Outgoing | null;
}

function read(browser: Browser, name: string): Kept {
  try {
    const kept: unknown = JSON.parse(browser.sessionStorage.getItem(name) ?? "null");
    if (typeof kept !== "object" || kept === null) return { text: "", sent: null };
    const { text, sent } = kept as Partial<Kept>;
    return { text: typeof text === "string" ? text : "", sent: sent ?? null };
  } catch {
    return { text: "", sent: null };
  }
}

/** Storage may be full or forbidden: the draft then lives as long as the page. */
function write(browser: Browser, name: string, kept: Kept): void {
  try {
    browser.sessionStorage.setItem(name, JSON.stringify(kept));
  } catch {}
}

function drop(browser: Browser, name: string): void {
  try {
    browser.sessionStorage.removeItem(name);
  } catch {}
}
