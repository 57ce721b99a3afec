/** A form in its card or dialog: what went wrong before its fields, what sends it after them. */
import type { ComponentChildren } from "preact";
import { texts } from "../texts.ts";
import { Notice } from "./notice.tsx";
import type { Form as FormState } from "./use-form.ts";

interface FormProps {
  form: FormState<string>;
  /** Of a form that is a page's main thing: it stands in a card. */
  heading?: string;
  children: ComponentChildren;
}

export function Form({ form, heading, children }: FormProps) {
  const className = heading === undefined ? undefined : "card";
  return (
    <form class={className} noValidate onSubmit={form.submit} ref={form.ref}>
      {heading !== undefined && <h1>{heading}</h1>}
      {form.failure.value !== null && <Notice words={form.failure.value} isFailure isAlert />}
      {children}
    </form>
  );
}

interface SubmitProps {
  words: string;
  isBusy: boolean;
  isDangerous?: boolean;
}

export function Submit({ words, isBusy, isDangerous = false }: SubmitProps) {
  return (
    <button type="submit" class={isDangerous ? "primary danger" : "primary"} aria-disabled={isBusy}>
      {isBusy ? texts.entrance.working : words}
    </button>
  );
}
