/** What this installation's auth service can do, beyond signing in. */
import { signal } from "@preact/signals";
import type { Offers } from "../state.ts";
import { type AuthRequest, member } from "./auth-request.ts";

const NOTHING: Offers = { mail: false, secondFactor: false, erasure: null, mailboxUrl: null };

/** Without an answer nothing is offered, and it is asked for again by the next who needs it. */
export function createOffers({ ask }: AuthRequest) {
  const offers = signal(NOTHING);
  let isKnown = false;
  return {
    offers,
    askOffers: async () => {
      if (isKnown) return;
      const answer = await ask("/options");
      if (!answer.ok) return;
      isKnown = true;
      const has = (name: string) => member(answer.value, name) === true;
      offers.value = {
        mail: has("mail"),
        secondFactor: has("secondFactor"),
        erasure: has("erasure"),
        mailboxUrl: webAddress(member(answer.value, "mailboxUrl")),
      };
    },
  };
}

/** What a link may lead to. */
function webAddress(value: unknown): string | null {
  return typeof value === "string" && /^https?:\/\//.test(value) ? value : null;
}
