/** What the page's state says in words, beside what the services say themselves. */
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
    running: "An answer is still being made in this conversation. Wait for it, then try again.",
    field: (message: string) => `It ${message}.`,
  },
  session: {
    ended: "You were signed out. Sign in again to go on.",
    signedOutElsewhere: "You were signed out in another tab.",
    notEnded: "Your session could not be ended at the server: sign in and out again.",
  },
  chat: {
    tooLong: (length: number, most: number) =>
      `Your message has ${number(length)} characters, and ${number(most)} is the most. Shorten it, or send it in parts.`,
    waiting: "You are offline. Your message is sent when the network is back.",
    reconnecting: "The connection was lost. Your message is safe; looking for the answer…",
    sendingAgain: "The connection was lost. Sending your message again…",
    busy: "Another answer is still being made. Your message is sent after it…",
    lost: "The connection was lost, and the server cannot be reached. Your message is safe: retry to see the answer.",
    notSent: (why: string) => `Your message was not sent. ${why}`,
    failedBefore: "The last message has no answer. Retry to get one; nothing is done twice.",
    stoppedBefore: "You stopped this answer. Retry to go on with it; nothing is done twice.",
    stopFailed: (why: string) => `It could not be stopped. ${why}`,
  },
  threads: {
    untitled: "New conversation",
    emptyTitle: "A title needs at least one character.",
    longTitle: "A title has at most 200 characters.",
  },
  tasks: {
    emptyTitle: "A task needs a title.",
    longTitle: "A title has at most 200 characters.",
    tooMany: (most: number) => `Only the newest ${number(most)} tasks are shown.`,
    added: (title: string) => `Added “${title}”`,
    completed: (title: string) => `Completed “${title}”`,
    reopened: (title: string) => `Reopened “${title}”`,
    renamed: (title: string) => `Renamed to “${title}”`,
    deleted: (title: string) => `Deleted “${title}”`,
    deletedDone: (title: string) => `Deleted “${title}”. Undo adds it again, as an open task.`,
  },
};

function number(value: number): string {
  return value.toLocaleString("en");
}
