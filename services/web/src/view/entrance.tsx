/** The way in: sign in, create an account, and what else may be needed for either. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PageState, Session } from "../state.ts";
import { texts } from "../texts.ts";
import { checkEmail, checkName, checkNewPassword } from "./checks.ts";
import { CodeStep } from "./code-step.tsx";
import { EntranceFrame } from "./entrance-frame.tsx";
import { EmailField, Field, NewPasswordField } from "./field.tsx";
import { Form, Submit } from "./form.tsx";
import { Forgot, LookIntoMail, type MailReason } from "./mail-steps.tsx";
import { Notice } from "./notice.tsx";
import { useForm } from "./use-form.ts";

/** `mail`: something was sent, and they are to look for it. */
export type Step = "sign-in" | "sign-up" | "forgot" | "code" | MailReason;

export interface StepProps {
  session: Session;
  /** What was typed in one step is there in the next. */
  email: Signal<string>;
  go(step: Step): void;
}

interface EntranceProps {
  page: Pick<PageState, "session">;
  notice: string | null;
  /** Where it begins, and with which address. */
  first?: Step;
  email?: string;
}

export function Entrance({ page, notice, first = "sign-in", email: known = "" }: EntranceProps) {
  const { session } = page;
  const step = useSignal<Step>(first);
  const email = useSignal(known);
  useEffect(() => void session.askOffers(), []);
  const go = (next: Step) => {
    step.value = next;
  };
  const props = { session, email, go };
  return (
    <EntranceFrame>
      {notice !== null && step.value === first && <Notice words={notice} />}
      {shown(step.value, props)}
    </EntranceFrame>
  );
}

function shown(step: Step, props: StepProps) {
  switch (step) {
    case "sign-in":
      return <SignIn {...props} />;
    case "sign-up":
      return <SignUp {...props} />;
    case "forgot":
      return <Forgot {...props} />;
    case "code":
      return <CodeStep {...props} />;
    default:
      return <LookIntoMail {...props} reason={step} />;
  }
}

function SignIn({ session, email, go }: StepProps) {
  const password = useSignal("");
  const form = useForm(
    { email: () => checkEmail(email.value), password: () => missing(password.value) },
    async () => {
      const entry = await session.signIn(email.value.trim(), password.value);
      if (entry.ok && entry.next === "second-factor") go("code");
      if (entry.ok && entry.next === "mail") go("unconfirmed");
      return entry;
    },
  );
  return (
    <>
      <Form form={form} heading={texts.entrance.signIn}>
        <EmailField value={email} error={form.error("email")} />
        <Field
          label={texts.entrance.password}
          type="password"
          autocomplete="current-password"
          value={password}
          error={form.error("password")}
        />
        <Submit words={texts.entrance.signIn} isBusy={form.isBusy.value} />
      </Form>
      {session.offers.value.mail && (
        <p class="entrance-other">
          <Other words={texts.entrance.forgot} go={() => go("forgot")} />
        </p>
      )}
      <p class="entrance-other">
        {texts.entrance.toSignUp} <Other words={texts.entrance.signUp} go={() => go("sign-up")} />
      </p>
    </>
  );
}

function SignUp({ session, email, go }: StepProps) {
  const name = useSignal("");
  const password = useSignal("");
  const form = useForm(
    {
      name: () => checkName(name.value),
      email: () => checkEmail(email.value),
      password: () => checkNewPassword(password.value),
    },
    async () => {
      const entry = await session.signUp(name.value.trim(), email.value.trim(), password.value);
      if (entry.ok && entry.next === "mail") go("confirm");
      return entry;
    },
  );
  return (
    <>
      <Form form={form} heading={texts.entrance.signUp}>
        <Field
          label={texts.entrance.name}
          autocomplete="name"
          value={name}
          error={form.error("name")}
        />
        <EmailField value={email} error={form.error("email")} />
        <NewPasswordField
          label={texts.entrance.password}
          value={password}
          error={form.error("password")}
        />
        <Submit words={texts.entrance.signUpButton} isBusy={form.isBusy.value} />
      </Form>
      <p class="entrance-other">
        {texts.entrance.toSignIn} <Other words={texts.entrance.signIn} go={() => go("sign-in")} />
      </p>
    </>
  );
}

/** A way to another step. */
export function Other({ words, go }: { words: string; go(): void }) {
  return (
    <button type="button" class="link" onClick={go}>
      {words}
    </button>
  );
}

function missing(password: string): string | null {
  return password === "" ? texts.entrance.noPassword : null;
}
