/**
 * The auth service, spoken to by Better Auth's own client: 11.8 KB of the bundle's 60 KB (gzip,
 * measured alone with esbuild), for which its cookies, paths and errors are its own business.
 */
import { createAuthClient } from "better-auth/client";
import type { Answer } from "../api/endpoint.ts";
import { networkRefusal, type Refusal, readRefusal } from "../api/problems.ts";
import type { Browser } from "../browser.ts";
import type { Account } from "../state.ts";
import { stateTexts } from "../state-texts.ts";

export interface AuthClient {
  /** null: nobody is signed in. */
  whoIsHere(): Promise<Answer<Account | null>>;
  signIn(email: string, password: string): Promise<Answer<unknown>>;
  signUp(name: string, email: string, password: string): Promise<Answer<unknown>>;
  signOut(): Promise<Answer<unknown>>;
  /** All other sessions of the account end. */
  changePassword(current: string, next: string): Promise<Answer<unknown>>;
  /** A token for the endpoint. 401: the session is over. */
  fetchToken(): Promise<Answer<string>>;
}

interface User {
  id: string;
  name: string;
  email: string;
}

export function createAuthService(browser: Browser): AuthClient {
  const client = createAuthClient({ baseURL: `${browser.location.origin}/api/auth` });

  async function asked<T>(request: (options: Options) => Promise<Result<T>>): Promise<Answer<T>> {
    let refusal: Refusal | null = null;
    const options: Options = {
      // Its signals would write into local storage; tabs of this page tell each other by tabs.ts.
      disableSignal: true,
      // Our problems, with code and Retry-After, are read before the client takes them apart.
      customFetchImpl: async (input, init) => {
        const response = await browser.fetch(input, { ...init, cache: "no-store" });
        if (!response.ok) refusal = await readRefusal(response.clone(), browser.location.origin);
        return response;
      },
    };
    try {
      const { data, error } = await request(options);
      if (error === null) return { ok: true, value: data as T };
      const found = refusal ?? networkRefusal();
      return { ok: false, refusal: withWords(found, error) };
    } catch {
      return { ok: false, refusal: refusal ?? networkRefusal() };
    }
  }

  return {
    whoIsHere: async () => {
      const answer = await asked<{ user: User } | null>((fetchOptions) =>
        client.getSession({ fetchOptions }),
      );
      if (!answer.ok) return answer;
      const user = answer.value?.user;
      if (user === undefined) return { ok: true, value: null };
      return { ok: true, value: { userId: user.id, name: user.name, email: user.email } };
    },
    signIn: (email, password) =>
      asked((options) => client.signIn.email({ email, password }, options)),
    signUp: (name, email, password) =>
      asked((options) => client.signUp.email({ name, email, password }, options)),
    signOut: () => asked((fetchOptions) => client.signOut({ fetchOptions })),
    changePassword: (currentPassword, newPassword) =>
      asked((options) =>
        client.changePassword({ currentPassword, newPassword, revokeOtherSessions: true }, options),
      ),
    fetchToken: async () => {
      const answer = await asked<{ token?: unknown }>((options) =>
        client.$fetch("/token", options),
      );
      if (!answer.ok) return answer;
      const token = answer.value?.token;
      return typeof token === "string"
        ? { ok: true, value: token }
        : { ok: false, refusal: networkRefusal(stateTexts.api.unreadable(200)) };
    },
  };
}

interface Options {
  disableSignal: true;
  customFetchImpl(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

interface Result<T> {
  data: T | null;
  error: { message?: string | undefined } | null;
}

/** Better Auth's refusals have a `message`, ours a `detail`: both are words. */
function withWords(refusal: Refusal, error: { message?: string | undefined }): Refusal {
  const message = error.message;
  if (message === undefined || message === "" || refusal.status >= 500 || refusal.status === 429) {
    return refusal;
  }
  return { ...refusal, words: /[.!?]$/.test(message) ? message : `${message}.` };
}
