/**
 * Hashes of passwords: Argon2id at OWASP's floor, the row of 19 MiB and two passes.
 * Source: OWASP Password Storage Cheat Sheet, "Argon2id"; RFC 9106.
 */
import { argon2, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { bounded } from "./password-work.ts";

const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** PHC string format: its salt and key are base64 without padding. */
const PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";

/** What Better Auth 1.7.7 hashes with by itself: `salt:key` in hex, the salt taken as text. */
const OLD_COST = { N: 2 ** 14, r: 16, p: 1, maxmem: 64 * 1024 * 1024 };
const OLD_KEY_BYTES = 64;

type Derived = (error: Error | null, key: Buffer) => void;

/** Wait for a hash's turn, and compute it in a thread of libuv's pool. */
function derived(start: (done: Derived) => void): Promise<Buffer> {
  return bounded(
    () =>
      new Promise((resolve, reject) =>
        start((error, key) => (error === null ? resolve(key) : reject(error))),
      ),
  );
}

// NFKC, as Better Auth does: a password typed on another keyboard is the same one.
const asText = (password: string) => password.normalize("NFKC");

function derive(password: string, nonce: Buffer): Promise<Buffer> {
  const options = { ...COST, message: asText(password), nonce, tagLength: KEY_BYTES };
  return derived((done) => argon2("argon2id", options, done));
}

function deriveOld(password: string, salt: string): Promise<Buffer> {
  return derived((done) => scrypt(asText(password), salt, OLD_KEY_BYTES, OLD_COST, done));
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

/** A new hash of a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return `${PREFIX}${base64(salt)}$${base64(await derive(password, salt))}`;
}

/** Whether a hash is of an older kind, and should be made anew when the password is there. */
export function isOld(hash: string): boolean {
  return !hash.startsWith(PREFIX);
}

/** Whether a password is the one that was hashed, now or by Better Auth's own function. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  if (isOld(hash)) {
    const [salt = "", key = ""] = hash.split(":");
    return same(Buffer.from(key, "hex"), await deriveOld(password, salt));
  }
  const [salt = "", key = ""] = hash.slice(PREFIX.length).split("$");
  // A salt that was cut short is none that Argon2 takes.
  const nonce = Buffer.from(salt, "base64");
  if (nonce.length !== SALT_BYTES) return false;
  return same(Buffer.from(key, "base64"), await derive(password, nonce));
}

function same(expected: Buffer, key: Buffer): boolean {
  return expected.length === key.length && timingSafeEqual(expected, key);
}
