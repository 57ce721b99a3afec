/** The service as it is shipped: the bundle, in a process of its own, spoken to over HTTP. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const ORIGIN = "http://localhost:3000";
export const SECRET = "only-for-tests-0123456789abcdefghijklmnopqrstuv";
export const PASSWORD = "correct horse battery staple";
const START_LIMIT_MS = 25_000;
const POLL_MS = 20;

export type Variables = Record<string, string>;

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Service {
  url: string;
  process: ChildProcess;
  /** Everything that it printed so far. */
  output(): string;
  /** Request a path; JSON bodies are given as objects. */
  fetch(
    path: string,
    init?: Omit<RequestInit, "headers"> & { json?: unknown; headers?: Variables },
  ): Promise<Response>;
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Settings that are right, for a database. */
export function variables(databaseUrl: string, more: Variables = {}): Variables {
  return {
    DATABASE_URL: databaseUrl,
    BETTER_AUTH_SECRET: SECRET,
    BETTER_AUTH_URL: "http://localhost:8001",
    ALLOWED_ORIGINS: ORIGIN,
    RATE_LIMIT_ENABLED: "false",
    METRICS_PORT: "",
    ...more,
  };
}

function start(command: string, args: string[], env: Variables): ChildProcess {
  const file = fileURLToPath(new URL(`../dist/${command}.js`, import.meta.url));
  return spawn(process.execPath, [file, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Collects what a process prints, and how it ends. */
function watch(child: ChildProcess) {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
    });
  }
  const finished = once(child, "close").then(([status]): Finished => ({ status, ...text }));
  return { text, finished };
}

/** Run one of the bundle's commands to its end; with `stopAt`, SIGTERM is sent when it says that. */
export function run(
  command: string,
  args: string[],
  env: Variables,
  stopAt?: string,
): Promise<Finished> {
  const child = start(command, args, env);
  const { text, finished } = watch(child);
  child.stdout?.on("data", () => {
    const said = stopAt !== undefined && text.stdout.includes(stopAt);
    if (said && !child.killed) child.kill("SIGTERM");
  });
  return finished;
}

/**
 * A port that nothing listens on, below those that the kernel gives to outgoing connections: one
 * of them could take it before the service does.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(randomInt(10_000, 32_768), "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return freePort();
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Start the service; it may not be ready yet. */
export async function startService(databaseUrl: string, more: Variables = {}): Promise<Service> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = start("server", [], variables(databaseUrl, { PORT: String(port), ...more }));
  const { text, finished } = watch(child);
  const service: Service = {
    url,
    process: child,
    output: () => text.stdout + text.stderr,
    fetch: (path, { json, ...init } = {}) => {
      // Node's fetch calls itself a browser (Sec-Fetch-Mode), and a browser names its page.
      const headers = new Headers({ origin: ORIGIN, ...init.headers });
      if (json === undefined) return fetch(url + path, { ...init, headers });
      headers.set("content-type", "application/json");
      return fetch(url + path, { method: "POST", ...init, headers, body: JSON.stringify(json) });
    },
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return finished;
    },
  };
  await until("the service listens", async () => {
    if (child.exitCode !== null) throw new Error(`the service ended: ${service.output()}`);
    return await service.fetch("/healthz").then(
      (answer) => answer.ok,
      () => false,
    );
  });
  return service;
}

/** Start the service and wait until it is ready. */
export async function readyService(databaseUrl: string, more?: Variables): Promise<Service> {
  const service = await startService(databaseUrl, more);
  await until("the service is ready", async () => (await service.fetch("/readyz")).ok);
  return service;
}

/** Wait for a state, at most 25 seconds: some machines do much else. */
export async function until(state: string, reached: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`not within 25 s: ${state}`);
    await wait(POLL_MS);
  }
}

export interface Person {
  email: string;
  userId: string;
  /** Authorization header with the signed session token. */
  authorization: string;
}

let people = 0;

/** Sign a new person up. */
export async function signUp(service: Service): Promise<Person> {
  people += 1;
  const email = `person-${process.pid}-${people}@example.com`;
  const answer = await service.fetch("/api/auth/sign-up/email", {
    json: { email, password: PASSWORD, name: "Ada Lovelace" },
  });
  if (!answer.ok) throw new Error(`sign-up: ${answer.status} ${await answer.text()}`);
  const { user } = (await answer.json()) as { user: { id: string } };
  const token = answer.headers.get("set-auth-token");
  return { email, userId: user.id, authorization: `Bearer ${token}` };
}

/** A fresh token of a person. */
export async function token(service: Service, person: Person): Promise<string> {
  const headers = { authorization: person.authorization };
  const answer = await service.fetch("/api/auth/token", { headers });
  if (!answer.ok) throw new Error(`token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}
