/** The dialog in which a person changes their password. */
import { useSignal } from "@preact/signals";
import { accountTexts } from "../../account-texts.ts";
import type { Profile } from "../../state.ts";
import { checkNewPassword } from "../checks.ts";
import { Field, NewPasswordField } from "../field.tsx";
import { useForm } from "../use-form.ts";
import { Dialog, DialogForm, Done } from "./dialog.tsx";

interface ChangePasswordProps {
  profile: Profile;
  email: string;
  onClose(): void;
}

const { password: words } = accountTexts;

export function ChangePassword({ profile, email, onClose }: ChangePasswordProps) {
  const current = useSignal("");
  const next = useSignal("");
  const isChanged = useSignal(false);
  const form = useForm(
    {
      current: () => (current.value === "" ? words.noCurrent : null),
      next: () =>
        checkNewPassword(next.value) ?? (next.value === current.value ? words.same : null),
    },
    async () => {
      const outcome = await profile.changePassword(current.value, next.value);
      isChanged.value = outcome.ok;
      return outcome;
    },
  );
  return (
    <Dialog heading={words.change} onClose={onClose}>
      {isChanged.value ? (
        <Done words={words.changed} onClose={onClose} />
      ) : (
        <DialogForm form={form} email={email} button={words.change} onCancel={onClose}>
          <p class="quiet-words">{words.words}</p>
          <Field
            label={words.current}
            type="password"
            autocomplete="current-password"
            value={current}
            error={form.error("current")}
          />
          <NewPasswordField label={words.next} value={next} error={form.error("next")} />
        </DialogForm>
      )}
    </Dialog>
  );
}
