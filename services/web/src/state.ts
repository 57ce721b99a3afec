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
}

/** `notice`: why somebody who was signed in is not any more. */
export type SessionState =
  | { kind: "loading" }
  | { kind: "unreachable"; words: string }
  | { kind: "signed-out"; notice: string | null }
  | { kind: "signed-in"; account: Account };

/** Who is here. A second tab follows: signing in, out or as somebody else in one is that in all. */
export interface Session {
  readonly state: ReadonlySignal<SessionState>;
  signIn(email: string, password: string): Promise<Outcome>;
  signUp(name: string, email: string, password: string): Promise<Outcome>;
  signOut(): Promise<void>;
  changePassword(current: string, next: string): Promise<Outcome>;
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

/** Everything. It is made anew for each person who signs in, so that nothing of another stays. */
export interface PersonState {
  readonly account: Account;
  readonly conversation: Conversation;
  readonly threads: Threads;
  readonly tasks: Tasks;
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

export interface PageState {
  readonly config: PageConfig;
  readonly session: Session;
  /** null while nobody is signed in. */
  readonly person: ReadonlySignal<PersonState | null>;
}
