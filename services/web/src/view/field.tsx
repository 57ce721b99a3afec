/** A labelled field, with what to know before and what was wrong after. */

import type { Signal } from "@preact/signals";
import { useId, useState } from "preact/hooks";
import { texts } from "../texts.ts";

interface FieldProps {
  label: string;
  value: Signal<string>;
  autocomplete: string;
  /** What is wrong with it, or null. */
  error: string | null;
  hint?: string;
  type?: "text" | "email" | "password" | "code";
  isDigits?: boolean;
}

export function Field(props: FieldProps) {
  const { label, value, autocomplete, error, hint, type = "text", isDigits = false } = props;
  const id = useId();
  const [isShown, setShown] = useState(false);
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          id={id}
          // Preact types the attributes of each kind of field apart; these are the same for the three.
          type={(isShown || type === "code" ? "text" : type) as "text"}
          inputmode={isDigits ? "numeric" : undefined}
          name={autocomplete}
          autocomplete={autocomplete as "email"}
          autocapitalize={type === "text" ? "words" : "none"}
          spellcheck={false}
          value={value.value}
          onInput={(event) => {
            value.value = event.currentTarget.value;
          }}
          aria-required="true"
          aria-invalid={error !== null}
          aria-describedby={describedBy || undefined}
        />
        {type === "password" && (
          <button
            type="button"
            class="quiet"
            aria-label={isShown ? texts.entrance.hideLabel : texts.entrance.showLabel}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? texts.entrance.hide : texts.entrance.show}
          </button>
        )}
      </div>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== null && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

type Known = Pick<FieldProps, "value" | "error">;

/** The address by which somebody is known here. */
export function EmailField(props: Known) {
  return <Field label={texts.entrance.email} type="email" autocomplete="username" {...props} />;
}

/** A password that is yet to be, with what it must be like. */
export function NewPasswordField(props: Known & Pick<FieldProps, "label">) {
  const { passwordRules } = texts.entrance;
  return <Field type="password" autocomplete="new-password" hint={passwordRules} {...props} />;
}
