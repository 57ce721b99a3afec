/** Dialogs of the account page: a form that asks something, and what is said when it is done. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { accountTexts } from "../../account-texts.ts";
import { texts } from "../../texts.ts";
import { Form, Submit } from "../form.tsx";
import { Modal } from "../modal.tsx";
import type { Form as FormState } from "../use-form.ts";

interface DialogProps {
  heading: string;
  onClose(): void;
  /** Of `Modal`. */
  isKept?: boolean;
  children: ComponentChildren;
}

export function Dialog({ heading, onClose, isKept = false, children }: DialogProps) {
  return (
    <Modal kind="confirm" label={heading} onClose={onClose} isKept={isKept}>
      <h2>{heading}</h2>
      {children}
    </Modal>
  );
}

interface DialogFormProps {
  form: FormState<string>;
  /** Whose password it is about, for a password manager; null: it asks for none. */
  email: string | null;
  button: string;
  isDangerous?: boolean;
  onCancel(): void;
  children: ComponentChildren;
}

export function DialogForm(props: DialogFormProps) {
  const { form, email, button, isDangerous = false, onCancel, children } = props;
  return (
    <Form form={form}>
      {email !== null && (
        <input type="text" autocomplete="username" value={email} hidden readOnly />
      )}
      {children}
      <div class="actions">
        <button type="button" onClick={onCancel}>
          {texts.cancel}
        </button>
        <Submit words={button} isBusy={form.isBusy.value} isDangerous={isDangerous} />
      </div>
    </Form>
  );
}

/** It is done: the words are read out with the button, which has the focus now. */
export function Done({ words, onClose }: { words: string; onClose(): void }) {
  const id = useId();
  return (
    <>
      <p id={id}>{words}</p>
      <div class="actions">
        <button
          type="button"
          class="primary"
          aria-describedby={id}
          ref={(done) => done?.focus()}
          onClick={onClose}
        >
          {accountTexts.done}
        </button>
      </div>
    </>
  );
}
