import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { recording } from "../../test/state/recording.ts";
import {
  type Answer,
  BROKEN,
  cutAfter,
  json,
  problem,
  type StandIn,
  standIn,
  streamed,
} from "../../test/state/stand-in.ts";
import { createWindow } from "../../test/state/window.ts";
import { createNetwork } from "../network.ts";
import type { StreamEvent } from "../protocol/events.ts";
import { getThread, say } from "../protocol/requests.ts";
import type { TokenSource } from "../session/token.ts";
import { createAuthorizedFetch, createSender } from "./authorized.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import { networkRefusal, readRetryAfter } from "./problems.ts";

const USER = "3bf9b2de-50c8-444f-985e-c53b7feb8581";
const REFUSED = problem(401, "unauthenticated", "The token is not valid.");

let server: StandIn;
let window: ReturnType<typeof createWindow>;
let endpoint: Endpoint;
let given: number;
let tokens: TokenSource;
const signal = new AbortController().signal;

beforeEach(async () => {
  server = await standIn();
  window = createWindow(fetch, server.origin);
  given = 1;
  tokens = {
    get: () => Promise.resolve({ ok: true, value: `token ${given}` }),
    renew: () => {
      given += 1;
      return Promise.resolve({ ok: true, value: `token ${given}` });
    },
  };
  endpoint = createEndpoint(window, USER, createSender(tokens), createNetwork(window));
});
afterEach(() => server.close());

describe("a request", () => {
  it("has the person's token, time zone and key", async () => {
    server.on("threads.create", streamed([]));
    await endpoint.stream(say("hello", null), { key: "k", signal, heard: () => {} });
    const [{ path, headers, body } = assert.fail()] = window.requests;
    assert.equal(path, `/api/${USER}/chat`);
    assert.equal(headers.get("authorization"), "Bearer token 1");
    assert.equal(headers.get("idempotency-key"), "k");
    assert.equal(headers.get("accept"), "text/event-stream");
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("time-zone"), Intl.DateTimeFormat().resolvedOptions().timeZone);
    assert.deepEqual(JSON.parse(body), { ...say("hello", null), metadata: {} });
  });

  it("that is refused for its token is made once more with a new one", async () => {
    server.on("threads.get_by_id", REFUSED, json({ id: "1" }));
    assert.deepEqual(await endpoint.ask(getThread("1")), { ok: true, value: { id: "1" } });
    const sent = server.asked.map((one) => one.headers.authorization);
    assert.deepEqual(sent, ["Bearer token 1", "Bearer token 2"]);
  });

  it("is made twice at most", async () => {
    server.on("threads.get_by_id", REFUSED);
    const answer = await endpoint.ask(getThread("1"));
    assert.ok(!answer.ok);
    assert.equal(answer.refusal.words, "You are not signed in any more. Sign in again.");
    assert.equal(server.asked.length, 2);
  });

  it("whose time zone the server does not know is made without one from then on", async () => {
    const errors = [{ pointer: "/header/time-zone", message: "must be an IANA time zone" }];
    const refusal = problem(422, "invalid_request", "A header is wrong.", { members: { errors } });
    server.on("threads.get_by_id", refusal, json({ id: "1" }));
    assert.deepEqual(await endpoint.ask(getThread("1")), { ok: true, value: { id: "1" } });
    await endpoint.ask(getThread("1"));
    const zones = server.asked.map((one) => one.headers["time-zone"]);
    assert.deepEqual(zones.slice(1), [undefined, undefined]);
    assert.ok(zones[0] !== undefined);
  });

  it("without a token is not made", async () => {
    tokens.get = () => Promise.resolve({ ok: false, refusal: networkRefusal() });
    assert.equal((await endpoint.ask(getThread("1"))).ok, false);
    assert.equal(server.asked.length, 0);
  });
});

describe("a refusal in words", () => {
  const conflicts: [string, Answer, RegExp][] = [
    ["what the detail says", problem(503, "model_unavailable", "Too slow."), /^Too slow\.$/],
    [
      "nothing of keys to a person",
      problem(504, "deadline_exceeded", "The same Idempotency-Key goes on from there."),
      /^The server did not answer in time. Try again\.$/,
    ],
    [
      "when to try again",
      problem(429, "rate_limited", "Too many messages.", { retryAfter: 12 }),
      /^Too many messages. Try again in 12 seconds\.$/,
    ],
    [
      "when to try again, in minutes",
      problem(429, "rate_limited", "Too many messages.", { retryAfter: 600 }),
      /Try again in 10 minutes\.$/,
    ],
    [
      "which field is wrong",
      problem(422, "invalid_request", "Some fields are wrong.", {
        members: { errors: [{ pointer: "/params", message: "may have 200 characters" }] },
      }),
      /^Some fields are wrong. It may have 200 characters\.$/,
    ],
    [
      "which page may not talk to it",
      problem(403, "origin_not_allowed", "Send exactly one Origin header."),
      /^This page was opened at http:\/\/127.0.0.1:\d+, which may not talk/,
    ],
    [
      "a number to tell",
      problem(500, "internal_error", "?", { members: { trace_id: "4bf92f35" } }),
      /on our side. Try again. If it happens again, .* 4bf92f35\.$/,
    ],
    ["no code of a gateway", html(502), /^The server cannot be reached/],
    ["no page of a proxy", html(418), /cannot read \(418\)/],
    ["what to do without a connection", BROKEN, /^The server cannot be reached/],
  ];
  for (const [what, answer, words] of conflicts) {
    it(`says ${what}`, async () => {
      server.on("threads.get_by_id", answer);
      const answered = await endpoint.ask(getThread("1"));
      assert.ok(!answered.ok);
      assert.match(answered.refusal.words, words);
    });
  }

  function html(status: number): Answer {
    return (_, response) => void response.writeHead(status).end("<h1>Bad gateway</h1>");
  }

  it("reads Retry-After as seconds or as a date", () => {
    assert.equal(readRetryAfter("2"), 2_000);
    assert.equal(readRetryAfter("-1"), 0);
    assert.equal(readRetryAfter("soon"), null);
    assert.equal(readRetryAfter(null), null);
    assert.equal(readRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    const later = readRetryAfter(new Date(Date.now() + 60_000).toUTCString());
    assert.ok(later !== null && later > 55_000 && later <= 60_000, String(later));
  });
});

describe("a stream", () => {
  const { data, events } = recording("tools");

  async function listen(answer: Answer) {
    server.on("threads.create", answer);
    const heard: StreamEvent[] = [];
    const options = { signal, heard: (event: StreamEvent) => void heard.push(event) };
    return { end: await endpoint.stream(say("hello", null), options), heard };
  }

  it("is heard event by event", async () => {
    const { end, heard } = await listen(streamed(data));
    assert.deepEqual(end, { ok: true, replayed: false });
    assert.deepEqual(heard, events);
  });

  it("says when nothing was run for it", async () => {
    const { end } = await listen((asked, response) => {
      response.setHeader("idempotency-replayed", "true");
      return streamed(data)(asked, response);
    });
    assert.deepEqual(end, { ok: true, replayed: true });
  });

  it("that is cut says so, after what was heard", async () => {
    const { end, heard } = await listen(cutAfter(data, 3));
    assert.ok(!end.ok);
    assert.equal(end.refusal.kind, "network");
    assert.match(end.refusal.words, /cut before the end/);
    assert.deepEqual(heard, events.slice(0, 3));
  });

  it("that is none is no answer", async () => {
    const { end } = await listen(json({}));
    assert.ok(!end.ok);
    assert.equal(end.refusal.kind, "network");
  });

  it("is heard no more after the person has left", async () => {
    const leaving = new AbortController();
    server.on("threads.create", streamed(data));
    let heard = 0;
    const end = await endpoint.stream(say("hello", null), {
      signal: leaving.signal,
      heard: () => {
        heard += 1;
        leaving.abort();
      },
    });
    assert.equal(heard, 1);
    assert.equal(end.ok === false && end.refusal.kind, "left");
  });
});

describe("the person's own fetch", () => {
  const url = () => `${server.origin}/api/${USER}/chat`;
  const init = { method: "POST", body: JSON.stringify(getThread("1")) };

  it("adds token, time zone and a key, the same one when it asks again", async () => {
    server.on("threads.get_by_id", REFUSED, json({ id: "1" }));
    const response = await createAuthorizedFetch(window, createSender(tokens))(url(), init);
    assert.deepEqual(await response.json(), { id: "1" });
    const [one, other] = server.asked;
    assert.equal(other?.headers.authorization, "Bearer token 2");
    assert.ok(one?.key !== undefined && one.key === other?.key);
  });

  it("gives back what the server says, and 401 when nobody is signed in", async () => {
    server.on("threads.get_by_id", problem(409, "turn_in_progress", "Wait."));
    const authorized = createAuthorizedFetch(window, createSender(tokens));
    assert.equal((await authorized(url(), init)).status, 409);
    const refusal = { ...networkRefusal(), status: 401 };
    tokens.get = () => Promise.resolve({ ok: false, refusal });
    assert.equal((await authorized(url(), init)).status, 401);
    tokens.get = () => Promise.resolve({ ok: false, refusal: networkRefusal() });
    await assert.rejects(() => authorized(url(), init), TypeError);
  });
});
