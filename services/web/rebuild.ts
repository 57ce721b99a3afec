/**
 * `node rebuild.ts FOLDER`: builds the page in FOLDER and serves it, and again when a source changes.
 *
 * The image's `dev` target runs this, and no other does. Beside this file lie `src`, the sources of
 * the image, with which FOLDER is filled when it is not there yet, and `node_modules`. A build that
 * fails is shown, and the page from before stays.
 *
 * As a container's first process it hands SIGTERM on, and ends as the server does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, cp, readdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const HERE = import.meta.dirname;
const POLL_MS = 100;
/** What open requests get at a restart. */
const RESTART_MS = 2_000;
/** As `npm run build`; the configuration is read as it lies there, because nothing can be written beside it. */
const STEPS = [
  ["node_modules/vite/bin/vite.js", "build", "--configLoader=native", "--logLevel=warn"],
  ["build-server.ts"],
];
const NO_SOURCES = new Set(["dist", "node_modules"]);

/** Serve until told to stop; the server's exit code. */
async function main(folder: string): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => stopping.abort());
  await fill(folder);
  let seen = await look(folder);
  let server = (await isBuilt(folder)) ? serve(folder) : null;
  let changed = false;
  while (await isQuietFor(POLL_MS, stopping.signal)) {
    const now = await look(folder);
    if (now !== seen) {
      seen = now;
      changed = true; // more may follow: wait until nothing does
    } else if (changed) {
      changed = false;
      if (!(await isBuilt(folder))) continue;
      if (server !== null) await stop(server, RESTART_MS);
      server = serve(folder);
    }
  }
  return server === null ? 0 : await stop(server, null);
}

/** The sources of the image, where there are none from an earlier start. */
async function fill(folder: string): Promise<void> {
  try {
    await access(folder);
  } catch {
    await cp(join(HERE, "src"), folder, { recursive: true });
    await symlink(join(HERE, "node_modules"), join(folder, "node_modules"));
  }
}

/** Every source with its time and size. */
async function look(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => !NO_SOURCES.has(name));
  return (await Promise.all(names.map((name) => lookAt(join(folder, name))))).join("\n");
}

async function lookAt(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null); // being replaced just now
  if (found === null) return path;
  if (!found.isDirectory()) return `${path} ${found.mtimeNs} ${found.size}`;
  return await look(path);
}

async function isBuilt(folder: string): Promise<boolean> {
  const began = performance.now();
  for (const step of STEPS) {
    const build = spawn(process.execPath, step, { cwd: folder, stdio: "inherit" });
    const [code] = await once(build, "exit");
    if (code === 0) continue;
    say("the build has failed; it is tried again when a source changes");
    return false;
  }
  say(`built in ${Math.round(performance.now() - began)} ms`);
  return true;
}

function serve(folder: string): ChildProcess {
  const server = spawn(process.execPath, ["dist/server.js"], { cwd: folder, stdio: "inherit" });
  server.once("exit", (code) => {
    if (!server.killed) say(`the server ended with ${code}; it starts again when a source changes`);
  });
  return server;
}

/** End it, in order if it does so in time; its exit code, 1 if it was killed. */
async function stop(server: ChildProcess, limitMs: number | null): Promise<number> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, "exit");
    const kill = limitMs === null ? null : setTimeout(() => server.kill("SIGKILL"), limitMs);
    server.kill("SIGTERM");
    await ended;
    if (kill !== null) clearTimeout(kill);
  }
  return server.exitCode ?? 1;
}

async function isQuietFor(milliseconds: number, stopping: AbortSignal): Promise<boolean> {
  await wait(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
  return !stopping.aborted;
}

/** Tell the developer, beside the server's own log. */
function say(words: string): void {
  process.stderr.write(`${words}\n`);
}

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("node rebuild.ts FOLDER");
process.exit(await main(folder));
