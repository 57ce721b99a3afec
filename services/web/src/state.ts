/**
 * What the page knows and what a person can do: the only thing that components see.
 *
 * Signals are read by components and written by `session/`, `chat/` and `tasks/`. No method here
 * rejects: what goes wrong is said in words, in the outcome or in a signal.
 */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Item, Task } from "./protocol/items.ts";

/** Words are for the person, as they are shown. */
export type Outcome = { ok: true } | { ok: false; words: string };

export interface Account {
  userId: string;
  name: string;
  email: string;
  /** Signing in asks for a code, too. */
  hasSecondFactor: boolean;
}

/**
 * `notice`: why somebody who was signed in is not any more. `closed`: the account was deleted here;
 * `isErased`: and all that it had said is gone already.
 */
export type SessionState =
  | { kind: "loading" }
  | { kind: "unreachable"; words: string }
  | { kind: "signed-out"; notice: string | null }
  | { kind: "closed"; isErased: boolean }
  | { kind: "signed-in"; account: Account };

/**
 * How far somebody came by a password that was right: `in`; `mail`, when their address is to be
 * confirmed first; `second-factor`, when a code is to be entered.
 */
export type Entry =
  | { ok: true; next: "in" | "mail" | "second-factor" }
  | { ok: false; words: string };

/** `app`: six digits of an authenticator; `backup`: one of the codes that were given for its loss. */
export type CodeKind = "app" | "backup";

/** What this installation's auth service can do, beyond signing in. */
export interface Offers {
  mail: boolean;
  secondFactor: boolean;
  /** Export and deletion of everything; null until auth has said it. */
  erasure: boolean | null;
  /** Where mails can be read that go nowhere else: in development. */
  mailboxUrl: string | null;
}

/** What comes by mail. Each answers alike whether there is such an account or not. */
export interface Mails {
  /** The link that confirms an address. */
  verify(email: string): Promise<Outcome>;
  /** The link to a new password. */
  forgot(email: string): Promise<Outcome>;
  /** Args: token: out of that link. */
  reset(token: string, password: string): Promise<Outcome>;
}

/** Who is here. A second tab follows: signing in, out or as somebody else in one is that in all. */
export interface Session {
  readonly state: ReadonlySignal<SessionState>;
  readonly offers: ReadonlySignal<Offers>;
  readonly mails: Mails;
  signIn(email: string, password: string): Promise<Entry>;
  signUp(name: string, email: string, password: string): Promise<Entry>;
  /** After `second-factor`. */
  enterCode(code: string, kind: CodeKind): Promise<Entry>;
  signOut(): Promise<void>;
  /** Fill `offers`, where it is needed. */
  askOffers(): Promise<void>;
  /** Ask again who is here, after `unreachable`. */
  retry(): Promise<void>;
}

/**
 * `idle`: a message can be sent. `opening`: an older conversation is read. `sending`: the message
 * is on its way and not stored yet. `working`: it is stored, the turn runs. `stopping`: the person
 * has asked for the end. `waiting`: offline; what was typed is sent once when the network is back.
 */
export type Phase = "idle" | "opening" | "sending" | "working" | "stopping" | "waiting";

/**
 * Why the last turn has no answer. `canRetry`: `retry()` may bring it, and does nothing twice.
 * `isWanted`: the person has stopped it.
 */
export interface Failure {
  words: string;
  canRetry: boolean;
  isWanted?: boolean;
}

/** The conversation on the screen. */
export interface Conversation {
  /** null: nothing was said in it yet. */
  readonly threadId: ReadonlySignal<string | null>;
  readonly title: ReadonlySignal<string | null>;
  /** Oldest first. The last may still grow while `phase` is not `idle`. */
  readonly items: ReadonlySignal<readonly Item[]>;
  readonly hasEarlier: ReadonlySignal<boolean>;
  readonly phase: ReadonlySignal<Phase>;
  /** What is being done, where there is nothing better to show: `Thinking…`. */
  readonly progress: ReadonlySignal<string | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  /** What is in the composer. It is emptied when the message is stored, not before, and is kept over a reload. */
  readonly draft: Signal<string>;
  /** “Which one?”: what the last answer may have meant, as the words to answer with. */
  readonly choices: ReadonlySignal<readonly string[]>;
  /** What the screen reader is told: the last finished sentence or row. */
  readonly spoken: ReadonlySignal<string>;
  /** Send the draft, or these words instead of it. Does nothing when there is nothing to send. */
  send(words?: string): Promise<void>;
  stop(): Promise<void>;
  retry(): Promise<void>;
  /** Show a conversation; a turn of it that runs is followed. */
  open(threadId: string): Promise<void>;
  /** Show an empty one. */
  begin(): void;
  loadEarlier(): Promise<void>;
}

export interface ThreadSummary {
  id: string;
  title: string;
  createdAt: string;
}

/** The conversations of the person, newest first. */
export interface Threads {
  readonly all: ReadonlySignal<readonly ThreadSummary[]>;
  /** Those whose title has the words of `query`. */
  readonly found: ReadonlySignal<readonly ThreadSummary[]>;
  readonly query: Signal<string>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** Why the list could not be read. */
  readonly failure: ReadonlySignal<string | null>;
  loadMore(): Promise<void>;
  rename(threadId: string, title: string): Promise<Outcome>;
  remove(threadId: string): Promise<Outcome>;
}

export type TaskFilter = "open" | "done" | "all";

/** What was just done in the list, and can be taken back. */
export interface Undo {
  words: string;
  run(): Promise<void>;
}

/** The list beside the chat: current after every turn and click, without a reload. */
export interface Tasks {
  readonly all: ReadonlySignal<readonly Task[]>;
  /** By `filter`, newest first; with `open`, what was done today stays, struck through. */
  readonly shown: ReadonlySignal<readonly Task[]>;
  readonly filter: Signal<TaskFilter>;
  readonly openCount: ReadonlySignal<number>;
  readonly doneTodayCount: ReadonlySignal<number>;
  readonly isLoading: ReadonlySignal<boolean>;
  /** Tasks with a click under way. */
  readonly busy: ReadonlySignal<ReadonlySet<string>>;
  readonly undo: ReadonlySignal<Undo | null>;
  /** Why the last click did nothing. */
  readonly failure: ReadonlySignal<string | null>;
  load(): Promise<void>;
  add(title: string): Promise<Outcome>;
  setCompleted(task: Task, completed: boolean): Promise<void>;
  rename(task: Task, title: string): Promise<Outcome>;
  remove(task: Task): Promise<void>;
  dismissUndo(): void;
  dismissFailure(): void;
}

/** A session of this person. */
export interface Device {
  id: string;
  /** `Firefox on Windows`. */
  words: string;
  isCurrent: boolean;
  /** ISO 8601, as are all times. */
  since: string;
  address: string | null;
}

/** What an authenticator is told: by a picture, or typed. */
export interface NewSecondFactor {
  uri: string;
  secret: string;
  backupCodes: readonly string[];
}

/** What a person can see and do of their account. */
export interface Profile {
  /** Newest first; null: not read yet. */
  readonly devices: ReadonlySignal<readonly Device[] | null>;
  /** Why they could not be read. */
  readonly failure: ReadonlySignal<string | null>;
  loadDevices(): Promise<void>;
  endDevice(id: string): Promise<Outcome>;
  /** All but this one. */
  endOtherDevices(): Promise<Outcome>;
  /** A mail goes to the new address; with the link in it the change is made. */
  changeEmail(next: string): Promise<Outcome>;
  /** All other devices are signed out. */
  changePassword(current: string, next: string): Promise<Outcome>;
  /** It is asked for only once a code of it was entered. */
  beginSecondFactor(
    password: string,
  ): Promise<{ ok: true; factor: NewSecondFactor } | { ok: false; words: string }>;
  confirmSecondFactor(code: string): Promise<Outcome>;
  endSecondFactor(password: string): Promise<Outcome>;
  /** Everything that is known of them. */
  exported(): Promise<{ ok: true; file: Blob; name: string } | { ok: false; words: string }>;
  /** The account and everything of it, for good; the session is then `closed`. */
  erase(password: string): Promise<Outcome>;
}

/** Everything. It is made anew for each person who signs in, so that nothing of another stays. */
export interface PersonState {
  readonly account: Account;
  readonly conversation: Conversation;
  readonly threads: Threads;
  readonly tasks: Tasks;
  readonly profile: Profile;
  readonly isOnline: ReadonlySignal<boolean>;
  /** Where this person's ChatKit requests go: `/api/{user_id}/chat`. */
  readonly chatUrl: string;
  /**
   * `fetch` with this person's token, time zone and a key of its own. Rejects where `fetch` does: it
   * is for OpenAI's element alone, which makes its requests itself.
   */
  readonly authorizedFetch: typeof fetch;
  /** Ends all timers and streams of this person. */
  close(): void;
}

/** What the server of this page was told: `GET /config.json`. */
export interface PageConfig {
  /** Set: OpenAI's own element is used, with this key of theirs. */
  chatkitDomainKey: string | null;
  /** A simulated model answers: plain English only. */
  modelIsSimulated: boolean;
}

/** A page of its own: `talk` is the chat with the list; to the last two the links of mails lead. */
export type Place = "talk" | "account" | "reset-password" | "verify";

/** `Arrival.error` of a link that moves an account to another address, where nobody is signed in. */
export const NOT_SIGNED_IN = "SIGN_IN_FIRST";

/** What the link of a mail brought. `error`: why it did not work, as the auth service calls it. */
export interface Arrival {
  token: string | null;
  error: string | null;
}

export interface PageState {
  readonly config: PageConfig;
  readonly place: ReadonlySignal<Place>;
  readonly arrival: Arrival;
  go(path: string): void;
  readonly session: Session;
  /** null while nobody is signed in. */
  readonly person: ReadonlySignal<PersonState | null>;
}
