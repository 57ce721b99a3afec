/**
 * Connections: how many there may be, and what is said to who speaks no HTTP.
 *
 * Node ends each wait for a request, but lets as many wait as come: 4,000 half-sent heads of 15.5 KB
 * cost 85 MB, without a token (Node 24). The Python services have the same bound (libs/servicekit,
 * `connections.py`); web has this file too. Source: ADR 0034.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

export const MOST_OPEN = 1000;
/** How long a client may take nothing of an answer that waits for it. As at the Python services. */
export const TAKING_MS = 30_000;

/** What every answer says that says nothing else of it. */
const QUIET: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};
const UNREADABLE = "400 Bad Request";
/** As Node answers by itself, by the codes of its errors. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * Bound a server's connections, and give all that it answers the headers of every answer. Before
 * it has a listener for requests.
 *
 * `most`: one more closes the one that has waited longest for a whole request, and only where all
 * are busy itself. `takingMs`: so that none is busy for ever with a client that does not read.
 */
export function boundConnections(
  server: Server,
  most: number = MOST_OPEN,
  takingMs: number = TAKING_MS,
): void {
  const open = new Set<Duplex>();
  /** Those that have not sent a whole request, the one that waits longest first. */
  const waiting = new Set<Duplex>();
  const answering = new WeakMap<Duplex, ServerResponse>();

  server.on("connection", (socket: Duplex) => {
    open.add(socket);
    waiting.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      waiting.delete(socket);
    });
    if (open.size <= most) return;
    const [longest = socket] = waiting;
    longest.destroy();
  });

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    quiet(response);
    answering.set(socket, response);
    if (hasBody(request)) request.once("end", () => waiting.delete(socket));
    else waiting.delete(socket);
    response.once("close", () => {
      answering.delete(socket);
      waiting.delete(socket);
      if (open.has(socket)) waiting.add(socket);
    });
  });

  server.timeout = takingMs;
  server.on("timeout", (socket) => {
    // Nothing has moved: an answer may be long in coming, but what has come is to be taken. That one
    // is kept open after its answer in vain is told here too.
    if (socket.writableLength > 0 || !answering.has(socket)) socket.destroy();
  });

  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    quiet(response);
    response.writeHead(417).end();
  });

  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || answering.get(socket)?.headersSent) return void socket.destroy();
    const status = REFUSALS[error.code ?? ""] ?? UNREADABLE;
    const headers = Object.entries(QUIET).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${status}\r\n${headers.join("")}content-length: 0\r\nconnection: close`;
    socket.end(`${head}\r\n\r\n`, () => socket.destroy());
  });
}

function quiet(response: ServerResponse): void {
  for (const [name, value] of Object.entries(QUIET)) response.setHeader(name, value);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return "transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0;
}
