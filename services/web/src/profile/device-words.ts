/** Which browser on which machine, as far as it says so itself. Chromium's others name Chrome, too: first match. */
import { stateTexts } from "../texts.ts";

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
/** An iPad calls itself a Mac; Android names Linux, too. */
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMacintosh\b|\bMac OS X\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
];

/** `Firefox on Windows`; a program by its own name. */
export function deviceWords(userAgent: string | null): string {
  const find = (known: readonly [RegExp, string][]) =>
    known.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  if (browser !== undefined) {
    return system === undefined ? browser : stateTexts.profile.browserOn(browser, system);
  }
  const program = /^([\w.-]{1,40})\//.exec(userAgent ?? "")?.[1];
  if (program === undefined || program === "Mozilla") return system ?? stateTexts.profile.unknown;
  return stateTexts.profile.program(program);
}
