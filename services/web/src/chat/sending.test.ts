import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { recording } from "../../test/state/recording.ts";
import {
  type Asked,
  clicked,
  door,
  heldAfter,
  problem,
  streamed,
} from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";
import { textOf } from "../protocol/fold.ts";

const plain = recording("plain");
const tools = recording("tools");
const failed = recording("failed");
const retried = recording("retried");
/** So many events come before the message is stored. */
const UNSTORED = 1;
/** Up to its turn's id. */
const KNOWN = 4;

function textSent(asked: Asked): string {
  const { content } = asked.params.input as { content: { text: string }[] };
  return content.map((part) => part.text).join("");
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

describe("a share that is used up", () => {
  const page = rig();

  it("says when it is renewed; the message stays, and is sent once it is", async () => {
    const { conversation } = (await page.open()).here();
    const detail = "The turns of this day are used up. They are renewed at 2026-12-01T00:00:00Z.";
    const soon = problem(429, "budget_used_up", detail, { retryAfter: 60 });
    page.server.on("threads.create", soon, streamed(plain.data));
    conversation.draft.value = "buy milk";
    await conversation.send();
    const { words, canRetry } = conversation.failure.value ?? {};
    assert.match(words ?? "", /not sent. It stays .* It is renewed (?:tomorrow )?at \d\d:\d\d\.$/);
    assert.doesNotMatch(words ?? "", /UTC|Z\b/);
    assert.equal(canRetry, true);
    assert.equal(conversation.draft.value, "buy milk");

    await conversation.retry();
    assert.equal(conversation.failure.value, null);
    assert.equal(conversation.draft.value, "");
    const keys = page.server.of("threads.create").map((asked) => asked.key);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
  });

  it("of turns at once asks to wait a little", async () => {
    const { conversation } = (await page.open()).here();
    const detail = "Eight answers are being made for you.";
    page.server.on("threads.create", problem(429, "rate_limited", detail, { retryAfter: 2 }));
    conversation.draft.value = "buy milk";
    await conversation.send();
    assert.match(conversation.failure.value?.words ?? "", /stays .*Try again in 2 seconds\.$/);
    assert.equal(conversation.draft.value, "buy milk");
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
    page.server.on("threads.create", streamed(tools.data));
    page.server.on("tasks.list", clicked("list_tasks", { tasks: [], next_cursor: null }));
    await conversation.send("add three things");
    const titles = tasks.all.value.map((task) => task.title).sort();
    assert.deepEqual(titles, ["buy milk", "call mom", "oat milk"]);
    assert.equal(page.server.of("tasks.list").length, 1);
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
