/** The limits of the contract that the page judges before it asks, and how the server counts. */

/** Of a message, trimmed. Source: docs/contract.md, "The endpoint". */
export const MOST_MESSAGE_CHARACTERS = 8_000;
/** Of a task's or a conversation's title, trimmed. Source: docs/contract.md, "Tools" and "The ChatKit body". */
export const MOST_TITLE_CHARACTERS = 200;

/** Characters as Python counts them, which are code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
