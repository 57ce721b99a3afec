/** What a screen reader is told of a turn: finished rows and sentences, never pieces of them. */
import type { StreamEvent } from "../protocol/events.ts";
import { textOf } from "../protocol/fold.ts";
import type { Row } from "../protocol/items.ts";

/** The words to say after each event; usually none. */
export interface Speaker {
  hear(event: StreamEvent): string[];
}

/** A sentence ends at a mark with a space after it, but not at that of “1.”, or at the end of a line. */
const SENTENCE = /^[^\n]*?(?:(?<!\d)[.!?…]["”’)»]*(?=\s)|[。！？]|\n)/u;
const MARKDOWN = /[*_`#>|]+/g;

export function createSpeaker(): Speaker {
  let textId = "";
  let said = "";
  let rest = "";

  function sentences(): string[] {
    const found: string[] = [];
    for (let match = SENTENCE.exec(rest); match !== null; match = SENTENCE.exec(rest)) {
      found.push(match[0]);
      said += match[0];
      rest = rest.slice(match[0].length);
    }
    return found.map(plain).filter(isSomething);
  }

  function ended(text: string): string[] {
    // What was said already is not said again, unless something else stands now.
    const left = text.startsWith(said) ? text.slice(said.length) : text;
    said = "";
    rest = "";
    textId = "";
    return [plain(left)].filter(isSomething);
  }

  function hear(event: StreamEvent): string[] {
    switch (event.type) {
      case "thread.item.updated": {
        const { update } = event;
        if ("task" in update) return rowWords(update.task);
        if (update.type !== "assistant_message.content_part.text_delta") return [];
        if (event.item_id !== textId) {
          textId = event.item_id;
          said = "";
          rest = "";
        }
        rest += update.delta;
        return sentences();
      }
      case "thread.item.removed":
        if (event.item_id === textId) {
          said = "";
          rest = "";
        }
        return [];
      case "thread.item.done":
        return event.item.type === "assistant_message" ? ended(textOf(event.item)) : [];
      default:
        return [];
    }
  }

  return { hear };
}

function rowWords(row: Row): string[] {
  if (row.status_indicator === "loading") return [];
  const words = [row.title, row.content].filter((part) => part != null && part !== "");
  return words.length === 0 ? [] : [words.join(": ")];
}

function plain(text: string): string {
  return text.replaceAll(MARKDOWN, "").replaceAll(/\s+/g, " ").trim();
}

function isSomething(text: string): boolean {
  return text !== "";
}
