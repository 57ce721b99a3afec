/** What goes by mail: the link that confirms an address, and the one to a new password. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { mailTexts } from "../mail-texts.ts";
import { checkEmail } from "./checks.ts";
import { Other, type StepProps } from "./entrance.tsx";
import { FocusedHeading } from "./entrance-frame.tsx";
import { EmailField } from "./field.tsx";
import { Form, Submit } from "./form.tsx";
import { Notice } from "./notice.tsx";
import { useForm } from "./use-form.ts";

/** Why there is something in their mail: a new account, one that never was confirmed, a new password. */
export type MailReason = "confirm" | "unconfirmed" | "reset";

const { look, forgot } = mailTexts;
/** The server has a limit of its own; this keeps people from running into it. */
const AGAIN_AFTER_S = 60;

export function LookIntoMail({ session, email, go, reason }: StepProps & { reason: MailReason }) {
  const address = email.value.trim();
  const { mailboxUrl } = session.offers.value;
  // Who comes from sign-in may never have got one.
  const wait = useSignal(reason === "unconfirmed" ? 0 : AGAIN_AFTER_S);
  const isBusy = useSignal(false);
  const said = useSignal<{ words: string; isFailure: boolean } | null>(null);

  useEffect(() => {
    if (wait.value === 0) return;
    const timer = window.setTimeout(() => {
      wait.value -= 1;
    }, 1000);
    return () => window.clearTimeout(timer);
  }, [wait.value]);

  async function again(): Promise<void> {
    if (isBusy.value || wait.value > 0) return;
    isBusy.value = true;
    const { mails } = session;
    const outcome = await (reason === "reset" ? mails.forgot(address) : mails.verify(address));
    isBusy.value = false;
    said.value = { words: outcome.ok ? look.sent : outcome.words, isFailure: !outcome.ok };
    if (outcome.ok) wait.value = AGAIN_AFTER_S;
  }

  return (
    <>
      <div class="card">
        <FocusedHeading words={look.heading} />
        <p class="breakable">{look[reason](address)}</p>
        <p class="quiet-words">{look.nothing}</p>
        {said.value !== null && <Notice {...said.value} isAlert />}
        {mailboxUrl !== null && (
          <p>
            <a href={mailboxUrl} target="_blank" rel="noopener noreferrer">
              {look.mailbox}
            </a>
          </p>
        )}
        <button
          type="button"
          aria-disabled={isBusy.value || wait.value > 0}
          onClick={() => void again()}
        >
          {wait.value > 0 ? look.againIn(wait.value) : look.again}
        </button>
      </div>
      <p class="entrance-other">
        <Other words={look.toSignIn} go={() => go("sign-in")} />
        {" · "}
        <Other words={look.otherAddress} go={() => go(reason === "reset" ? "forgot" : "sign-up")} />
      </p>
    </>
  );
}

export function Forgot({ session, email, go }: StepProps) {
  const form = useForm({ email: () => checkEmail(email.value) }, async () => {
    const outcome = await session.mails.forgot(email.value.trim());
    if (outcome.ok) go("reset");
    return outcome;
  });
  return (
    <>
      <Form form={form} heading={forgot.heading}>
        <p>{forgot.words}</p>
        <EmailField value={email} error={form.error("email")} />
        <Submit words={forgot.button} isBusy={form.isBusy.value} />
      </Form>
      <p class="entrance-other">
        <Other words={look.toSignIn} go={() => go("sign-in")} />
      </p>
    </>
  );
}
