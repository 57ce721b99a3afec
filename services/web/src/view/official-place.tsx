/** Loads what shows OpenAI's element: who uses our own panel does not pay for it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PersonState } from "../state.ts";
import { texts } from "../texts.ts";
import { ChatHead, type Sheet } from "./chat-head.tsx";

interface OfficialPlaceProps {
  person: PersonState;
  domainKey: string;
  /** What is to be known of the model, or null. */
  note: string | null;
  openSheet: ((which: Sheet) => void) | null;
  /** It cannot be shown. */
  onMissing(): void;
}

type OfficialChat = typeof import("../official/official-chat.tsx").OfficialChat;

export function OfficialPlace({
  person,
  domainKey,
  note,
  openSheet,
  onMissing,
}: OfficialPlaceProps) {
  const loaded = useSignal<{ OfficialChat: OfficialChat } | null>(null);
  useEffect(() => {
    void import("../official/official-chat.tsx").then((module) => {
      loaded.value = module;
    }, onMissing);
  }, []);

  const head = <ChatHead title={texts.official.frame} person={person} openSheet={openSheet} />;
  if (loaded.value === null) {
    return (
      <main class="chat" aria-busy="true">
        {head}
        <p class="official-waiting">{texts.official.loading}</p>
      </main>
    );
  }
  const { OfficialChat } = loaded.value;
  return (
    <OfficialChat person={person} domainKey={domainKey} note={note} onMissing={onMissing}>
      {head}
    </OfficialChat>
  );
}
