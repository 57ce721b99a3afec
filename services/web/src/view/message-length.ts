/** How much of a message is left. */
import { countCharacters, MOST_MESSAGE_CHARACTERS as MOST } from "../limits.ts";

/** From here on the person is told how much is left. */
const SHORT = 500;

/** As the server counts: code points after trimming. Negative: so many too many. */
export function charactersLeft(draft: string): number {
  const text = draft.trim();
  // Each code point is at most two units: a short text need not be counted at every key.
  if (text.length < MOST - SHORT) return MOST - text.length;
  return MOST - countCharacters(text);
}

export function isShort(left: number): boolean {
  return left <= SHORT;
}
