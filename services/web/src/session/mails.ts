/** What is asked for by somebody who is not signed in, and comes by mail. */
import type { Mails, Outcome } from "../state.ts";
import type { AuthRequest } from "./auth-request.ts";

/** Where the links of mails lead: pages of ours. */
export interface MailTargets {
  verified: string;
  reset: string;
  changed: string;
}

/** Of the origin that the page was opened at, which is one that the auth service trusts. */
export function mailTargets(origin: string): MailTargets {
  return {
    verified: `${origin}/verify`,
    reset: `${origin}/reset-password`,
    changed: `${origin}/account`,
  };
}

export function createMails({ ask }: AuthRequest, targets: MailTargets): Mails {
  async function done(path: string, body: Record<string, unknown>): Promise<Outcome> {
    const answer = await ask(path, body);
    return answer.ok ? { ok: true } : { ok: false, words: answer.refusal.words };
  }
  return {
    verify: (email) => done("/send-verification-email", { email, callbackURL: targets.verified }),
    forgot: (email) => done("/request-password-reset", { email, redirectTo: targets.reset }),
    reset: (token, newPassword) => done("/reset-password", { newPassword, token }),
  };
}
