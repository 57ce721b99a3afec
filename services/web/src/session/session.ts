/** Who is here. Other tabs follow, and this one follows them. */
import { batch, signal } from "@preact/signals";
import type { Answer } from "../api/endpoint.ts";
import type { Refusal } from "../api/problems.ts";
import { type Browser, listen, whenSeen } from "../browser.ts";
import type { Account, Entry, Session, SessionState } from "../state.ts";
import { createTabs } from "../tabs.ts";
import { stateTexts } from "../texts.ts";
import { createAuthClient, type EntryStep } from "./auth-client.ts";
import { type AuthRequest, createAuthRequest } from "./auth-request.ts";
import { createMails, mailTargets } from "./mails.ts";
import { createOffers } from "./offers.ts";
import { createToken, type Token, type TokenSource } from "./token.ts";
import { createUnheardSignOut } from "./unheard-sign-out.ts";

/** What a person leaves in this tab is to be wiped. isAsked: they signed out, here or in another tab. */
export type Forget = (isAsked: boolean) => void;

/** `tokens`: of the person who is signed in. */
export interface OwnSession extends Session {
  readonly tokens: TokenSource;
  /** The account may have changed by what was asked of the auth service. */
  changed(): Promise<void>;
  /** The account is no more. */
  closed(isErased: boolean): void;
  close(): void;
}

const { signedOutElsewhere } = stateTexts.session;
const END_AGAIN_MS = 3_000;

export function createSession(
  browser: Browser,
  forget: Forget,
  request: AuthRequest = createAuthRequest(browser),
): OwnSession {
  const targets = mailTargets(browser.location.origin);
  const auth = createAuthClient(request, targets.verified);
  const state = signal<SessionState>({ kind: "loading" });
  const tabs = createTabs("session", (told) => (told === "changed" ? told : null));
  /** The account that was left here, while the server does not know it. */
  const unheard = createUnheardSignOut(browser);
  let token: Token | null = null;
  let checks = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  function show(account: Account): void {
    const shown = state.peek();
    if (shown.kind === "signed-in" && isSame(shown.account, account)) return;
    if (shown.kind === "signed-in" && shown.account.userId !== account.userId) forget(true);
    if (shown.kind !== "signed-in" || shown.account.userId !== account.userId) renewToken();
    state.value = { kind: "signed-in", account };
  }

  function renewToken(): void {
    token?.close();
    token = createToken(async () => {
      const answer = await auth.fetchToken();
      if (!answer.ok && answer.refusal.status === 401) leave(stateTexts.session.ended, false);
      return answer;
    });
  }

  /** Nothing of the person stays. `notice`: why, where they did not ask for it. */
  function leave(notice: string | null, isAsked: boolean): void {
    become({ kind: "signed-out", notice }, isAsked);
  }

  function become(next: SessionState, isAsked: boolean): void {
    token?.close();
    token = null;
    batch(() => {
      state.value = next;
      forget(isAsked);
    });
  }

  /** Ask who is here. What is shown stays while the answer does not come, if anything is. */
  async function check(notice: string | null): Promise<void> {
    checks += 1;
    const mine = checks;
    clearTimeout(again);
    const answer = await auth.whoIsHere();
    if (mine !== checks) return;
    if (unheard.userId() !== null) {
      if (!answer.ok) return notEnded(answer.refusal);
      // They are not shown again; whoever has come since is.
      if (answer.value?.userId === unheard.userId()) return await end();
      ended();
    }
    const before = state.peek();
    if (!answer.ok) {
      if (before.kind === "loading" || before.kind === "unreachable") {
        state.value = { kind: "unreachable", words: answer.refusal.words };
      }
    } else if (answer.value !== null) {
      show(answer.value);
    } else if (before.kind !== "signed-out" && before.kind !== "closed") {
      leave(before.kind === "signed-in" ? notice : null, notice === signedOutElsewhere);
    }
  }

  async function enter(asked: Promise<Answer<EntryStep>>): Promise<Entry> {
    // Nobody is signed out meanwhile, or it might be who comes in now.
    clearTimeout(again);
    checks += 1;
    const leftId = unheard.userId();
    unheard.forget();
    const answer = await asked;
    if (!answer.ok || answer.value !== "in") {
      if (leftId !== null) {
        unheard.remember(leftId);
        void check(null);
      }
      return answer.ok ? { ok: true, next: answer.value } : refused(answer.refusal);
    }
    const account = await auth.whoIsHere();
    if (!account.ok) return refused(account.refusal);
    if (account.value === null) return { ok: false, words: stateTexts.api.signedOut };
    checks += 1;
    show(account.value);
    tabs.tell("changed");
    return { ok: true, next: "in" };
  }

  async function signOut(): Promise<void> {
    const left = state.peek();
    // First here: a server that does not answer must not leave the person's words on the screen.
    leave(null, true);
    if (left.kind === "signed-in") unheard.remember(left.account.userId);
    await end();
  }

  /** Tells the server that who was left here is gone. */
  async function end(): Promise<void> {
    checks += 1;
    const mine = checks;
    const answer = await auth.signOut();
    if (mine !== checks) return;
    if (!answer.ok && answer.refusal.status !== 401) return notEnded(answer.refusal);
    ended();
  }

  function ended(): void {
    unheard.forget();
    state.value = { kind: "signed-out", notice: null };
    tabs.tell("changed");
  }

  /** It is told again until it has heard it: by a cookie that this page cannot delete they could come back. */
  function notEnded(why: Refusal): void {
    const { notEnded: said } = stateTexts.session;
    // Where nothing came back, there is no more to say.
    const notice = why.kind === "network" ? said : `${said} ${why.words}`;
    state.value = { kind: "signed-out", notice };
    const waitMs = Math.max(END_AGAIN_MS, why.retryAfterMs ?? 0);
    again = setTimeout(() => void check(null), waitMs);
  }

  async function changed(): Promise<void> {
    tabs.tell("changed");
    await check(stateTexts.session.ended);
  }

  function closed(isErased: boolean): void {
    checks += 1;
    become({ kind: "closed", isErased }, true);
    tabs.tell("changed");
  }

  async function retry(): Promise<void> {
    state.value = { kind: "loading" };
    await check(null);
  }

  tabs.hear(() => {
    // Whoever has signed in there since is not to be signed out from here.
    unheard.forget();
    void check(signedOutElsewhere);
  });
  const ends = [
    tabs.close,
    whenSeen(browser, () => {
      if (state.peek().kind !== "loading") void check(stateTexts.session.ended);
    }),
    listen(browser, "online", () => {
      if (state.peek().kind === "unreachable") void retry();
    }),
    // The back button may bring a page back as it stood, after somebody has signed out of another.
    listen(browser, "pageshow", (event) => {
      if (!("persisted" in event) || event.persisted !== true) return;
      if (state.peek().kind === "signed-in") state.value = { kind: "loading" };
      void check(null);
    }),
    () => token?.close(),
    () => {
      // What is still asked comes to nothing, and is not asked again.
      checks += 1;
      clearTimeout(again);
    },
  ];
  void check(null);

  return {
    state,
    ...createOffers(request),
    mails: createMails(request, targets),
    tokens: {
      get: async () => (await token?.get()) ?? SIGNED_OUT,
      renew: async (value) => (await token?.renew(value)) ?? SIGNED_OUT,
    },
    signIn: (email, password) => enter(auth.signIn(email, password)),
    signUp: (name, email, password) => enter(auth.signUp(name, email, password)),
    enterCode: (code, kind) => enter(auth.enterCode(code, kind)),
    signOut,
    changed,
    closed,
    retry,
    close: () => {
      for (const end of ends) end();
    },
  };
}

const SIGNED_OUT = {
  ok: false as const,
  refusal: {
    kind: "problem" as const,
    status: 401,
    code: "unauthenticated",
    words: stateTexts.api.signedOut,
    retryAfterMs: null,
  },
};

function refused(refusal: Refusal): { ok: false; words: string } {
  return { ok: false, words: refusal.words };
}

function isSame(one: Account, other: Account): boolean {
  const members = ["userId", "name", "email", "hasSecondFactor"] as const;
  return members.every((name) => one[name] === other[name]);
}
