/** Sign in, or create an account. */
import { useSignal } from "@preact/signals";
import type { Session } from "../state.ts";
import { texts } from "../texts.ts";
import { checkEmail, checkName, checkNewPassword } from "./checks.ts";
import { Field } from "./field.tsx";
import { Notice } from "./notice.tsx";
import { useForm } from "./use-form.ts";

export function Entrance({ session, notice }: { session: Session; notice: string | null }) {
  const isNew = useSignal(false);
  return (
    <main class="entrance">
      <div class="brand">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <span>{texts.product}</span>
      </div>
      <p class="promise">{texts.entrance.promise}</p>
      {notice !== null && <Notice words={notice} />}
      {isNew.value ? <SignUp session={session} /> : <SignIn session={session} />}
      <p class="entrance-other">
        {isNew.value ? texts.entrance.toSignIn : texts.entrance.toSignUp}{" "}
        <button
          type="button"
          class="link"
          onClick={() => {
            isNew.value = !isNew.value;
          }}
        >
          {isNew.value ? texts.entrance.signIn : texts.entrance.signUp}
        </button>
      </p>
    </main>
  );
}

function SignIn({ session }: { session: Session }) {
  const email = useSignal("");
  const password = useSignal("");
  const form = useForm(
    { email: () => checkEmail(email.value), password: () => missing(password.value) },
    () => session.signIn(email.value.trim(), password.value),
  );
  return (
    <form class="card" noValidate onSubmit={form.submit} ref={form.ref}>
      <h1>{texts.entrance.signIn}</h1>
      {form.failure.value !== null && <Notice words={form.failure.value} isFailure isAlert />}
      <Field
        label={texts.entrance.email}
        type="email"
        autocomplete="username"
        value={email}
        error={form.error("email")}
      />
      <Field
        label={texts.entrance.password}
        type="password"
        autocomplete="current-password"
        value={password}
        error={form.error("password")}
      />
      <Submit words={texts.entrance.signIn} isBusy={form.isBusy.value} />
    </form>
  );
}

function SignUp({ session }: { session: Session }) {
  const name = useSignal("");
  const email = useSignal("");
  const password = useSignal("");
  const form = useForm(
    {
      name: () => checkName(name.value),
      email: () => checkEmail(email.value),
      password: () => checkNewPassword(password.value),
    },
    () => session.signUp(name.value.trim(), email.value.trim(), password.value),
  );
  return (
    <form class="card" noValidate onSubmit={form.submit} ref={form.ref}>
      <h1>{texts.entrance.signUp}</h1>
      {form.failure.value !== null && <Notice words={form.failure.value} isFailure isAlert />}
      <Field
        label={texts.entrance.name}
        autocomplete="name"
        value={name}
        error={form.error("name")}
      />
      <Field
        label={texts.entrance.email}
        type="email"
        autocomplete="username"
        value={email}
        error={form.error("email")}
      />
      <Field
        label={texts.entrance.password}
        type="password"
        autocomplete="new-password"
        hint={texts.entrance.passwordRules}
        value={password}
        error={form.error("password")}
      />
      <Submit words={texts.entrance.signUpButton} isBusy={form.isBusy.value} />
    </form>
  );
}

export function Submit({ words, isBusy }: { words: string; isBusy: boolean }) {
  return (
    <button type="submit" class="primary" aria-disabled={isBusy}>
      {isBusy ? texts.entrance.working : words}
    </button>
  );
}

function missing(password: string): string | null {
  return password === "" ? texts.entrance.noPassword : null;
}
