/** The dialog in which a person changes their password. */
import { useSignal } from "@preact/signals";
import type { Session } from "../state.ts";
import { texts } from "../texts.ts";
import { checkNewPassword } from "./checks.ts";
import { Submit } from "./entrance.tsx";
import { Field } from "./field.tsx";
import { Modal } from "./modal.tsx";
import { Notice } from "./notice.tsx";
import { useForm } from "./use-form.ts";

interface ChangePasswordProps {
  session: Session;
  email: string;
  onClose(): void;
}

export function ChangePassword({ session, email, onClose }: ChangePasswordProps) {
  const current = useSignal("");
  const next = useSignal("");
  const isChanged = useSignal(false);
  const form = useForm(
    {
      current: () => (current.value === "" ? texts.account.noCurrent : null),
      next: () =>
        checkNewPassword(next.value) ??
        (next.value === current.value ? texts.account.samePassword : null),
    },
    async () => {
      const outcome = await session.changePassword(current.value, next.value);
      if (outcome.ok) isChanged.value = true;
      return outcome;
    },
  );
  return (
    <Modal kind="confirm" label={texts.account.changePassword} onClose={onClose}>
      <h2>{texts.account.changePassword}</h2>
      {isChanged.value ? (
        <>
          <p id="password-changed">{texts.account.changed}</p>
          <div class="actions">
            <button
              type="button"
              class="primary"
              // Read out with the button, which has the focus now.
              aria-describedby="password-changed"
              ref={(done) => done?.focus()}
              onClick={onClose}
            >
              {texts.account.done}
            </button>
          </div>
        </>
      ) : (
        <form noValidate onSubmit={form.submit} ref={form.ref}>
          {form.failure.value !== null && <Notice words={form.failure.value} isFailure isAlert />}
          {/* Tells a password manager whose password is changed. */}
          <input type="text" autocomplete="username" value={email} hidden readOnly />
          <Field
            label={texts.account.current}
            type="password"
            autocomplete="current-password"
            value={current}
            error={form.error("current")}
          />
          <Field
            label={texts.account.next}
            type="password"
            autocomplete="new-password"
            hint={texts.entrance.passwordRules}
            value={next}
            error={form.error("next")}
          />
          <div class="actions">
            <button type="button" onClick={onClose}>
              {texts.cancel}
            </button>
            <Submit words={texts.account.changePassword} isBusy={form.isBusy.value} />
          </div>
        </form>
      )}
    </Modal>
  );
}
