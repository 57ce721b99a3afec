/** One part of the account page. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export function Part({ heading, children }: { heading: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="account-part" aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      {children}
    </section>
  );
}
