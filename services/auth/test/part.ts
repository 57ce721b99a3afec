/** A stand-in for a service that keeps something of people, as far as auth knows it. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Part {
  url: string;
  server: Server;
  /** `METHOD path` and the token of each request, in their order. */
  heard: { request: string; token: string }[];
  /** What the next requests are answered with; the last of them from then on. */
  answers: (() => { status: number; body: string })[];
}

/** One that listens, and answers 503 until it is told otherwise. */
export async function startPart(): Promise<Part> {
  const part: Part = { url: "", server: createServer(), heard: [], answers: [] };
  part.server.on("request", (request, response) => {
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    part.heard.push({ request: `${request.method} ${request.url}`, token });
    const next = part.answers.length > 1 ? part.answers.shift() : part.answers[0];
    const { status, body } = next?.() ?? { status: 503, body: "{}" };
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  part.server.listen(0, "127.0.0.1");
  await once(part.server, "listening");
  part.url = `http://127.0.0.1:${(part.server.address() as AddressInfo).port}`;
  return part;
}
