/** How long a message may be: docs/contract.md, "The endpoint". */
import { stateTexts } from "../texts.ts";

const MOST_CHARACTERS = 8_000;

/** Words for a message that is too long; null: it is not. `text`: trimmed, as the gateway counts it. */
export function tooLong(text: string): string | null {
  if (text.length <= MOST_CHARACTERS) return null;
  let length = 0;
  // Characters as Python counts them, which are code points.
  for (const _ of text) length += 1;
  return length > MOST_CHARACTERS ? stateTexts.chat.tooLong(length, MOST_CHARACTERS) : null;
}
