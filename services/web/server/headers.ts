/** What a browser may do with the page: said with every file. */

/** Where OpenAI's own element comes from, and the frame that it opens. */
const OPENAI_CDN = "https://cdn.platform.openai.com";

export type Headers = Readonly<Record<string, string>>;

/**
 * The content security policy: files of this origin, and nothing inline.
 *
 * `official`: OpenAI's element is used. Their script then runs in the page and opens a frame of
 * theirs, in which their own policy rules. It is not to be pinned or read beforehand, so the two
 * things that it may trip over are not asked for either: Trusted Types, and no inline styles.
 */
export function contentSecurityPolicy(official: boolean): string {
  const own = official ? `'self' ${OPENAI_CDN}` : "'self'";
  return [
    "default-src 'none'",
    `script-src ${own}`,
    `style-src 'self'${official ? " 'unsafe-inline'" : ""}`,
    `img-src ${own}`,
    "font-src 'self'",
    `connect-src ${own}`,
    `frame-src ${official ? OPENAI_CDN : "'none'"}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(official ? [] : ["require-trusted-types-for 'script'", "trusted-types 'none'"]),
  ].join("; ");
}

/** The headers of every answer that is not passed on from a service. */
export function securityHeaders(official: boolean): Headers {
  return {
    "content-security-policy": contentSecurityPolicy(official),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}
