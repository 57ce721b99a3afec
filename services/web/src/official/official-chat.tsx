/** The chat in OpenAI's element; in our own panel, which says why, when the element does not come. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { loadElement, putElement } from "./element.ts";

interface OfficialChatProps {
  person: PersonState;
  domainKey: string;
  /** What is to be known of the model, or null. */
  note: string | null;
  /** The element did not come, or will not work. */
  onMissing(): void;
  /** What stands above the element. */
  children: ComponentChildren;
}

export function OfficialChat({ person, domainKey, note, onMissing, children }: OfficialChatProps) {
  const isThere = useSignal(false);
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let isLeft = false;
    let takeOut: (() => void) | null = null;
    void loadElement().then((loaded) => {
      if (isLeft) return;
      isThere.value = loaded;
      if (!loaded) onMissing();
      else if (place.current !== null) {
        takeOut = putElement(place.current, person, domainKey, note, onMissing);
      }
    });
    return () => {
      isLeft = true;
      takeOut?.();
    };
  }, []);

  return (
    <main class="chat" aria-busy={!isThere.value}>
      {children}
      {!isThere.value && <p class="official-waiting">{texts.official.loading}</p>}
      <div class="official" ref={place} />
    </main>
  );
}
