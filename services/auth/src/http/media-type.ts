/**
 * Bodies are JSON, and nothing else. At sign-in and sign-up Better Auth reads forms too, of which
 * the audit would not find the address and a second sign-up not the password.
 */

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** RFC 9110 section 5.6.6. */
const PARAMETER = `;[ \\t]*(?:(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")[ \\t]*)?`;
const JSON_TYPE = new RegExp(`^application/json[ \\t]*(?:${PARAMETER})*$`, "i");

/**
 * Whether a body is declared as plain JSON in UTF-8, as the Python services take it
 * (servicekit/media_type.py).
 *
 * Source: RFC 8259 section 11: application/json has no parameters; charset=utf-8 does no harm.
 */
export function isPlainJson(headers: Headers): boolean {
  // Said twice it has arrived joined by a comma, and is no type.
  const type = headers.get("content-type")?.trim() ?? "";
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (!JSON_TYPE.test(type) || coding !== "identity") return false;
  return [...type.matchAll(new RegExp(PARAMETER, "g"))].every(
    ([, name, value]) =>
      name === undefined || (name.toLowerCase() === "charset" && /^"?utf-?8"?$/i.test(value ?? "")),
  );
}
