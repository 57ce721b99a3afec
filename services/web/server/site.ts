/**
 * The built page, read once: what is asked for is looked up among these paths and never in the
 * file system, so no spelling of a path leads out of it.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
const IS_COMPRESSED = new Set([".png", ".ico", ".woff2"]);
/** Below this, headers weigh more than what is saved. */
const LEAST_COMPRESSED_BYTES = 512;
/** A year; the name of such a file has a hash of its contents. */
const FOREVER = "public, max-age=31536000, immutable";
const A_DAY = "public, max-age=86400";
/** Kept, but never used without asking: a new version is there at the next visit. */
const ASK_EACH_TIME = "no-cache";

export type Encoding = "br" | "gzip" | "identity";

type Bytes = Uint8Array<ArrayBuffer>;
type Bodies = { identity: Bytes } & { [encoding in Exclude<Encoding, "identity">]?: Bytes };

export interface SiteFile {
  type: string;
  cacheControl: string;
  /** The bytes in each encoding that makes them fewer. */
  bodies: Bodies;
  /** Strong, of the bytes as they are. */
  hash: string;
}

/** Files by the path that they are asked for with. */
export type Site = ReadonlyMap<string, SiteFile>;

/** Read a folder. Throws where there is none, or no index.html in it. */
export async function readSite(folder: string): Promise<Site> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const site = new Map<string, SiteFile>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length).split(sep).join("/").replace(/^\/*/, "/");
    site.set(path, siteFile(path, await readFile(file)));
  }
  const index = site.get("/index.html");
  if (index === undefined) throw new Error(`no index.html in ${folder}: run npm run build`);
  site.delete("/index.html");
  return site.set("/", index);
}

/** A file that is made here rather than built. */
export function siteFile(path: string, content: Buffer): SiteFile {
  const bytes = new Uint8Array(content);
  const kind = extname(path);
  const bodies: Bodies = { identity: bytes };
  if (bytes.length >= LEAST_COMPRESSED_BYTES && !IS_COMPRESSED.has(kind)) {
    bodies.br = new Uint8Array(brotliCompressSync(bytes, { params: BROTLI }));
    bodies.gzip = new Uint8Array(gzipSync(bytes, { level: 9 }));
  }
  return {
    type: TYPES[kind] ?? "application/octet-stream",
    cacheControl: cacheControl(path, kind),
    bodies,
    hash: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
  };
}

/** 9 of 11: 20 ms of CPU for the whole page where 11 takes 170, for 6 % more bytes; a start waits for it. */
const BROTLI = { [constants.BROTLI_PARAM_QUALITY]: 9 };

function cacheControl(path: string, kind: string): string {
  if (path.startsWith("/assets/")) return FOREVER;
  return kind === ".html" || kind === ".json" ? ASK_EACH_TIME : A_DAY;
}
