/** Every word on the way in that is more than a password: mails, codes, a closed account. */
export const mailTexts = {
  look: {
    heading: "Look into your mail",
    confirm: (email: string) =>
      `A mail is on its way to ${email}. Open the link in it to confirm that the address is yours, then sign in.`,
    unconfirmed: (email: string) =>
      `The address ${email} is not confirmed yet. Open the link in the mail that you got from us, or have a new one sent.`,
    reset: (email: string) =>
      `If there is an account for ${email}, a link to a new password is on its way.`,
    nothing: "Nothing there after a few minutes? Look among unwanted mail, and check the address.",
    mailbox: "Open the local mailbox",
    again: "Send it again",
    againIn: (seconds: number) => `Send it again in ${seconds} s`,
    sent: "It is sent again.",
    otherAddress: "Use another address",
    toSignIn: "Go to sign-in",
  },
  forgot: {
    heading: "A new password",
    words: "Enter your address. You get a mail with a link.",
    button: "Send the link",
  },
  reset: {
    heading: "Choose a new password",
    next: "New password",
    button: "Set the password",
    done: "Your new password is set. Sign in with it.",
    noToken: "Open the link in your mail once more, or have a new one sent.",
    newLink: "Send a new link",
  },
  verify: {
    done: "Your address is confirmed. You can sign in now.",
    doneHeading: "Your address is confirmed",
    goOn: "Go to your tasks",
    heading: "This link does not work any more",
    expired: "It is too old, or was used before. Enter your address to get a new one.",
    button: "Send a new link",
    signInFirst: "Sign in, then open the link in your mail once more.",
  },
  code: {
    heading: "One more step",
    app: "Enter the six digits that your authenticator app shows now.",
    appLabel: "Code",
    backup: "Enter one of your backup codes. Each works once.",
    backupLabel: "Backup code",
    toBackup: "Use a backup code",
    toApp: "Use the authenticator app",
    noCode: "Enter the code.",
    button: "Sign in",
  },
  closed: {
    heading: "Your account is closed",
    erased: "All that you have written here is deleted.",
    running:
      "Nobody can sign in to it any more. Your tasks, conversations and records are being deleted now, which takes some minutes. There is nothing left for you to do.",
    button: "Go to sign-in",
  },
} as const;
