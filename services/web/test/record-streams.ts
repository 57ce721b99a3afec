/**
 * Records streams of the real services with the simulated model, for the tests of the fold:
 * `node test/record-streams.ts AUTH GATEWAY SIMULATOR`, the URLs of a running `make run`.
 *
 * A recording is one JSON a line: how it was made, each event as it came, and the thread as
 * `threads.get_by_id` shows it afterwards.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createEventReader } from "../src/protocol/event-stream.ts";
import {
  type ChatKitRequest,
  customAction,
  getThread,
  retryAfterItem,
  say,
} from "../src/protocol/requests.ts";

const [auth, gateway, simulator] = process.argv.slice(2);
const FOLDER = new URL("../src/protocol/recorded/", import.meta.url);
const origin = "http://localhost:3000";
const json = { "content-type": "application/json", origin };

async function person() {
  const email = `${randomUUID()}@example.com`;
  const body = JSON.stringify({ email, password: randomUUID(), name: "Ada" });
  const signedUp = await fetch(`${auth}/api/auth/sign-up/email`, {
    method: "POST",
    headers: json,
    body,
  });
  const { user } = (await signedUp.json()) as { user: { id: string } };
  const session = signedUp.headers.get("set-auth-token");
  const headers = { authorization: `Bearer ${session}` };
  const answer = await fetch(`${auth}/api/auth/token`, { headers });
  const { token } = (await answer.json()) as { token: string };
  return { url: `${gateway}/api/${user.id}/chat`, token };
}

const { url, token } = await person();

function post(request: ChatKitRequest, key: string): Promise<Response> {
  const headers = { ...json, authorization: `Bearer ${token}`, "idempotency-key": key };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
}

async function stream(
  request: ChatKitRequest,
  key: string = randomUUID(),
  heard: (events: string[]) => void = () => {},
): Promise<string[]> {
  const response = await post(request, key);
  assert.equal(response.status, 200, await (response.ok ? "" : response.text()));
  const reader = createEventReader();
  const events: string[] = [];
  for await (const bytes of response.body ?? []) {
    for (const event of reader.take(bytes)) {
      events.push(event);
      heard(events);
    }
  }
  return events;
}

async function fault(order: object): Promise<void> {
  const body = JSON.stringify({ match: "recorded", ...order });
  const answer = await fetch(`${simulator}/admin/faults`, { method: "POST", headers: json, body });
  assert.equal(answer.status, 201, await answer.text());
}

async function save(name: string, made: string, events: string[]): Promise<void> {
  const threadId = /"thread_id":"([^"]+)"/.exec(events.join("\n"))?.[1] ?? "";
  const thread = await (await post(getThread(threadId), randomUUID())).text();
  const lines = [JSON.stringify({ made: `test/record-streams.ts: ${made}` }), ...events, thread];
  writeFileSync(new URL(`${name}.jsonl`, FOLDER), `${lines.join("\n")}\n`);
}

function idsIn(events: string[]): { threadId: string; itemId: string; turnId: string } {
  const data = events.map((event) => JSON.parse(event)).find((one) => one.name === "turn")?.data;
  return { threadId: data.conversation_id, itemId: data.item_id, turnId: data.turn_id };
}

const key = randomUUID();
await save("plain", "“hello” begins a conversation", await stream(say("hello", null), key));
await save("replayed", "the same key after “plain”", await stream(say("hello", null), key));
const adding = say("add buy milk and add oat milk and add call mom", null);
await save("tools", "three tasks are added", await stream(adding));
await save("which-one", "“delete the milk” fits two", await stream(say("delete the milk", null)));

await fault({ kind: "stream", shapes: ["text_before"], text: "Let me look.", step: 0 });
const looking = say("what are my tasks? (recorded)", null);
await save("retracted", "text before calls", await stream(looking));
await fault({ kind: "broken_stream", variant: "ends_in_text" });
await save("cut-in-text", "the model's stream breaks", await stream(say("hello recorded", null)));

await fault({ kind: "status", status: 400, step: 1 });
const failing = await stream(say("add a recorded pear", null));
await save("failed", "the model refuses after the call", failing);
const { threadId, itemId } = idsIn(failing);
await save(
  "retried",
  "retry_after_item after “failed”",
  await stream(retryAfterItem(threadId, itemId)),
);

await fault({ kind: "hang", step: 1 });
const stopped = await stream(say("add a recorded plum", null), randomUUID(), (events) => {
  if (!events.at(-1)?.includes('"name":"tool_result"')) return;
  const ids = idsIn(events);
  void stream(customAction("turn.stop", { turn_id: ids.turnId }, ids.threadId));
});
await save("stopped", "turn.stop while the model thinks, after a call", stopped);

await fault({ kind: "hang", step: 1 });
let following: Promise<string[]> | null = null;
await stream(say("add a recorded fig", null), randomUUID(), (events) => {
  if (!events.at(-1)?.includes('"name":"tool_result"')) return;
  const ids = idsIn(events);
  following = stream(retryAfterItem(ids.threadId, ids.itemId), randomUUID(), (told) => {
    if (told.at(-1)?.includes('"name":"tool_result"')) {
      void fetch(`${simulator}/admin/release`, { method: "POST" });
    }
  });
});
const followed = (await following) ?? [];
await save("followed", "retry_after_item while the turn runs, from after its call", followed);
