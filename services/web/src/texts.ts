/** Every word that the page says by itself, in English. Another language is another object of this type. */
import { MOST_TITLE_CHARACTERS } from "./limits.ts";

const LONG_TITLE = `A title has at most ${MOST_TITLE_CHARACTERS} characters.`;
const count = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

export const texts = {
  product: "taskchat",
  close: "Close",
  cancel: "Cancel",
  retry: "Retry",
  dismiss: "Dismiss",

  start: {
    loading: "Loading…",
    unreachable: "The page cannot reach its server",
    tryAgain: "Try again",
  },

  entrance: {
    promise: "Your tasks, by talking about them.",
    signIn: "Sign in",
    signUp: "Create an account",
    signUpButton: "Create account",
    working: "One moment…",
    name: "Name",
    email: "Email",
    password: "Password",
    passwordRules: "12 to 128 characters. A few unrelated words are easy to remember.",
    show: "Show",
    hide: "Hide",
    showLabel: "Show password",
    hideLabel: "Hide password",
    toSignUp: "New here?",
    toSignIn: "Have an account?",
    noName: "Enter the name you want to be called by.",
    noEmail: "Enter an email address, like ana@example.com.",
    noPassword: "Enter your password.",
    shortPassword: (length: number) =>
      `Use at least 12 characters: this has ${count(length, "character", "characters")}.`,
    longPassword: "Use at most 128 characters.",
    forgot: "Forgot your password?",
  },

  account: {
    open: (name: string) => `Account: ${name}`,
    page: "Account",
    signOut: "Sign out",
    loading: "Loading your account…",
    missing: "This part of the page could not be loaded. Check your connection, then try again.",
  },

  conversations: {
    heading: "Conversations",
    begin: "New conversation",
    untitled: "New conversation",
    search: "Search conversations",
    none: "What you talk about will be listed here.",
    noneFound: "No conversation has these words in its title.",
    more: "Show more",
    options: (title: string) => `Options for “${title}”`,
    rename: "Rename",
    renameLabel: "Title of the conversation",
    remove: "Delete",
    removeHeading: "Delete this conversation?",
    removeWords: (title: string) =>
      `“${title}” and its messages will be gone for good. Your tasks stay, and so does the record of what was done to them.`,
    removeButton: "Delete conversation",
  },

  chat: {
    messages: "Messages",
    you: "You said:",
    assistant: "Answer:",
    calls: "What was done:",
    table: "Table",
    doing: "In progress:",
    done: "Done:",
    failed: "Failed:",
    unknown: "Not known:",
    earlier: "Show earlier messages",
    latest: "Jump to latest",
    opening: "Opening the conversation…",
    sending: "Sending…",
    stopping: "Stopping…",
    choices: "Which one?",
    offline: "You are offline. You can read, and write your next message.",
    waiting: "You are offline. Your message is kept here, and is sent once when you are back.",
    simulated: "Simulated model: plain English only.",
  },

  composer: {
    label: "Message",
    placeholder: "Add or ask about a task…",
    send: "Send",
    stop: "Stop",
    keep: "Don’t send",
    keys: "Enter sends · Shift + Enter: new line · / returns here",
    left: (n: number) => `${count(n, "character", "characters")} left`,
    over: (n: number) => `${count(n, "character", "characters")} too many: 8,000 is the limit.`,
  },

  empty: {
    heading: "What is on your mind?",
    teach: "Write as you would to a person. For example:",
    examples: ["Add tasks to buy milk and to call mum", "What is still open?", "I bought the milk"],
    cannot: "taskchat keeps a list. It has no reminders and no due dates.",
  },

  tasks: {
    heading: "Tasks",
    open: (n: number) => `${n} open`,
    show: (n: number) => (n === 0 ? "Tasks" : `Tasks, ${n} open`),
    doneToday: (n: number) => `${n} done today`,
    add: "New task",
    addButton: "Add",
    noTitle: "Write what is to be done.",
    longTitle: LONG_TITLE,
    filter: "Show",
    filters: { open: "Open", done: "Done", all: "All" },
    loading: "Loading your tasks…",
    noneOpen: "Nothing is open.",
    noneDone: "Nothing is done yet.",
    none: "No tasks yet. Add one here, or say it in the chat.",
    rename: (title: string) => `Rename “${title}”`,
    renameLabel: "Title of the task",
    remove: (title: string) => `Delete “${title}”`,
    more: "Show more",
    moreOf: (title: string) => `Show more of “${title}”`,
    less: "Show less",
    lessOf: (title: string) => `Show less of “${title}”`,
    undo: "Undo",
    undoKeys: "Ctrl + Z",
    undoSpoken: (words: string) => `${words}. Control Z takes it back.`,
  },

  broken: {
    words:
      "This part of the page cannot be shown. Nothing of yours is lost: what you have said and your tasks are kept by the server.",
    reload: "Reload",
  },

  dates: { today: "Today", yesterday: "Yesterday" },

  official: {
    loading: "Loading OpenAI’s chat element…",
    frame: "Chat",
    missing:
      "OpenAI’s chat element could not be loaded: its address may be blocked here, or the domain key is not for this address. This is taskchat’s own chat, with the same conversations.",
  },
} as const;

/** What the page's state says, beside what the services say themselves. */
export const stateTexts = {
  api: {
    network: "The server cannot be reached. Check your connection, then try again.",
    timeout: "The server did not answer in time. Try again.",
    cut: "The connection was cut before the end. Try again.",
    unreadable: (status: number) =>
      `The server answered with something this page cannot read (${status}). Try again.`,
    signedOut: "You are not signed in any more. Sign in again.",
    wait: (seconds: number) =>
      seconds === 1 ? "Try again in a second." : `Try again in ${seconds} seconds.`,
    waitMinutes: (minutes: number) =>
      minutes === 1 ? "Try again in a minute." : `Try again in ${minutes} minutes.`,
    origin: (origin: string) =>
      `This page was opened at ${origin}, which may not talk to the server. Open it at its own address.`,
    internal: "Something went wrong on our side. Try again.",
    report: (traceId: string) =>
      `If it happens again, tell whoever runs this, with the number ${traceId}.`,
    conversationGone: "This conversation is not there, or not any more. Begin a new one.",
    again: " Try again in a moment.",
    running: "An answer is still being made in this conversation. Wait for it, then try again.",
    field: (message: string) => `It ${message}.`,
    budget: (when: string | null) =>
      `You have used up your share for now. It is renewed ${when ?? "within a day"}.`,
    at: (time: string) => `at ${time}`,
    tomorrowAt: (time: string) => `tomorrow at ${time}`,
    onDayAt: (day: string, time: string) => `on ${day} at ${time}`,
  },
  session: {
    ended: "You were signed out. Sign in again to go on.",
    signedOutElsewhere: "You were signed out in another tab.",
    notEnded:
      "You are signed out in this tab. The server does not know it yet, and is told again: keep this page open.",
  },
  chat: {
    tooLong: (length: number, most: number) =>
      `Your message has ${number(length)} characters, and ${number(most)} is the most. Shorten it, or send it in parts.`,
    reconnecting: "The connection was lost. Your message is safe; looking for the answer…",
    sendingAgain: "The connection was lost. Sending your message again…",
    busy: "Another answer is still being made. Your message is sent after it…",
    lost: "The connection was lost, and the server cannot be reached. Your message is safe: retry to see the answer.",
    unsure:
      "The server cannot be reached. Your message is still here: retry sends it, and never twice.",
    kept: (why: string) =>
      `Your message was not sent. It stays in the box below: send it again later. ${why}`,
    notSent: (why: string) => `Your message was not sent. ${why}`,
    failedBefore: "The last message has no answer. Retry to get one; nothing is done twice.",
    stoppedBefore: "You stopped this answer. Retry to go on with it; nothing is done twice.",
    stopFailed: (why: string) => `It could not be stopped. ${why}`,
  },
  profile: {
    browserOn: (browser: string, system: string) => `${browser} on ${system}`,
    program: (name: string) => `The program “${name}”`,
    unknown: "A device that does not say what it is",
  },
  threads: {
    untitled: "New conversation",
    emptyTitle: "A title needs at least one character.",
    longTitle: LONG_TITLE,
  },
  tasks: {
    emptyTitle: "A task needs a title.",
    longTitle: LONG_TITLE,
    tooMany: (most: number) => `Only the newest ${number(most)} tasks are shown.`,
    added: (title: string) => `Added “${title}”`,
    completed: (title: string) => `Completed “${title}”`,
    reopened: (title: string) => `Reopened “${title}”`,
    renamed: (title: string) => `Renamed to “${title}”`,
    deleted: (title: string) => `Deleted “${title}”`,
    deletedDone: (title: string) => `Deleted “${title}”. Undo adds it again, as an open task.`,
  },
} as const;

function number(value: number): string {
  return value.toLocaleString("en");
}
