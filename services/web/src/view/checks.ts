/** What a form can judge by itself, before it asks the server. Each gives words, or null when it is right. */
import { countCharacters, MOST_TITLE_CHARACTERS } from "../limits.ts";
import { texts } from "../texts.ts";

/** Source: `emailAndPassword` of the auth service. */
const PASSWORD_MIN = 12;
const PASSWORD_MAX = 128;

export function checkName(name: string): string | null {
  return name.trim() === "" ? texts.entrance.noName : null;
}

/** Only what can be no address: whether there is a mailbox is not for a pattern to say. */
export function checkEmail(email: string): string | null {
  return /^\S+@\S+$/.test(email.trim()) ? null : texts.entrance.noEmail;
}

export function checkNewPassword(password: string): string | null {
  if (password === "") return texts.entrance.noPassword;
  if (password.length < PASSWORD_MIN) return texts.entrance.shortPassword(password.length);
  return password.length > PASSWORD_MAX ? texts.entrance.longPassword : null;
}

/** As the server counts: code points after trimming. */
export function checkTitle(title: string): string | null {
  const length = countCharacters(title.trim());
  if (length === 0) return texts.tasks.noTitle;
  return length > MOST_TITLE_CHARACTERS ? texts.tasks.longTitle : null;
}
