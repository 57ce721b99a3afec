/** Which passwords are refused although they are long enough: those that are guessed first. */
import { LONG_ONES, WORDS } from "./common-passwords.ts";

/** What is known of the person whose password it shall be. */
export interface Owner {
  email?: string | undefined;
  name?: string | undefined;
}

const COMMON = new Set([...LONG_ONES.trim().split(/\s+/), ...WORDS.trim().split(/\s+/)]);
/** Ours, which no list of leaked passwords has. */
const OWN_WORDS = ["taskchat"];
/** What fingers and minds walk along; backwards too. */
const WALKS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  "qwertyuiop",
  "qwertzuiop",
  "asdfghjkl",
  "zxcvbnm",
  "yxcvbnm",
];
/** A word of somebody's own must leave so much that is not in it. */
const LEAST_OF_ITS_OWN = 6;
/** A walk of three keys may happen in a word. */
const LEAST_WALK = 4;
/** Different characters, at least: "aaaaaaaaaaab" has two. */
const LEAST_DIFFERENT = 5;

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Whether it is one short piece over and over, with a part of it at its end: "abcabcabcabca". */
function isRepeated(text: string): boolean {
  return [1, 2, 3, 4, 5, 6].some((length) => {
    const times = Math.ceil(text.length / length);
    return text.slice(0, length).repeat(times).startsWith(text);
  });
}

const BOTH_WAYS = WALKS.flatMap((walk) => [walk, [...walk].reverse().join("")]);

/** Whether it is made of walks alone: "qwertyuiop12345", "abcd1234efgh". */
function isWalked(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    let length = 0;
    while (
      at + length < text.length &&
      BOTH_WAYS.some((walk) => walk.includes(text.slice(at, at + length + 1)))
    ) {
      length += 1;
    }
    if (length < LEAST_WALK) return false;
    at += length;
  }
  return true;
}

/** Whether a password is one of those that are tried first. */
function isCommon(text: string): boolean {
  if (COMMON.has(text) || isRepeated(text) || isWalked(text)) return true;
  if (new Set(text).size < LEAST_DIFFERENT) return true;
  const letters = text.replace(/[^\p{L}]/gu, "");
  // One word, with figures and signs before, behind or in between, or said twice.
  const once = letters.slice(0, letters.length / 2);
  const said = letters === once + once ? once : letters;
  return letters === "" ? isFigures(text) : COMMON.has(said) || OWN_WORDS.includes(said);
}

/** Figures alone are a date or a telephone number: 10^12 guesses at most, and far fewer in fact. */
function isFigures(text: string): boolean {
  return /^[\d\s.,:/+-]+$/.test(text) && text.replace(/\D/g, "").length < 20;
}

/** Whether little is left of a password without the names of its owner. */
function isPersonal(text: string, { email = "", name = "" }: Owner): boolean {
  const [local = "", domain = ""] = folded(email).split("@");
  const words = [folded(email), local, domain, ...domain.split("."), ...folded(name).split(/\s+/)];
  const left = words
    .filter((word) => word.length >= 3)
    .sort((one, other) => other.length - one.length)
    .reduce((rest, word) => rest.replaceAll(word, ""), text);
  return left !== text && left.length < LEAST_OF_ITS_OWN;
}

/** What is wrong with a password: a code and words for its owner; or null. */
export function passwordProblem(
  password: string,
  owner: Owner,
): { code: string; message: string } | null {
  const text = folded(password);
  if (isCommon(text)) {
    const message =
      "This password is one of those that are guessed first. Take several words that do not " +
      "belong together.";
    return { code: "PASSWORD_TOO_COMMON", message };
  }
  if (isPersonal(text, owner)) {
    const message = "This password is little more than your name or address. Choose another one.";
    return { code: "PASSWORD_TOO_PERSONAL", message };
  }
  return null;
}
