/** What a key press means. */

/** A code for "the input method has it", sent by Safari for the Enter that ends a composition. */
const IN_COMPOSITION = 229;

interface Key {
  key: string;
  isComposing: boolean;
  keyCode: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The key belongs to an input method, with which a word is being put together. */
export function isComposing(event: Key): boolean {
  return event.isComposing || event.keyCode === IN_COMPOSITION;
}

/** Enter as "send it". */
export function isSend(event: Key): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.altKey && !isComposing(event);
}

/** `/` as "to the composer". Args: isInField: the focus is where one can write. */
export function isToComposer(event: Key, isInField: boolean): boolean {
  return event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isInField;
}

/** Ctrl + Z or Command + Z as "take back what was just done in the list". In a field it is the field's. */
export function isUndo(event: Key, isInField: boolean): boolean {
  const isHeld = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  return isHeld && event.key.toLowerCase() === "z" && !isInField;
}

/** One can write there. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type)
  );
}
