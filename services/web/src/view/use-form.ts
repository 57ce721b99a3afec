/** A form: says what is wrong in its own words, beside the field, after the first try; sends once at a time. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Outcome } from "../state.ts";

const FIELDS = "input:not([hidden])";

export interface Form<Name extends string> {
  /** For the form element: its first field has the focus from the start. */
  readonly ref: RefObject<HTMLFormElement | null>;
  readonly isBusy: ReadonlySignal<boolean>;
  /** Why the server refused. */
  readonly failure: ReadonlySignal<string | null>;
  /** What is wrong with a field, or null before the first try. */
  error(name: Name): string | null;
  submit(event: Event): void;
}

/** Args: checks: by field, in the order in which they stand. send: asked when all checks pass. */
export function useForm<Name extends string>(
  checks: Record<Name, () => string | null>,
  send: () => Promise<Outcome>,
): Form<Name> {
  const ref = useRef<HTMLFormElement>(null);
  const wasTried = useSignal(false);
  const isBusy = useSignal(false);
  const failure = useSignal<string | null>(null);

  useEffect(() => ref.current?.querySelector<HTMLInputElement>(FIELDS)?.focus(), []);

  async function submit(): Promise<void> {
    if (isBusy.value) return;
    wasTried.value = true;
    failure.value = null;
    const wrong = Object.values<() => string | null>(checks).findIndex((check) => check() !== null);
    if (wrong >= 0) {
      ref.current?.querySelectorAll<HTMLInputElement>(FIELDS)[wrong]?.focus();
      return;
    }
    isBusy.value = true;
    const outcome = await send();
    isBusy.value = false;
    if (!outcome.ok) failure.value = outcome.words;
  }

  return {
    ref,
    isBusy,
    failure,
    error: (name) => (wasTried.value ? checks[name]() : null),
    submit: (event) => {
      event.preventDefault();
      void submit();
    },
  };
}
