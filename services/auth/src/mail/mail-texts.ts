/**
 * The mails, in plain words. Nothing in them was chosen by whoever caused them, no name either: a
 * stranger could make us send their text to anybody.
 */
import type { Mail } from "./outbox.ts";

/** How long a link to confirm an address is good. */
export const CONFIRM_LINK_SECONDS = 24 * 60 * 60;
/** How long a link to choose a password is good: it opens an account that has something in it. */
export const RESET_LINK_SECONDS = 60 * 60;

const NOT_YOU = "If this was not you, do nothing, and do not open the link.";
const SIGNATURE = "-- \ntaskchat. Nobody reads answers to this address.";

function written(kind: string, to: string, subject: string, ...parts: string[]): Mail {
  return { kind, to, subject, text: `${[...parts, SIGNATURE].join("\n\n")}\n` };
}

/** To an address that somebody signed up with. */
export function confirmAddress(to: string, link: string): Mail {
  return written(
    "confirm_address",
    to,
    "Confirm your address for taskchat",
    "Somebody signed up for taskchat with this address. If it was you, confirm it:",
    link,
    `The link is good for a day. Then sign in with the password that you chose. ${NOT_YOU}`,
  );
}

/** To an address that has an account, with which somebody signed up again. */
export function accountExists(to: string, page: string): Mail {
  return written(
    "account_exists",
    to,
    "You have a taskchat account already",
    "Somebody signed up for taskchat with this address, which has an account already. Nothing " +
      "has changed. If it was you, sign in, or ask there for a new password:",
    page,
    "If this was not you, there is nothing to do.",
  );
}

/** To an address that nobody has confirmed and two have signed up with. */
export function claimAccount(to: string, link: string): Mail {
  return written(
    "claim_account",
    to,
    "Choose a password for taskchat",
    "Somebody signed up for taskchat with this address more than once, with different passwords, " +
      "and nobody has confirmed it. None of those passwords works. If you want the account, " +
      "choose a password:",
    link,
    `The link is good for an hour. ${NOT_YOU}`,
  );
}

/** To a person who forgot the password. */
export function resetPassword(to: string, link: string): Mail {
  return written(
    "reset_password",
    to,
    "Choose a new password for taskchat",
    "Somebody asked for a new password for your taskchat account. If it was you, choose one:",
    link,
    `The link is good for an hour, and once. ${NOT_YOU} Your password stays as it is.`,
  );
}

/** To the address that an account shall move to. */
export function confirmNewAddress(to: string, link: string): Mail {
  return written(
    "confirm_new_address",
    to,
    "Confirm your new address for taskchat",
    "Somebody wants to use this address for their taskchat account. If it was you, confirm it in " +
      "the browser in which you are signed in:",
    link,
    `The link is good for a day. ${NOT_YOU}`,
  );
}

/** To the address that an account may leave. */
export function addressWillChange(to: string, page: string): Mail {
  return written(
    "address_will_change",
    to,
    "Your taskchat address is about to change",
    "Somebody who is signed in to your taskchat account asked to move it to another address. It " +
      "moves when the other address is confirmed.",
    `If this was not you, change your password now; that ends all other sessions:\n\n${page}`,
  );
}

/** To the address that an account has left. */
export function addressChanged(to: string, page: string): Mail {
  return written(
    "address_changed",
    to,
    "Your taskchat address has changed",
    "Your taskchat account has moved to another address. This one opens it no more.",
    `If this was not you, tell who runs this taskchat:\n\n${page}`,
  );
}

/** To a person whose password is another one now. */
export function passwordChanged(to: string, page: string): Mail {
  return written(
    "password_changed",
    to,
    "Your taskchat password has changed",
    "The password of your taskchat account has been changed, and all other sessions have ended.",
    `If this was not you, ask for a new password now:\n\n${page}`,
  );
}

/** To a person who was let in by a program that was not known. */
export function newSignIn(to: string, at: Date, address: string | null, page: string): Mail {
  const from = address === null ? "" : ` from the network address ${address}`;
  return written(
    "new_sign_in",
    to,
    "A new sign-in to your taskchat account",
    `Somebody signed in to your taskchat account at ${at.toISOString().slice(0, 16)}Z${from}, ` +
      "with a browser or program that you had not used lately.",
    `If this was not you, change your password now; that ends all other sessions:\n\n${page}`,
  );
}
