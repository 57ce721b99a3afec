import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import {
  type Asked,
  BROKEN,
  clicked,
  cutAfter,
  heldAfter,
  json,
  problem,
  streamed,
} from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";
import { textOf } from "../protocol/fold.ts";

const plain = recording("plain");
const tools = recording("tools");
const failed = recording("failed");
const retried = recording("retried");
/** The events before the message is stored, and up to its turn's id. */
const UNSTORED = 1;
const KNOWN = 4;

function textSent(asked: Asked): string {
  const { content } = asked.params.input as { content: { text: string }[] };
  return content.map((part) => part.text).join("");
}

function door(): { go: Promise<void>; open(): void } {
  let open = () => {};
  const go = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { go, open: () => open() };
}

describe("a message", () => {
  const page = rig();

  it("stays in the composer until it is stored, then its turn is shown", async () => {
    const { conversation } = (await page.open()).here();
    const stored = door();
    page.server.on("threads.create", heldAfter(tools.data, UNSTORED, stored.go));
    conversation.draft.value = "  add three things ";
    const sending = conversation.send();
    assert.equal(conversation.phase.value, "sending");
    await until("the conversation is there", () => conversation.threadId.value !== null);
    assert.equal(conversation.draft.value, "  add three things ");
    stored.open();
    await sending;
    assert.equal(conversation.draft.value, "");
    assert.equal(conversation.phase.value, "idle");
    assert.deepEqual(conversation.items.value, tools.thread.items.data);
    assert.equal(conversation.title.value, tools.thread.title);
    assert.equal(conversation.failure.value, null);
    assert.equal(page.server.of("threads.create").length, 1);
  });

  it("is one, however many lines it has", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", streamed(plain.data));
    const lines = Array.from({ length: 10 }, (_, at) => `thing ${at}`).join("\n");
    await conversation.send(lines);
    assert.deepEqual(page.server.of("threads.create").map(textSent), [lines]);
  });

  it("that is typed on while it is sent is not lost", async () => {
    const { conversation } = (await page.open()).here();
    const stored = door();
    page.server.on("threads.create", heldAfter(plain.data, UNSTORED, stored.go));
    conversation.draft.value = "hello";
    const sending = conversation.send();
    conversation.draft.value = "hello, and more";
    stored.open();
    await sending;
    assert.equal(conversation.draft.value, "hello, and more");
  });

  for (const [what, text, isSent] of [
    ["8,000 characters", "x".repeat(8_000), true],
    ["8,000 characters outside of the basic plane", "🍞".repeat(8_000), true],
    ["8,000 characters and spaces around", `  ${"x".repeat(8_000)}\n`, true],
    ["8,001 characters", "x".repeat(8_001), false],
    ["nothing", " \n ", false],
  ] as const) {
    it(`of ${what} is ${isSent ? "" : "not "}sent`, async () => {
      const { conversation } = (await page.open()).here();
      page.server.on("threads.create", streamed(plain.data));
      conversation.draft.value = text;
      await conversation.send();
      assert.equal(page.server.of("threads.create").length, isSent ? 1 : 0);
      assert.equal(conversation.draft.value, isSent ? "" : text);
      if (text.length > 8_000 && !isSent) {
        assert.match(conversation.failure.value?.words ?? "", /8,001 characters, and 8,000/);
      }
    });
  }

  it("is refused in the problem's words, and is still there", async () => {
    const { conversation } = (await page.open()).here();
    const errors = [{ pointer: "/params", message: "must hold something visible" }];
    const answer = problem(422, "invalid_request", "Some fields are wrong.", {
      members: { errors },
    });
    page.server.on("threads.create", answer);
    conversation.draft.value = "\u200b\u200b";
    await conversation.send();
    const { words, canRetry } = conversation.failure.value ?? {};
    assert.match(
      words ?? "",
      /not sent\. Some fields are wrong\. It must hold something visible\./,
    );
    assert.equal(canRetry, false);
    assert.equal(conversation.draft.value, "\u200b\u200b");
  });
});

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
    await until("the tasks were read", () => page.server.of("tasks.list").length === 1);
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
    assert.match(conversation.progress.value ?? "", /offline/);
    assert.equal(conversation.draft.value, "hello");
    await conversation.send();
    assert.equal(page.server.of("threads.create").length, 0);
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

describe("a turn that fails", () => {
  const page = rig();

  it("says why, and goes on by its message", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", streamed(failed.data));
    page.server.on("threads.retry_after_item", streamed(retried.data));
    await conversation.send("add a recorded pear");
    assert.match(conversation.failure.value?.words ?? "", /no usable answer. 1 change was made/);
    assert.equal(conversation.failure.value?.canRetry, true);
    assert.equal(conversation.draft.value, "");
    await conversation.retry();
    assert.equal(conversation.failure.value, null);
    assert.deepEqual(conversation.items.value, retried.thread.items.data);
  });

  it("that no retry would mend offers none", async () => {
    const { conversation } = (await page.open()).here();
    const error = { type: "error", code: "custom", message: "Our side.", allow_retry: false };
    page.server.on("threads.create", streamed([...plain.data.slice(0, 5), JSON.stringify(error)]));
    await conversation.send("hello");
    assert.deepEqual(conversation.failure.value, { words: "Our side.", canRetry: false });
    await conversation.retry();
    assert.equal(page.server.asked.filter((one) => one.type.includes("retry")).length, 0);
  });
});

describe("stop", () => {
  const page = rig();
  const stopped = recording("stopped");
  const done = streamed([]);

  it("ends the turn that runs", async () => {
    const { conversation } = (await page.open()).here();
    const end = door();
    page.server.on("threads.create", heldAfter(stopped.data, KNOWN, end.go));
    page.server.on("turn.stop", (asked, response) => {
      end.open();
      return done(asked, response);
    });
    const sending = conversation.send("add a recorded plum");
    await until("it runs", () => conversation.items.value.length === 1);
    await until("its turn is known", () => conversation.phase.value === "working");
    await conversation.stop();
    await sending;
    const [asked] = page.server.of("turn.stop");
    assert.equal(asked?.params.thread_id, stopped.thread.id);
    const turnId = stopped.thread.metadata?.turn?.id;
    assert.deepEqual(asked?.params.action, { type: "turn.stop", payload: { turn_id: turnId } });
    assert.match(conversation.failure.value?.words ?? "", /stopped/);
    assert.equal(conversation.failure.value?.canRetry, true);
    assert.deepEqual(conversation.items.value, stopped.thread.items.data);
  });

  it("is kept until the turn is known", async () => {
    const { conversation } = (await page.open()).here();
    const stored = door();
    page.server.on("threads.create", heldAfter(stopped.data, UNSTORED, stored.go));
    page.server.on("turn.stop", done);
    const sending = conversation.send("add a recorded plum");
    await until("it is on its way", () => page.server.of("threads.create").length === 1);
    await conversation.stop();
    assert.equal(conversation.phase.value, "stopping");
    assert.equal(page.server.of("turn.stop").length, 0);
    stored.open();
    await sending;
    await until("it was asked for", () => page.server.of("turn.stop").length === 1);
  });

  it("that does not arrive can be asked for again", async () => {
    const { conversation } = (await page.open()).here();
    const end = door();
    page.server.on("threads.create", heldAfter(stopped.data, KNOWN, end.go));
    page.server.on("turn.stop", problem(503, "database_unavailable", "No database."), done);
    const sending = conversation.send("add a recorded plum");
    await until("it runs", () => conversation.phase.value === "working");
    await until("its turn is known", () => conversation.items.value.length === 1);
    await conversation.stop();
    assert.equal(conversation.phase.value, "working");
    assert.match(conversation.progress.value ?? "", /could not be stopped. No database./);
    await conversation.stop();
    assert.equal(page.server.of("turn.stop").length, 2);
    end.open();
    await sending;
  });
});

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
});

describe("what is said of a turn", () => {
  const page = rig();

  it("offers what may have been meant, and answers with it", async () => {
    const { conversation } = (await page.open()).here();
    page.server.on("threads.create", streamed(recording("which-one").data));
    page.server.on("threads.add_user_message", streamed(plain.data));
    await conversation.send("delete the milk");
    const { choices } = conversation;
    assert.deepEqual([...choices.value].sort(), ["buy milk", "oat milk"]);
    await conversation.send(choices.value[0]);
    assert.equal(page.server.of("threads.add_user_message").map(textSent).length, 1);
    assert.deepEqual(choices.value, []);
  });

  it("is told to a screen reader in rows and sentences", async () => {
    const { conversation } = (await page.open()).here();
    const said: string[] = [];
    const stop = conversation.spoken.subscribe((words) => said.push(words));
    page.server.on("threads.create", streamed(tools.data));
    await conversation.send("add three things");
    stop();
    const all = said.join(" ");
    assert.match(all, /Added “buy milk”/);
    const answer = tools.thread.items.data.at(-1);
    assert.ok(answer !== undefined);
    const words = textOf(answer).replaceAll(/\s+/g, " ");
    assert.ok(all.replaceAll(/\s+/g, " ").includes(words), all);
    assert.doesNotMatch(all, /Adding/);
  });

  it("is in the list of tasks", async () => {
    const { conversation, tasks } = (await page.open()).here();
    await until("the tasks were read", () => !tasks.isLoading.value);
    page.server.on("threads.create", streamed(tools.data));
    page.server.on("tasks.list", clicked("list_tasks", { tasks: [], next_cursor: null }));
    await conversation.send("add three things");
    const titles = tasks.all.value.map((task) => task.title).sort();
    assert.deepEqual(titles, ["buy milk", "call mom", "oat milk"]);
    assert.equal(page.server.of("tasks.list").length, 1);
  });
});
