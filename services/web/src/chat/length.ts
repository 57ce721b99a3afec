/** How long a message may be. */
import { countCharacters, MOST_MESSAGE_CHARACTERS as MOST } from "../limits.ts";
import { stateTexts } from "../texts.ts";

/** Words for a message that is too long; null: it is not. `text`: trimmed, as the gateway counts it. */
export function tooLong(text: string): string | null {
  const length = countCharacters(text);
  return length > MOST ? stateTexts.chat.tooLong(length, MOST) : null;
}
