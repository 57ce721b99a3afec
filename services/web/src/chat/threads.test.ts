import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import { BROKEN, door, json, problem, streamed } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";
import type { Thread } from "../protocol/items.ts";

const ids = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

function thread(n: number, title: string | null = `about ${n}`): Thread {
  const items = { data: [], has_more: false };
  return { id: ids(n), title, created_at: "2026-11-30T08:00:00Z", items };
}

function listed(threads: Thread[], after?: string) {
  return json({ data: threads, has_more: after !== undefined, ...(after && { after }) });
}

function summary(n: number, title = `about ${n}`) {
  return { id: ids(n), title, createdAt: "2026-11-30T08:00:00Z" };
}

describe("the conversations", () => {
  const page = rig();

  async function open(...pages: Parameters<typeof page.server.on>[1][]) {
    page.server.on("threads.list", ...pages);
    const { conversation, threads } = (await page.open()).here();
    await until("they were asked for", () => page.server.of("threads.list").length === 1);
    const known = () => threads.all.value.length > 0 || threads.failure.value !== null;
    await until("they were read", known);
    return { conversation, threads };
  }

  it("are read a page at a time", async () => {
    const { threads } = await open(
      listed([thread(3), thread(2)], "two"),
      listed([thread(1, null)]),
    );
    assert.deepEqual(threads.all.value, [summary(3), summary(2)]);
    assert.equal(threads.hasMore.value, true);
    await Promise.all([threads.loadMore(), threads.loadMore()]);
    assert.deepEqual(threads.all.value.at(-1), summary(1, "New conversation"));
    assert.equal(threads.hasMore.value, false);
    await threads.loadMore();
    const afters = page.server.of("threads.list").map((one) => one.params.after);
    assert.deepEqual(afters, [undefined, "two"]);
  });

  it("that cannot be read are asked for again", async () => {
    const { threads } = await open(BROKEN, listed([thread(1)]));
    assert.match(threads.failure.value ?? "", /cannot be reached/);
    await threads.loadMore();
    assert.deepEqual(threads.all.value, [summary(1)]);
    assert.equal(threads.failure.value, null);
  });

  it("are found by the words of their titles, unread pages too", async () => {
    const { threads } = await open(
      listed([thread(4, "Milk and bread"), thread(3)], "two"),
      listed([thread(2, "No bread, more milk")], "three"),
      listed([thread(1)]),
    );
    threads.query.value = " MILK bread";
    await until("all were read", () => !threads.hasMore.value);
    const found = threads.found.value.map((one) => one.id);
    assert.deepEqual(found, [ids(4), ids(2)]);
    threads.query.value = "";
    assert.equal(threads.found.value.length, 4);
  });

  it("are renamed, here and where they are open", async () => {
    const { threads, conversation } = await open(listed([thread(2), thread(1)]));
    page.server.on("threads.get_by_id", json(thread(1)));
    page.server.on("threads.update", json(thread(1, "Shopping")));
    await conversation.open(ids(1));
    assert.deepEqual(await threads.rename(ids(1), "  Shopping "), { ok: true });
    assert.deepEqual(threads.all.value, [summary(2), summary(1, "Shopping")]);
    assert.equal(conversation.title.value, "Shopping");
    const [asked] = page.server.of("threads.update");
    assert.deepEqual(asked?.params, { thread_id: ids(1), title: "Shopping" });
  });

  it("are not given a title that is none", async () => {
    const { threads } = await open(listed([thread(1)]));
    for (const title of ["  ", "x".repeat(201)]) {
      assert.equal((await threads.rename(ids(1), title)).ok, false);
    }
    assert.equal(page.server.of("threads.update").length, 0);
    page.server.on("threads.update", problem(422, "invalid_request", "Not visible."));
    const refused = await threads.rename(ids(1), "\u200b");
    assert.deepEqual(refused, { ok: false, words: "Not visible." });
    assert.deepEqual(threads.all.value, [summary(1)]);
  });

  it("are deleted, and the one that is open makes room", async () => {
    const { threads, conversation } = await open(listed([thread(2), thread(1)]));
    page.server.on("threads.get_by_id", json(thread(1)));
    page.server.on(
      "threads.delete",
      problem(409, "turn_in_progress", "Running."),
      json({}),
      problem(404, "conversation_not_found", "Gone."),
    );
    await conversation.open(ids(1));
    const refused = await threads.remove(ids(1));
    assert.ok(!refused.ok);
    assert.match(refused.words, /still being made/);
    assert.equal(conversation.threadId.value, ids(1));
    assert.deepEqual(await threads.remove(ids(1)), { ok: true });
    assert.equal(conversation.threadId.value, null);
    // Another tab was faster.
    assert.deepEqual(await threads.remove(ids(2)), { ok: true });
    assert.deepEqual(threads.all.value, []);
  });

  it("are read again after a turn, the newest first", async () => {
    const { threads, conversation } = await open(
      listed([thread(2), thread(1)], "more"),
      listed([thread(3), thread(2)], "more"),
    );
    page.server.on("threads.create", streamed(recording("plain").data));
    await conversation.send("hello");
    await until("it is there", () => threads.all.value[0]?.id === ids(3));
    const shown = threads.all.value.map((one) => one.id);
    assert.deepEqual(shown, [ids(3), ids(2), ids(1)]);
  });

  it("are read once more when they were being read as something was said", async () => {
    const held = door();
    const { threads, conversation } = await open(listed([thread(1)], "more"));
    page.server.on("threads.create", streamed(recording("plain").data));
    page.server.on(
      "threads.list",
      async (asked, response) => {
        await held.go;
        return listed([thread(1)])(asked, response);
      },
      listed([thread(2), thread(1)]),
    );
    const reading = threads.loadMore();
    await conversation.send("hello");
    assert.equal(page.server.of("threads.list").length, 2);
    held.open();
    await reading;
    await until("the new one is there", () => threads.all.value[0]?.id === ids(2));
  });

  it("follow another tab: a turn is shown, what was deleted goes", async () => {
    const { data, thread: told } = recording("tools");
    page.server.on("threads.list", listed([told]));
    page.server.on("threads.get_by_id", json({ ...told, items: { data: [], has_more: false } }));
    const one = (await page.open()).here();
    const other = (await page.open()).here();
    await Promise.all([one.conversation.open(told.id), other.conversation.open(told.id)]);
    page.server.on("threads.get_by_id", json(told));
    page.server.on("threads.add_user_message", streamed(data));
    await one.conversation.send("add three things");
    await until("the other shows it", () => other.conversation.items.value.length === 3);
    page.server.on("threads.delete", json({}));
    page.server.on("threads.get_by_id", problem(404, "conversation_not_found", "Gone."));
    page.server.on("threads.list", listed([]));
    await one.threads.remove(told.id);
    await until("it is gone", () => other.conversation.threadId.value === null);
    assert.match(other.conversation.failure.value?.words ?? "", /not there/);
    assert.deepEqual(other.threads.all.value, []);
  });
});
