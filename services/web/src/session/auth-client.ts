/** What the session asks of the auth service. */
import type { Answer } from "../api/endpoint.ts";
import { networkRefusal } from "../api/problems.ts";
import type { Account, CodeKind } from "../state.ts";
import { stateTexts } from "../texts.ts";
import { type AuthRequest, member } from "./auth-request.ts";

/** What is still missing of somebody whose password was right: nothing, an open address, a second factor. */
export type EntryStep = "in" | "mail" | "second-factor";

export interface AuthClient {
  /** null: nobody is signed in. */
  whoIsHere(): Promise<Answer<Account | null>>;
  signIn(email: string, password: string): Promise<Answer<EntryStep>>;
  signUp(name: string, email: string, password: string): Promise<Answer<EntryStep>>;
  enterCode(code: string, kind: CodeKind): Promise<Answer<EntryStep>>;
  signOut(): Promise<Answer<unknown>>;
  /** A token for the endpoint. 401: the session is over. */
  fetchToken(): Promise<Answer<string>>;
}

const CODE_PATHS: Readonly<Record<CodeKind, string>> = {
  app: "/two-factor/verify-totp",
  backup: "/two-factor/verify-backup-code",
};

/** Args: verified: where the link in a mail leads back to. */
export function createAuthClient({ ask }: AuthRequest, verified: string): AuthClient {
  async function whoIsHere(): Promise<Answer<Account | null>> {
    const answer = await ask("/get-session");
    if (!answer.ok) return answer;
    const user = member(answer.value, "user");
    const [id, name, email] = ["id", "name", "email"].map((key) => member(user, key));
    if (typeof id !== "string") return { ok: true, value: null };
    const hasSecondFactor = member(user, "twoFactorEnabled") === true;
    const account = { userId: id, name: String(name), email: String(email), hasSecondFactor };
    return { ok: true, value: account };
  }

  async function enter(path: string, body: Record<string, unknown>): Promise<Answer<EntryStep>> {
    const answer = await ask(path, body);
    if (answer.ok) return { ok: true, value: stepAfter(answer.value) };
    return answer.refusal.code === "EMAIL_NOT_VERIFIED" ? { ok: true, value: "mail" } : answer;
  }

  async function fetchToken(): Promise<Answer<string>> {
    const answer = await ask("/token");
    if (!answer.ok) return answer;
    const token = member(answer.value, "token");
    if (typeof token === "string") return { ok: true, value: token };
    return { ok: false, refusal: networkRefusal(stateTexts.api.unreadable(200)) };
  }

  return {
    whoIsHere,
    signIn: (email, password) =>
      enter("/sign-in/email", { email, password, callbackURL: verified }),
    signUp: (name, email, password) =>
      enter("/sign-up/email", { email, password, name, callbackURL: verified }),
    enterCode: (code, kind) => enter(CODE_PATHS[kind], { code }),
    signOut: () => ask("/sign-out", {}),
    fetchToken,
  };
}

function stepAfter(value: unknown): EntryStep {
  if (member(value, "twoFactorRedirect") === true) return "second-factor";
  // An account, and no session: it begins when its address is open.
  return member(value, "token") === null ? "mail" : "in";
}
