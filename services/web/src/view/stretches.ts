/**
 * The items of a conversation in stretches: what is drawn, and laid out by the browser, as one. A text
 * that grows changes the last of them, however many there are.
 */
import type { Item } from "../protocol/items.ts";

export interface Stretch {
  /** Id of the item with which it began to be: it stays when others are put before that one. */
  readonly id: string;
  readonly items: readonly Item[];
}

/** Items; more makes one text that grows dear, fewer the list of stretches. */
const LONGEST = 40;

/**
 * Args: before: what this gave last. Returns: a stretch with nothing new in it is the same object, and
 * an item stays in the stretch in which it is, so that nothing of it is drawn again.
 */
export function stretchesOf(items: readonly Item[], before: readonly Stretch[]): Stretch[] {
  const kept = sameFromTheStart(items, before);
  const homes = new Map(
    before.slice(kept.length).flatMap(({ id, items: its }) => its.map((item) => [item.id, id])),
  );
  const known = new Map(before.map((stretch) => [stretch.id, stretch]));
  const made = grouped(items.slice(count(kept)), homes, ids(kept)).map((stretch) => {
    const old = known.get(stretch.id);
    return old !== undefined && isSame(old.items, stretch.items) ? old : stretch;
  });
  return [...kept, ...made];
}

/** Without the last one, which may get more. */
function sameFromTheStart(items: readonly Item[], before: readonly Stretch[]): Stretch[] {
  let at = 0;
  const kept: Stretch[] = [];
  for (const stretch of before.slice(0, -1)) {
    if (!stretch.items.every((item, n) => items[at + n] === item)) break;
    kept.push(stretch);
    at += stretch.items.length;
  }
  return kept;
}

function count(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { items }) => sum + items.length, 0);
}

function ids(stretches: readonly Stretch[]): Set<string> {
  return new Set(stretches.map(({ id }) => id));
}

/** Args: homes: ids of items, and of the stretch in which each was. taken: ids of other stretches. */
function grouped(
  items: readonly Item[],
  homes: ReadonlyMap<string, string>,
  taken: Set<string>,
): Stretch[] {
  const made: { id: string; home: string | undefined; items: Item[] }[] = [];
  for (const item of items) {
    const last = made.at(-1);
    const home = homes.get(item.id);
    const isNew = home === undefined;
    if (last !== undefined && (isNew ? last.items.length < LONGEST : home === last.home)) {
      last.items.push(item);
      continue;
    }
    let id = home ?? item.id;
    // Where the order has changed.
    while (taken.has(id)) id += "+";
    taken.add(id);
    made.push({ id, home, items: [item] });
  }
  return made.map(({ id, items: its }) => ({ id, items: its }));
}

function isSame(some: readonly Item[], others: readonly Item[]): boolean {
  return some.length === others.length && some.every((item, n) => item === others[n]);
}
