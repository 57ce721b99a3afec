/** Which links of an answer may be followed: an answer is what a model wrote, and may be meant to harm. */

const SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/** The link as it is followed, or null when it is shown as text only: another scheme, or no absolute address. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return SCHEMES.has(url.protocol) && url.username === "" && url.password === "" ? url.href : null;
}
