/** What a person may be called, and which picture they may have: others will show both. */
import { APIError } from "better-auth/api";
import type { Hook } from "./hooks.ts";

export const NAME_LIMIT_CHARACTERS = 200;
export const IMAGE_LIMIT_BYTES = 2048;

/**
 * What changes how the text around it is shown: control characters, line and paragraph separators,
 * lone surrogates, and the marks, embeddings, overrides and isolates of direction.
 * Source: Unicode UAX #9 section 2, General_Category Cc, Zl, Zp and Cs.
 */
const STEERS_TEXT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Tag characters, which nobody sees, but for the flags that are made of them (UTS #51, RGI). */
const TAGS = /[\u{E0000}-\u{E007F}]/u;
const FLAGS = /\u{1F3F4}\u{E0067}\u{E0062}[\u{E0061}-\u{E007A}]{3}\u{E007F}/gu;

/** What people see something of. As of a task's title (libs/servicekit, `text.py`). */
const VISIBLE = /[^\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]/u;

/** What is wrong with a name, in words for its owner, or null. */
export function nameProblem(name: unknown): string | null {
  if (typeof name !== "string" || !VISIBLE.test(name)) return "Enter a name.";
  if ([...name].length > NAME_LIMIT_CHARACTERS) {
    return `A name may have at most ${NAME_LIMIT_CHARACTERS} characters.`;
  }
  if (TAGS.test(name.replace(FLAGS, ""))) {
    return "A name may not have tag characters, which nobody sees.";
  }
  return STEERS_TEXT.test(name)
    ? "A name may not have line breaks, control characters or marks that change the direction of text."
    : null;
}

/** What is wrong with a picture's address, in words for its owner, or null. */
export function imageProblem(image: unknown): string | null {
  if (typeof image !== "string" || Buffer.byteLength(image) > IMAGE_LIMIT_BYTES) {
    return `The address of a picture may have at most ${IMAGE_LIMIT_BYTES} bytes.`;
  }
  const url = STEERS_TEXT.test(image) ? null : URL.parse(image);
  const secure = url !== null && url.protocol === "https:" && url.username === "";
  return secure ? null : "The address of a picture must begin with https://.";
}

/** Before sign-up and a change of the profile: refuse, with 422, what nobody should have to show. */
export const refuseUnfitProfile: Hook = (context) => {
  const { path } = context;
  if (path !== "/sign-up/email" && path !== "/update-user") return Promise.resolve(undefined);
  const { name, image } = (context.body ?? {}) as { name?: unknown; image?: unknown };
  // A sign-up without a name is no sign-up, which Better Auth says.
  const named = path === "/sign-up/email" ? typeof name === "string" : name !== undefined;
  refuse("INVALID_NAME", named ? nameProblem(name) : null);
  // null takes the picture away.
  refuse("INVALID_IMAGE", image === undefined || image === null ? null : imageProblem(image));
  return Promise.resolve(undefined);
};

function refuse(code: string, message: string | null): void {
  if (message !== null) throw new APIError("UNPROCESSABLE_ENTITY", { code, message });
}
