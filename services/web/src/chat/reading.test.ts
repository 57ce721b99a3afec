import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import { BROKEN, json, problem, streamed } from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";

const tools = recording("tools");
const failed = recording("failed");
const retried = recording("retried");

describe("an older conversation", () => {
  const page = rig();
  const { thread } = tools;

  it("is shown, and its address with it", async () => {
    const { window, here } = await page.open();
    const { conversation } = here();
    page.server.on("threads.get_by_id", json(thread));
    await conversation.open(thread.id);
    assert.deepEqual(conversation.items.value, thread.items.data);
    assert.equal(conversation.title.value, thread.title);
    assert.equal(window.location.pathname, `/c/${thread.id}`);
    conversation.begin();
    assert.equal(window.location.pathname, "/");
    assert.deepEqual(conversation.items.value, []);
  });

  it("is opened by the address, and by the way back", async () => {
    page.server.on("threads.get_by_id", json(thread));
    const { window, here } = await page.open({ path: `/c/${thread.id}` });
    const { conversation } = here();
    await until("it is shown", () => conversation.items.value.length === 3);
    window.go("/");
    assert.deepEqual(conversation.items.value, []);
    window.go(`/c/${thread.id}`);
    await until("it is shown again", () => conversation.items.value.length === 3);
  });

  for (const path of ["/c/nonsense", `/c/${thread.id.toUpperCase()}`, "/c/"]) {
    it(`of an address that can be none's says so: ${path}`, async () => {
      const { window, here } = await page.open({ path });
      const { conversation } = here();
      assert.match(conversation.failure.value?.words ?? "", /not there/);
      assert.equal(conversation.phase.value, "idle");
      assert.equal(window.location.pathname, "/");
      assert.equal(page.server.of("threads.get_by_id").length, 0);
    });
  }

  it("that is not there says so", async () => {
    const gone = problem(404, "conversation_not_found", "Send null to begin one.");
    page.server.on("threads.get_by_id", gone);
    const { window, here } = await page.open({ path: `/c/${thread.id}` });
    await until("it failed", () => here().conversation.failure.value !== null);
    assert.match(here().conversation.failure.value?.words ?? "", /not there/);
    assert.equal(here().conversation.threadId.value, null);
    assert.equal(window.location.pathname, "/");
  });

  it("can be asked for again when the server was not there", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.get_by_id", BROKEN, json(thread));
    await conversation.open(thread.id);
    assert.equal(conversation.failure.value?.canRetry, true);
    await conversation.retry();
    assert.deepEqual(conversation.items.value, thread.items.data);
  });

  it("whose turn runs is followed", async () => {
    const [message] = thread.items.data;
    assert.ok(message !== undefined);
    const turn = { id: "t", item_id: message.id, state: "running" };
    const items = { data: [message], has_more: false };
    page.server.on("threads.get_by_id", json({ ...thread, items, metadata: { turn } }));
    page.server.on("threads.retry_after_item", streamed(tools.data));
    const { conversation } = (await page.open()).here();
    await conversation.open(thread.id);
    assert.deepEqual(conversation.items.value, thread.items.data);
  });

  it("whose turn failed offers to go on", async () => {
    page.server.on("threads.get_by_id", json(failed.thread));
    page.server.on("threads.retry_after_item", streamed(retried.data));
    const { conversation } = (await page.open()).here();
    await conversation.open(failed.thread.id);
    assert.equal(conversation.failure.value?.canRetry, true);
    await conversation.retry();
    assert.deepEqual(conversation.items.value, retried.thread.items.data);
  });

  it("is read back, a page at a time", async () => {
    const [message] = thread.items.data;
    const old = Array.from({ length: 3 }, (_, at) => ({ ...message, id: `old-${at}` }));
    const items = { ...thread.items, has_more: true, after: "here" };
    page.server.on("threads.get_by_id", json({ ...thread, items }));
    const rest = { data: [old[0]], has_more: false };
    const next = { data: [old[2], old[1]], has_more: true, after: "there" };
    page.server.on("items.list", json(next), json(rest));
    const { conversation } = (await page.open()).here();
    await conversation.open(thread.id);
    assert.equal(conversation.hasEarlier.value, true);
    await conversation.loadEarlier();
    await conversation.loadEarlier();
    await conversation.loadEarlier();
    assert.equal(conversation.hasEarlier.value, false);
    const afters = page.server.of("items.list").map((one) => one.params.after);
    assert.deepEqual(afters, ["here", "there"]);
    assert.deepEqual(conversation.items.value, [...old, ...thread.items.data]);
  });

  it("that has not gone on keeps what is offered, under the name it has now", async () => {
    const { data, thread: asked } = recording("which-one");
    const opened = await page.open();
    const { conversation } = opened.here();
    page.server.on("threads.create", streamed(data));
    page.server.on("threads.get_by_id", json({ ...asked, title: "Milk" }));
    await conversation.send("delete the milk");
    const other = await page.open({ path: `/c/${asked.id}` });
    page.server.on("threads.update", json({ ...asked, title: "Milk" }));
    await other.here().threads.rename(asked.id, "Milk");
    await until("it has its name", () => conversation.title.value === "Milk");
    assert.equal(conversation.choices.value.length, 2);
    assert.deepEqual(conversation.items.value, asked.items.data);
  });

  it("that goes on in another tab keeps what was read back", async () => {
    const [first, ...newest] = thread.items.data;
    assert.ok(first !== undefined);
    const begun = { ...thread, items: { data: newest.slice(0, 1), has_more: true, after: "here" } };
    page.server.on("threads.get_by_id", json(begun));
    page.server.on("items.list", json({ data: [first], has_more: true, after: "there" }));
    const [one, other] = [await page.open(), await page.open()];
    const { conversation } = one.here();
    await Promise.all([conversation.open(thread.id), other.here().conversation.open(thread.id)]);
    await conversation.loadEarlier();
    const gone = { ...thread, items: { data: newest, has_more: true, after: "here" } };
    page.server.on("threads.get_by_id", json(gone));
    page.server.on("threads.add_user_message", streamed(tools.data));
    await other.here().conversation.send("more");
    await until("it is shown", () => conversation.items.value.length === 3);
    assert.deepEqual(conversation.items.value, thread.items.data);
    await conversation.loadEarlier();
    assert.equal(page.server.of("items.list").at(-1)?.params.after, "there");
  });
});
