/** All that is kept of a person: what becomes of it, a copy, and its end. */
import { useSignal } from "@preact/signals";
import { accountTexts } from "../../account-texts.ts";
import type { Account, Profile } from "../../state.ts";
import { Notice } from "../notice.tsx";
import { Dialog } from "./dialog.tsx";
import { Part } from "./part.tsx";
import { AskPassword } from "./second-factor.tsx";

interface YourDataProps {
  profile: Profile;
  account: Account;
  /** Whether this installation can do it by itself; null while nobody knows. */
  isOffered: boolean | null;
}

const { data: words } = accountTexts;

export function YourData({ profile, account, isOffered }: YourDataProps) {
  const isErasing = useSignal(false);
  const isExporting = useSignal(false);
  const said = useSignal<{ words: string; isFailure: boolean } | null>(null);

  async function download(): Promise<void> {
    if (isExporting.value) return;
    isExporting.value = true;
    said.value = null;
    const outcome = await profile.exported();
    isExporting.value = false;
    if (outcome.ok) save(outcome.file, outcome.name);
    said.value = {
      words: outcome.ok ? words.exported : outcome.words,
      isFailure: !outcome.ok,
    };
  }

  const close = () => {
    isErasing.value = false;
  };
  return (
    <Part heading={words.heading}>
      <p>{words.kept}</p>
      {isOffered === true && (
        <>
          <p>{words.exportWords}</p>
          {said.value !== null && <Notice {...said.value} isAlert />}
          <div class="account-actions">
            <button type="button" aria-disabled={isExporting.value} onClick={() => void download()}>
              {isExporting.value ? words.exporting : words.export}
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                isErasing.value = true;
              }}
            >
              {words.erase}
            </button>
          </div>
        </>
      )}
      {isOffered === false && <p>{words.off}</p>}
      {isErasing.value && (
        <Dialog heading={words.eraseHeading} onClose={close}>
          <p>{words.eraseWords}</p>
          <AskPassword
            email={account.email}
            button={words.eraseButton}
            isDangerous
            onCancel={close}
            ask={profile.erase}
          />
        </Dialog>
      )}
    </Part>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has begun to read it; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
