/** The dialog in which a person gives another address. */
import { useSignal } from "@preact/signals";
import { accountTexts } from "../../account-texts.ts";
import type { Profile } from "../../state.ts";
import { checkEmail } from "../checks.ts";
import { Field } from "../field.tsx";
import { useForm } from "../use-form.ts";
import { Dialog, DialogForm } from "./dialog.tsx";

interface ChangeEmailProps {
  profile: Profile;
  email: string;
  onClose(): void;
  onSent(): void;
}

const { you: words } = accountTexts;

export function ChangeEmail({ profile, email, onClose, onSent }: ChangeEmailProps) {
  const next = useSignal("");
  const isSame = () => next.value.trim().toLowerCase() === email.toLowerCase();
  const form = useForm(
    { next: () => checkEmail(next.value) ?? (isSame() ? words.same : null) },
    async () => {
      const outcome = await profile.changeEmail(next.value.trim());
      if (outcome.ok) onSent();
      return outcome;
    },
  );
  return (
    <Dialog heading={words.change} onClose={onClose}>
      <DialogForm form={form} email={null} button={words.button} onCancel={onClose}>
        <Field
          label={words.next}
          type="email"
          autocomplete="email"
          hint={words.note}
          value={next}
          error={form.error("next")}
        />
      </DialogForm>
    </Dialog>
  );
}
