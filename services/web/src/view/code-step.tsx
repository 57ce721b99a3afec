/** The second step of signing in: a code of the authenticator app, or one of those kept for its loss. */
import { useSignal } from "@preact/signals";
import { mailTexts } from "../mail-texts.ts";
import type { CodeKind } from "../state.ts";
import { texts } from "../texts.ts";
import { Other, type StepProps } from "./entrance.tsx";
import { Field } from "./field.tsx";
import { Form, Submit } from "./form.tsx";
import { useForm } from "./use-form.ts";

const { code: words } = mailTexts;

export function CodeStep({ session, go }: StepProps) {
  const kind = useSignal<CodeKind>("app");
  // Keyed: another field, with the focus in it.
  return (
    <>
      <CodeForm key={kind.value} session={session} kind={kind.value} />
      <p class="entrance-other">
        <Other
          words={kind.value === "app" ? words.toBackup : words.toApp}
          go={() => {
            kind.value = kind.value === "app" ? "backup" : "app";
          }}
        />
        {" · "}
        <Other words={mailTexts.look.toSignIn} go={() => go("sign-in")} />
      </p>
    </>
  );
}

function CodeForm({ session, kind }: Pick<StepProps, "session"> & { kind: CodeKind }) {
  const code = useSignal("");
  const form = useForm(
    { code: () => (code.value.trim() === "" ? words.noCode : null) },
    // As it is shown, an app groups its digits.
    () => session.enterCode(code.value.replaceAll(/\s/g, ""), kind),
  );
  return (
    <Form form={form} heading={words.heading}>
      <p>{words[kind]}</p>
      <Field
        label={kind === "app" ? words.appLabel : words.backupLabel}
        type="code"
        isDigits={kind === "app"}
        autocomplete="one-time-code"
        value={code}
        error={form.error("code")}
      />
      <Submit words={texts.entrance.signIn} isBusy={form.isBusy.value} />
    </Form>
  );
}
