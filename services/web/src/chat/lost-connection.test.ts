import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import { BROKEN, cutAfter, door, heldAfter, problem, streamed } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";

const plain = recording("plain");
const tools = recording("tools");
/** So many events come before the message is stored. */
const UNSTORED = 1;

describe("a message whose fate is not known", () => {
  const page = rig();

  it("is sent again under the same key", async () => {
    const { conversation } = (await page.open()).here();
    const cut = cutAfter(plain.data, UNSTORED);
    page.server.on("threads.create", BROKEN, cut, streamed(plain.data));
    await conversation.send("hello");
    const asked = page.server.of("threads.create");
    assert.equal(asked.length, 3);
    assert.equal(new Set(asked.map((one) => one.key)).size, 1);
    assert.match(asked[0]?.key ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(conversation.items.value, plain.thread.items.data);
  });

  it("waits while its own turn runs, and hears it then", async () => {
    const { conversation } = (await page.open()).here();
    const busy = problem(409, "turn_in_progress", "Still running.", { retryAfter: 0 });
    page.server.on("threads.create", BROKEN, busy, streamed(recording("replayed").data));
    await conversation.send("hello");
    assert.equal(new Set(page.server.of("threads.create").map((one) => one.key)).size, 1);
    assert.deepEqual(conversation.items.value, recording("replayed").thread.items.data);
  });

  it("keeps its key over a reload", async () => {
    const first = await page.open();
    const refused = problem(500, "internal_error", "Something went wrong.");
    page.server.on("threads.create", refused, streamed(plain.data));
    first.here().conversation.draft.value = "hello";
    await first.here().conversation.send();
    assert.equal(first.here().conversation.failure.value?.canRetry, true);
    first.close();
    const second = await page.open({ kept: first.window.stored });
    assert.equal(second.here().conversation.draft.value, "hello");
    await second.here().conversation.send();
    const [one, other] = page.server.of("threads.create");
    assert.equal(one?.key, other?.key);
    assert.equal(second.window.stored.size, 0);
  });

  it("gets another key with other words, and after it was stored", async () => {
    const { conversation } = (await page.open()).here();
    const refused = problem(500, "internal_error", "Something went wrong.");
    page.server.on("threads.create", refused, refused, streamed(plain.data));
    page.server.on("threads.add_user_message", streamed(plain.data));
    await conversation.send("hello");
    await conversation.send("hello you");
    await conversation.send("hello you");
    await conversation.send("hello you");
    const keys = page.server.of("threads.create").map((one) => one.key);
    assert.equal(keys.length, 3);
    assert.notEqual(keys[0], keys[1]);
    assert.equal(keys[1], keys[2]);
    const [next] = page.server.of("threads.add_user_message");
    assert.ok(next !== undefined && !keys.includes(next.key));
  });

  it("is retried by the person under the same key", async () => {
    const { conversation } = (await page.open()).here();
    const refused = problem(503, "overloaded", "Too many turns.", { retryAfter: 60 });
    page.server.on("threads.create", refused, streamed(plain.data));
    await conversation.send("hello");
    assert.match(
      conversation.failure.value?.words ?? "",
      /Too many turns. Try again in 60 seconds/,
    );
    await conversation.retry();
    const keys = page.server.of("threads.create").map((one) => one.key);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal(conversation.failure.value, null);
  });

  it("whose key belongs to another is sent once more under a new one", async () => {
    const { conversation } = (await page.open()).here();
    const reused = problem(422, "idempotency_key_reused", "Make a new key.");
    page.server.on("threads.create", reused, streamed(plain.data));
    await conversation.send("hello");
    const [one, other] = page.server.of("threads.create");
    assert.notEqual(one?.key, other?.key);
    assert.deepEqual(conversation.items.value, plain.thread.items.data);
  });

  it("is waited for when another conversation is opened meanwhile", async () => {
    const opened = await page.open();
    const { conversation } = opened.here();
    const stored = door();
    page.server.on("threads.create", heldAfter(plain.data, UNSTORED, stored.go));
    conversation.draft.value = "hello";
    const sending = conversation.send();
    await until("it is on its way", () => page.server.of("threads.create").length === 1);
    conversation.begin();
    stored.open();
    await sending;
    assert.equal(conversation.draft.value, "");
    assert.deepEqual(conversation.items.value, []);
    assert.equal(conversation.phase.value, "idle");
    assert.equal(opened.window.location.pathname, "/");
  });
});

describe("a turn whose connection is cut", () => {
  const page = rig();

  it("is followed by its message", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", cutAfter(tools.data, 8));
    page.server.on(
      "threads.retry_after_item",
      BROKEN,
      cutAfter(tools.data, 9),
      streamed(tools.data),
    );
    await conversation.send("add three things");
    const follows = page.server.of("threads.retry_after_item");
    assert.equal(follows.length, 3);
    assert.equal(page.server.of("threads.create").length, 1);
    const [message] = tools.thread.items.data;
    for (const { params } of follows) {
      assert.deepEqual(params, { thread_id: tools.thread.id, item_id: message?.id });
    }
    assert.deepEqual(conversation.items.value, tools.thread.items.data);
  });

  it("is looked for again when the person asks for it", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", cutAfter(tools.data, 8));
    const gone = problem(404, "conversation_not_found", "No such conversation.");
    page.server.on("threads.retry_after_item", gone, streamed(tools.data));
    await conversation.send("add three things");
    assert.equal(conversation.phase.value, "idle");
    assert.match(conversation.failure.value?.words ?? "", /conversation is not there/);
  });

  it("reads the tasks again, of which results may have gone by", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", cutAfter(tools.data, 8));
    page.server.on("threads.retry_after_item", streamed(tools.data));
    await conversation.send("add three things");
    await until("they are read again", () => page.server.of("tasks.list").length === 2);
  });
});

describe("without a network", () => {
  const page = rig();

  it("a message waits, and is sent once when it is back", async () => {
    const { window, here } = await page.open();
    const { conversation, isOnline } = here();
    page.server.on("threads.create", streamed(plain.data));
    window.goOffline();
    assert.equal(isOnline.value, false);
    conversation.draft.value = "hello";
    const sending = conversation.send();
    await until("it waits", () => conversation.phase.value === "waiting");
    // That nobody is there is said once, by who shows `isOnline`.
    assert.equal(conversation.progress.value, null);
    const tries = window.requests.length;
    assert.equal(conversation.draft.value, "hello");
    await conversation.send();
    assert.equal(window.requests.length, tries);
    window.goOnline();
    window.event("online");
    await sending;
    assert.equal(page.server.of("threads.create").length, 1);
    assert.equal(conversation.draft.value, "");
    assert.deepEqual(conversation.items.value, plain.thread.items.data);
  });

  it("a message that waits can be taken back", async () => {
    const { window, here } = await page.open();
    const { conversation } = here();
    window.goOffline();
    conversation.draft.value = "hello";
    const sending = conversation.send();
    await until("it waits", () => conversation.phase.value === "waiting");
    await conversation.stop();
    await sending;
    assert.equal(conversation.phase.value, "idle");
    assert.equal(conversation.draft.value, "hello");
    window.goOnline();
    assert.equal(page.server.of("threads.create").length, 0);
  });

  it("a turn that runs is followed when it is back", async () => {
    const { window, here } = await page.open();
    const { conversation } = here();
    const cut = cutAfter(tools.data, 8);
    page.server.on("threads.create", (asked, response) => {
      window.goOffline();
      return cut(asked, response);
    });
    page.server.on("threads.retry_after_item", streamed(tools.data));
    const sending = conversation.send("add three things");
    await until("it was lost", () => /lost/.test(conversation.progress.value ?? ""));
    assert.equal(conversation.phase.value, "working");
    window.goOnline();
    await sending;
    assert.deepEqual(conversation.items.value, tools.thread.items.data);
  });

  it("a server of this machine that answers is believed", async () => {
    const { window, here } = await page.open();
    const { isOnline, tasks } = here();
    window.event("offline");
    assert.equal(isOnline.value, false);
    await tasks.load();
    assert.equal(isOnline.value, true);
  });
});
