/** Where the links of mails lead, and what is shown once an account is no more. */
import { useSignal } from "@preact/signals";
import { mailTexts } from "../mail-texts.ts";
import type { PageState } from "../state.ts";
import { checkEmail, checkNewPassword } from "./checks.ts";
import { Entrance, Other } from "./entrance.tsx";
import { EntranceFrame, FocusedHeading } from "./entrance-frame.tsx";
import { EmailField, NewPasswordField } from "./field.tsx";
import { Form, Submit } from "./form.tsx";
import { useForm } from "./use-form.ts";

const { reset, verify, closed } = mailTexts;

/** A new password, for who has the link to it, whoever is signed in here. */
export function ResetPassword({ page }: { page: PageState }) {
  const { token } = page.arrival;
  const step = useSignal<"asked" | "done" | "no-token">(token === null ? "no-token" : "asked");
  if (step.value === "done") return <Entrance page={page} notice={reset.done} />;
  if (token === null || step.value === "no-token") {
    return <Entrance page={page} notice={reset.noToken} first="forgot" />;
  }
  const onDone = async () => {
    // Whoever was signed in here may be so no more.
    await page.session.retry();
    if (page.session.state.peek().kind === "signed-in") page.go("/");
    else step.value = "done";
  };
  return (
    <EntranceFrame>
      <NewPassword page={page} token={token} onDone={onDone} />
      <p class="entrance-other">
        <Other
          words={reset.newLink}
          go={() => {
            step.value = "no-token";
          }}
        />
      </p>
    </EntranceFrame>
  );
}

interface NewPasswordProps {
  page: PageState;
  token: string;
  onDone(): Promise<void>;
}

function NewPassword({ page, token, onDone }: NewPasswordProps) {
  const next = useSignal("");
  const form = useForm({ next: () => checkNewPassword(next.value) }, async () => {
    const outcome = await page.session.mails.reset(token, next.value);
    if (outcome.ok) await onDone();
    return outcome;
  });
  return (
    <Form form={form} heading={reset.heading}>
      <NewPasswordField label={reset.next} value={next} error={form.error("next")} />
      <Submit words={reset.button} isBusy={form.isBusy.value} />
    </Form>
  );
}

/** The address is confirmed, or the link did not do it. */
export function Verified({ page, isSignedIn }: { page: PageState; isSignedIn: boolean }) {
  const isSent = useSignal(false);
  const email = useSignal("");
  const form = useForm({ email: () => checkEmail(email.value) }, async () => {
    const outcome = await page.session.mails.verify(email.value.trim());
    isSent.value = outcome.ok;
    return outcome;
  });
  if (page.arrival.error === null) {
    return isSignedIn ? (
      <Said heading={verify.doneHeading} button={verify.goOn} act={() => page.go("/")} />
    ) : (
      <Entrance page={page} notice={verify.done} />
    );
  }
  if (isSent.value)
    return <Entrance page={page} notice={null} first="confirm" email={email.value} />;
  return (
    <EntranceFrame>
      <Form form={form} heading={verify.heading}>
        <p>{verify.expired}</p>
        <EmailField value={email} error={form.error("email")} />
        <Submit words={verify.button} isBusy={form.isBusy.value} />
      </Form>
      <p class="entrance-other">
        <Other words={isSignedIn ? verify.goOn : mailTexts.look.toSignIn} go={() => page.go("/")} />
      </p>
    </EntranceFrame>
  );
}

/** After the deletion of everything. */
export function Closed({ page, isErased }: { page: PageState; isErased: boolean }) {
  return (
    <Said
      heading={closed.heading}
      words={isErased ? closed.erased : closed.running}
      button={closed.button}
      act={() => void page.session.retry()}
    />
  );
}

interface SaidProps {
  heading: string;
  words?: string;
  button: string;
  act(): void;
}

function Said({ heading, words, button, act }: SaidProps) {
  return (
    <EntranceFrame>
      <div class="card">
        <FocusedHeading words={heading} />
        {words !== undefined && <p>{words}</p>}
        <button type="button" class="primary" onClick={act}>
          {button}
        </button>
      </div>
    </EntranceFrame>
  );
}
