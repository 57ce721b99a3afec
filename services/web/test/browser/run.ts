/**
 * `npm run test:browser [FILES]`: the page in a real browser on the whole system, which is started
 * here from the repository's own parts. Where there is no browser it says so and is done; with
 * TASKCHAT_REQUIRE_TOOLS=1 that is a failure.
 *
 * On a system that runs already (tests/cluster): TASKCHAT_STACK says where it is, as stack.py does,
 * and TASKCHAT_HOSTS, as Chromium's `--host-resolver-rules`, where its names are to be found.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const PYTHON = fileURLToPath(new URL("../../../../.venv/bin/python", import.meta.url));
const STACK = fileURLToPath(new URL("stack.py", import.meta.url));
/** Against what hangs: a test takes seconds, and ten times that on a machine that is busy. */
const TEST_LIMIT_MS = 180_000;
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

function findBrowser(): string | undefined {
  const named = process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(":");
  const found = PROGRAMS.flatMap((name) => folders.map((folder) => `${folder}/${name}`));
  return named ?? [...PROGRAMS.map((name) => `/usr/bin/${name}`), ...found].find(existsSync);
}

async function startStack(): Promise<{ urls: string; stack?: ChildProcess }> {
  const urls = process.env.TASKCHAT_STACK;
  if (urls !== undefined) return { urls };
  const stack = spawn(PYTHON, [STACK], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: stack.stdout })) return { urls: line, stack };
  throw new Error("the system could not be started: run `make run` once");
}

const hosts = process.env.TASKCHAT_HOSTS;
const executablePath = findBrowser();
if (executablePath === undefined) {
  const isRequired = process.env.TASKCHAT_REQUIRE_TOOLS === "1";
  const words = "no browser: install chromium, or set CHROMIUM to where one is";
  process.stdout.write(`${isRequired ? "failed" : "skipped"}: ${words}\n`);
  process.exit(isRequired ? 1 : 0);
}

const [{ urls, stack }, browser] = await Promise.all([
  startStack(),
  chromium.launchServer({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      ...(hosts === undefined ? [] : [`--host-resolver-rules=${hosts}`]),
    ],
  }),
]);
const chosen = process.argv.slice(2);
const files = chosen.length > 0 ? chosen : globSync(`${import.meta.dirname}/*.test.ts`).sort();
// A script that is no test reads the same variables: pictures, measurements.
const isTest = files.every((file) => file.endsWith(".test.ts"));
const options = [`--test-timeout=${TEST_LIMIT_MS}`, "--test-concurrency=2", "--test"];
const tests = spawn(process.execPath, [...(isTest ? options : []), ...files], {
  stdio: "inherit",
  env: { ...process.env, TASKCHAT_STACK: urls, TASKCHAT_BROWSER: browser.wsEndpoint() },
});
const [status] = await once(tests, "exit");
await browser.close();
// The end of its input tells it to stop.
stack?.stdin?.end();
if (stack !== undefined) await once(stack, "exit");
process.exitCode = status ?? 1;
