/** How long a message may be. Source: docs/contract.md, "The endpoint". */

const MAX = 8_000;
/** From here on the person is told how much is left. */
const SHORT = 500;

/** As the server counts: code points after trimming. Negative: so many too many. */
export function charactersLeft(draft: string): number {
  const text = draft.trim();
  // Each code point is at most two units: a short text need not be counted at every key.
  if (text.length < MAX - SHORT) return MAX - text.length;
  return MAX - [...text].length;
}

export function isShort(left: number): boolean {
  return left <= SHORT;
}
