/** Asks before something that cannot be taken back. */
import { useSignal } from "@preact/signals";
import type { Outcome } from "../state.ts";
import { texts } from "../texts.ts";
import { Modal } from "./modal.tsx";
import { Notice } from "./notice.tsx";

interface ConfirmProps {
  heading: string;
  words: string;
  button: string;
  act(): Promise<Outcome>;
  onCancel(): void;
  onDone(): void;
}

export function Confirm({ heading, words, button, act, onCancel, onDone }: ConfirmProps) {
  const isBusy = useSignal(false);
  const failure = useSignal<string | null>(null);

  async function run(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    const outcome = await act();
    isBusy.value = false;
    if (outcome.ok) onDone();
    else failure.value = outcome.words;
  }

  return (
    <Modal kind="confirm" label={heading} onClose={onCancel}>
      <h2>{heading}</h2>
      <p>{words}</p>
      {failure.value !== null && <Notice words={failure.value} isFailure isAlert />}
      <div class="actions">
        <button type="button" onClick={onCancel}>
          {texts.cancel}
        </button>
        <button
          type="button"
          class="primary danger"
          aria-disabled={isBusy.value}
          onClick={() => void run()}
        >
          {button}
        </button>
      </div>
    </Modal>
  );
}
