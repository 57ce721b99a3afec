/**
 * A server that stands in for all of them at the page's border: what it answers is told by the test,
 * request by request. Streams are real ones, and can be cut in the middle.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request of the protocol, as it came. */
export interface Asked {
  type: string;
  params: Record<string, unknown>;
  key: string | undefined;
  headers: IncomingMessage["headers"];
}

export type Answer = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export interface Account {
  id: string;
  name: string;
  email: string;
  twoFactorEnabled?: boolean;
}

export interface StandIn {
  readonly origin: string;
  /** Requests of the protocol in order; stops and clicks are named by their action. */
  readonly asked: Asked[];
  /** Paths of the auth service, in order. */
  readonly auth: string[];
  /** Who is signed in, whatever the cookie. */
  account: Account | null;
  /** Seconds that a token lives. */
  tokenLife: number;
  /** Answer the next request of this type with the first of these, and so on; the last one stays. */
  on(type: string, ...answers: Answer[]): void;
  /** The same, for a path of the auth service. */
  onAuth(path: string, answer: (response: ServerResponse, body: string) => void): void;
  of(type: string): Asked[];
  close(): Promise<void>;
}

export const ADA: Account = {
  id: "3bf9b2de-50c8-444f-985e-c53b7feb8581",
  name: "Ada",
  email: "ada@example.com",
};

export function json(value: unknown): Answer {
  return (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
}

export function problem(
  status: number,
  code: string,
  detail: string,
  more: { retryAfter?: number; members?: object } = {},
): Answer {
  return (_, response) => {
    response.statusCode = status;
    response.setHeader("content-type", "application/problem+json");
    if (more.retryAfter !== undefined) response.setHeader("retry-after", more.retryAfter);
    response.end(JSON.stringify({ title: code, status, detail, code, ...more.members }));
  };
}

/** The auth service says no. */
export function refuse(status: number, body: object, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/problem+json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** data: of each event. */
export function streamed(data: readonly string[]): Answer {
  return (_, response) => {
    open(response);
    response.end(data.map(frame).join(""));
  };
}

/** So many events, then nothing more comes and the connection breaks. */
export function cutAfter(data: readonly string[], events: number): Answer {
  return (_, response) => {
    open(response);
    response.write(data.slice(0, events).map(frame).join(""), () => response.destroy());
  };
}

/** These now; the rest when `go` resolves. */
export function heldAfter(data: readonly string[], events: number, go: Promise<void>): Answer {
  return async (_, response) => {
    open(response);
    response.write(data.slice(0, events).map(frame).join(""));
    await go;
    response.end(data.slice(events).map(frame).join(""));
  };
}

/** The connection breaks before there is an answer. */
export const BROKEN: Answer = (_, response) => void response.destroy();

/** What a tool gave back to a click. */
export function clicked(tool: string, output: object): Answer {
  const data = { id: "0198", tool, arguments: {}, output };
  return streamed([JSON.stringify({ type: "client_effect", name: "tool_result", data })]);
}

/** A click to which the tool said no. */
export function refusedClick(tool: string, code: string, message: string): Answer {
  const data = { id: "0198", tool, arguments: {}, output: null, error: { code, message: "…" } };
  return streamed([
    JSON.stringify({ type: "client_effect", name: "tool_result", data }),
    JSON.stringify({ type: "error", code: "custom", message, allow_retry: false }),
  ]);
}

/** Something that waits until the test lets it go on. */
export function door(): { go: Promise<void>; open(): void } {
  let open = () => {};
  const go = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { go, open: () => open() };
}

function open(response: ServerResponse): void {
  response.setHeader("content-type", "text/event-stream");
  response.flushHeaders();
}

function frame(data: string): string {
  return `data: ${data}\n\n`;
}

export async function standIn(): Promise<StandIn> {
  const asked: Asked[] = [];
  const auth: string[] = [];
  const answers = new Map<string, Answer[]>([
    ["threads.list", [json({ data: [], has_more: false })]],
    ["tasks.list", [clicked("list_tasks", { tasks: [], total: 0, next_cursor: null })]],
  ]);
  const authAnswers = new Map<string, (response: ServerResponse, body: string) => void>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const path = new URL(request.url ?? "", "http://localhost").pathname;
    if (path.startsWith("/api/auth")) answerAuth(path, body, response);
    else await answer(request, body, response);
  });

  async function answer(request: IncomingMessage, body: string, response: ServerResponse) {
    const { type, params } = JSON.parse(body) as Pick<Asked, "type" | "params">;
    const action = params.action as { type: string } | undefined;
    const key = request.headers["idempotency-key"] as string | undefined;
    const one = { type: action?.type ?? type, params, key, headers: request.headers };
    asked.push(one);
    const left = answers.get(one.type) ?? [problem(404, "not_found", `no answer to ${one.type}`)];
    const next = left.length > 1 ? left.shift() : left[0];
    await next?.(one, response);
  }

  function answerAuth(path: string, body: string, response: ServerResponse): void {
    const name = path.slice("/api/auth".length);
    auth.push(name);
    const own = authAnswers.get(name);
    response.setHeader("content-type", "application/json");
    if (own !== undefined) {
      own(response, body);
    } else if (name === "/get-session") {
      response.end(JSON.stringify(self.account && { user: self.account, session: { id: "1" } }));
    } else if (name === "/token" && self.account !== null) {
      response.end(JSON.stringify({ token: token(self.tokenLife) }));
    } else if (name === "/sign-in/email" || name === "/sign-up/email") {
      self.account = ADA;
      response.end(JSON.stringify({ user: ADA, token: "session" }));
    } else if (name === "/sign-out") {
      self.account = null;
      response.end(JSON.stringify({ success: true }));
    } else {
      response.statusCode = 401;
      response.end(JSON.stringify({ message: "Unauthorized" }));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const self: StandIn = {
    origin: `http://127.0.0.1:${port}`,
    asked,
    auth,
    account: ADA,
    tokenLife: 300,
    on: (type, ...next) => void answers.set(type, next),
    onAuth: (path, next) => void authAnswers.set(path, next),
    of: (type) => asked.filter((one) => one.type === type),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return self;
}

let tokens = 0;

/** A token with a signature that nobody checks here. */
export function token(lifeSeconds: number): string {
  tokens += 1;
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iat, exp: iat + lifeSeconds, jti: tokens };
  const encoded = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `e30.${encoded}.x`;
}
