/**
 * `npm test`: the tests on a real Postgres, which is TEST_DATABASE_URL (an owner with CREATEROLE
 * and CREATEDB) or, without it, one that is started here from the repository's own binaries.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PYTHON = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const POSTGRES = fileURLToPath(new URL("postgres.py", import.meta.url));
const TEST_LIMIT_MS = 30_000;

async function startPostgres(): Promise<{ url: string; server: ChildProcess }> {
  const server = spawn(PYTHON, [POSTGRES], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) return { url: line, server };
  throw new Error("no Postgres: run `make test` once, or set TEST_DATABASE_URL");
}

const given = process.env.TEST_DATABASE_URL;
const started = given === undefined ? await startPostgres() : null;
const files = process.argv.slice(2);
const tests = spawn(
  process.execPath,
  [
    "--test",
    `--test-timeout=${TEST_LIMIT_MS}`,
    "--test-concurrency=2",
    ...(files.length > 0 ? files : ["src/**/*.test.ts"]),
  ],
  { stdio: "inherit", env: { ...process.env, TEST_DATABASE_URL: given ?? started?.url } },
);
const [status] = await once(tests, "exit");
if (started !== null) {
  // The end of its input tells it to stop.
  started.server.stdin?.end();
  await once(started.server, "exit");
}
process.exitCode = status ?? 1;
