/** Every word that the page says by itself, in English. Another language is another object of this type. */

const count = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

export const texts = {
  product: "taskchat",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
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
  },

  account: {
    open: (name: string) => `Account: ${name}`,
    changePassword: "Change password",
    signOut: "Sign out",
    current: "Current password",
    next: "New password",
    noCurrent: "Enter your current password.",
    samePassword: "The new password is the same as the current one.",
    changed: "Your password is changed.",
    done: "Done",
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
      `“${title}” and all its messages will be gone for good. Your tasks stay.`,
    removeButton: "Delete conversation",
  },

  chat: {
    messages: "Messages",
    you: "You said:",
    assistant: "Answer:",
    calls: "What was done:",
    doing: "In progress:",
    done: "Done:",
    failed: "Failed:",
    unknown: "Not known:",
    earlier: "Show earlier messages",
    latest: "Jump to latest",
    opening: "Opening the conversation…",
    thinking: "Thinking…",
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
    longTitle: "A title has at most 200 characters.",
    filter: "Show",
    filters: { open: "Open", done: "Done", all: "All" },
    loading: "Loading your tasks…",
    noneOpen: "Nothing is open.",
    noneDone: "Nothing is done yet.",
    none: "No tasks yet. Add one here, or say it in the chat.",
    rename: (title: string) => `Rename “${title}”`,
    renameLabel: "Title of the task",
    remove: (title: string) => `Delete “${title}”`,
    doneAt: (when: string) => `done ${when}`,
    undo: "Undo",
    undoKeys: "Ctrl + Z",
    undoSpoken: (words: string) => `${words}. Control Z takes it back.`,
  },

  dates: { today: "Today", yesterday: "Yesterday" },

  official: {
    loading: "Loading OpenAI’s chat element…",
    frame: "Chat",
    missing:
      "OpenAI’s chat element could not be loaded: its address may be blocked here. This is taskchat’s own chat, with the same conversations.",
  },
} as const;
