/** The codes for a lost authenticator. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { accountTexts } from "../../account-texts.ts";

const { factor: words } = accountTexts;

export function BackupCodes({ codes, onClose }: { codes: readonly string[]; onClose(): void }) {
  const isCopied = useSignal(false);
  const id = useId();
  return (
    <>
      <p id={id}>{words.codes}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div class="actions">
        <button
          type="button"
          onClick={() => {
            // Refused, the codes are still there to be read.
            void navigator.clipboard?.writeText(codes.join("\n")).then(
              () => {
                isCopied.value = true;
              },
              () => undefined,
            );
          }}
        >
          {isCopied.value ? words.copied : words.copy}
        </button>
        <button
          type="button"
          class="primary"
          aria-describedby={id}
          ref={(kept) => kept?.focus()}
          onClick={onClose}
        >
          {words.kept}
        </button>
      </div>
    </>
  );
}
