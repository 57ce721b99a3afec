import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OpenPage, rig } from "../../test/state/page.ts";
import {
  type Asked,
  BROKEN,
  clicked,
  door,
  problem,
  refusedClick,
} from "../../test/state/stand-in.ts";
import { until } from "../../test/state/until.ts";
import type { Task } from "../protocol/items.ts";
import type { Tasks } from "../state.ts";

const BEGAN = Date.parse("2026-01-01T10:00:00Z");

/** The n-th task that was ever made. */
function task(n: number, changes: Partial<Task> = {}): Task {
  const at = new Date(BEGAN + n * 60_000).toISOString();
  const id = `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
  const made = { id, title: `task ${n}`, description: null, completed: false };
  return { ...made, created_at: at, updated_at: at, ...changes };
}

/** As the tool gives it back after a change. */
function changed(one: Task, changes: Partial<Task>): Task {
  return { ...one, ...changes, updated_at: new Date().toISOString() };
}

function listed(tasks: Task[], next_cursor: string | null = null) {
  return clicked("list_tasks", { tasks, total: tasks.length, next_cursor });
}

function payloadOf(asked: Asked | undefined): unknown {
  return (asked?.params.action as { payload: unknown } | undefined)?.payload;
}

function titles(tasks: Tasks): string[] {
  return tasks.shown.value.map((one) => one.title);
}

describe("the list", () => {
  const page = rig();

  it("is read in pages of a hundred, newest first", async () => {
    const all = Array.from({ length: 250 }, (_, at) => task(250 - at));
    const pages = [0, 100, 200].map((at) => all.slice(at, at + 100));
    page.server.on(
      "tasks.list",
      listed(pages[0] ?? [], "one"),
      listed(pages[1] ?? [], "two"),
      listed(pages[2] ?? []),
    );
    const { tasks } = (await page.open()).here();
    assert.deepEqual(tasks.all.value, all);
    assert.deepEqual(page.server.of("tasks.list").map(payloadOf), [
      { limit: 100 },
      { limit: 100, cursor: "one" },
      { limit: 100, cursor: "two" },
    ]);
    assert.equal(tasks.openCount.value, 250);
    assert.equal(tasks.failure.value, null);
  });

  it("ends at two thousand, and says so", async () => {
    let pages = 0;
    page.server.on("tasks.list", (asked, response) => {
      pages += 1;
      const rows = Array.from({ length: 100 }, (_, at) => task(10_000 - pages * 100 - at));
      return listed(rows, `page ${pages}`)(asked, response);
    });
    const { tasks } = (await page.open()).here();
    assert.equal(tasks.all.value.length, 2_000);
    assert.equal(pages, 20);
    assert.match(tasks.failure.value ?? "", /newest 2,000/);
  });

  it("says why it could not be read", async () => {
    page.server.on("tasks.list", problem(429, "rate_limited", "Too many.", { retryAfter: 90 }));
    const { tasks } = (await page.open()).here();
    assert.equal(tasks.failure.value, "Too many. Try again in 90 seconds.");
    page.server.on("tasks.list", listed([task(1)]));
    await tasks.load();
    assert.deepEqual(tasks.all.value, [task(1)]);
    assert.equal(tasks.failure.value, null);
  });

  it("keeps what was done today, and shows what is asked for", async () => {
    const today = changed(task(3), { completed: true });
    const before = task(2, { completed: true });
    page.server.on("tasks.list", listed([task(4), today, before, task(1)]));
    const { tasks } = (await page.open()).here();
    assert.deepEqual(titles(tasks), ["task 4", "task 3", "task 1"]);
    assert.equal(tasks.openCount.value, 2);
    assert.equal(tasks.doneTodayCount.value, 1);
    tasks.filter.value = "done";
    assert.deepEqual(titles(tasks), ["task 3", "task 2"]);
    tasks.filter.value = "all";
    assert.equal(titles(tasks).length, 4);
  });

  it("is read again when the page is seen after a while, and not each time", async (context) => {
    const opened = await page.open();
    const read = () => page.server.of("tasks.list").length;
    const before = read();
    opened.window.see();
    context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
    opened.window.see();
    await until("it is read again", () => read() === before + 1);
    opened.window.see();
    await until("it was read", () => !opened.here().tasks.isLoading.value);
    assert.equal(read(), before + 1);
  });

  it("keeps what a click did while it was read for the first time", async () => {
    const held = door();
    page.server.on("tasks.list", async (asked, response) => {
      await held.go;
      return listed([task(1)])(asked, response);
    });
    page.server.on("tasks.add", clicked("add_task", { task: task(2) }));
    const opening = page.open();
    await until("it is read", () => page.server.of("tasks.list").length === 1);
    const { tasks } = page.opened().here();
    await tasks.add("task 2");
    held.open();
    await opening;
    assert.deepEqual(titles(tasks), ["task 2", "task 1"]);
  });

  it("keeps what a click did while it was read", async () => {
    page.server.on("tasks.list", listed([task(2), task(1)]));
    const { tasks } = (await page.open()).here();
    const held = door();
    page.server.on("tasks.list", async (asked, response) => {
      await held.go;
      return listed([task(2), task(1)])(asked, response);
    });
    const loading = tasks.load();
    page.server.on("tasks.add", clicked("add_task", { task: task(3) }));
    page.server.on("tasks.delete", clicked("delete_task", { deleted: task(1) }));
    page.server.on(
      "tasks.update",
      clicked("update_task", { task: changed(task(2), { title: "b" }) }),
    );
    await tasks.add("task 3");
    await tasks.remove(task(1));
    await tasks.rename(task(2), "b");
    held.open();
    await loading;
    assert.deepEqual(titles(tasks), ["task 3", "b"]);
  });
});

describe("a click", () => {
  const page = rig();

  async function open(...tasks: Task[]): Promise<OpenPage & { tasks: Tasks }> {
    page.server.on("tasks.list", listed(tasks));
    const opened = await page.open();
    return { ...opened, tasks: opened.here().tasks };
  }

  it("is shown at once, and stands when it is done", async () => {
    const { tasks } = await open(task(1));
    const held = door();
    const done = changed(task(1), { completed: true });
    page.server.on("tasks.complete", async (asked, response) => {
      await held.go;
      return clicked("complete_task", { task: done })(asked, response);
    });
    const clicking = tasks.setCompleted(task(1), true);
    assert.equal(tasks.all.value[0]?.completed, true);
    assert.deepEqual([...tasks.busy.value], [task(1).id]);
    assert.equal(tasks.doneTodayCount.value, 1);
    held.open();
    await clicking;
    assert.deepEqual(tasks.all.value, [done]);
    assert.equal(tasks.busy.value.size, 0);
    const [asked] = page.server.of("tasks.complete");
    assert.deepEqual(payloadOf(asked), { task_id: task(1).id });
    assert.equal(asked?.params.thread_id, null);
    assert.match(asked?.key ?? "", /^[0-9a-f-]{36}$/);
  });

  for (const [what, refusal, words] of [
    ["the server", problem(403, "wrong_user", "Not yours."), "Not yours."],
    ["the tool", refusedClick("complete_task", "invalid_arguments", "No."), "No."],
  ] as const) {
    it(`that ${what} refuses is taken back, and said`, async () => {
      const { tasks } = await open(task(1));
      page.server.on("tasks.complete", refusal);
      page.server.on("tasks.update", refusal);
      page.server.on("tasks.delete", refusal);
      page.server.on("tasks.add", refusal);
      await tasks.setCompleted(task(1), true);
      assert.deepEqual(tasks.all.value, [task(1)]);
      assert.equal(tasks.failure.value, words);
      assert.equal(tasks.undo.value, null);
      tasks.dismissFailure();
      assert.equal(tasks.failure.value, null);
      assert.deepEqual(await tasks.rename(task(1), "b"), { ok: false, words });
      assert.deepEqual(await tasks.add("c"), { ok: false, words });
      // These say it to who has asked.
      assert.equal(tasks.failure.value, null);
      await tasks.remove(task(1));
      assert.equal(tasks.failure.value, words);
      assert.deepEqual(tasks.all.value, [task(1)]);
    });
  }

  it("on a task that is gone takes the row away", async () => {
    const { tasks } = await open(task(2), task(1));
    const words = "There is no such task, or not any more.";
    page.server.on("tasks.complete", refusedClick("complete_task", "not_found", words));
    await tasks.setCompleted(task(1), true);
    assert.equal(tasks.failure.value, words);
    assert.deepEqual(tasks.all.value, [task(2)]);
  });

  it("of which nothing was heard is sent again under its key", async () => {
    const { tasks } = await open();
    const busy = problem(409, "turn_in_progress", "Still running.", { retryAfter: 0 });
    page.server.on("tasks.add", BROKEN, busy, clicked("add_task", { task: task(1) }));
    assert.deepEqual(await tasks.add(" task 1 "), { ok: true });
    const asked = page.server.of("tasks.add");
    assert.equal(asked.length, 3);
    assert.equal(new Set(asked.map((one) => one.key)).size, 1);
    assert.deepEqual(payloadOf(asked[0]), { title: "task 1" });
    assert.deepEqual(titles(tasks), ["task 1"]);
  });

  it("that may have added a task adds it under the same key when it is wished again", async () => {
    const { tasks } = await open();
    const detail = "They cannot be reached now. Send it with the same Idempotency-Key to go on.";
    const away = problem(503, "tools_unavailable", detail, { retryAfter: 2 });
    page.server.on("tasks.add", away);
    const words = "They cannot be reached now. Try again in a moment.";
    assert.deepEqual(await tasks.add("a"), { ok: false, words });
    page.server.on("tasks.add", clicked("add_task", { task: task(1) }));
    for (const title of ["b", "a", "a"]) assert.deepEqual(await tasks.add(title), { ok: true });
    const keys = Map.groupBy(page.server.of("tasks.add"), (asked) => asked.key);
    const titled = [...keys.values()].map((asked) => asked.map((one) => payloadOf(one)));
    assert.deepEqual(
      titled.map((all) => new Set(all.map((one) => (one as { title: string }).title))),
      [new Set(["a"]), new Set(["b"]), new Set(["a"])],
    );
    assert.ok((titled[0]?.length ?? 0) > 2);
    assert.equal(titled[2]?.length, 1);
  });

  it("waits for the one before it on the same task", async () => {
    const { tasks } = await open(task(1));
    const held = door();
    page.server.on("tasks.complete", async (asked, response) => {
      await held.go;
      const done = changed(task(1), { completed: true });
      return clicked("complete_task", { task: done })(asked, response);
    });
    page.server.on("tasks.reopen", (asked, response) => {
      const reopened = changed(task(1), { completed: false });
      return clicked("update_task", { task: reopened })(asked, response);
    });
    const both = [tasks.setCompleted(task(1), true), tasks.setCompleted(task(1), false)];
    await until("the first is asked for", () => page.server.of("tasks.complete").length === 1);
    assert.equal(tasks.all.value[0]?.completed, false);
    assert.equal(page.server.of("tasks.reopen").length, 0);
    held.open();
    await Promise.all(both);
    assert.equal(page.server.of("tasks.reopen").length, 1);
    assert.equal(tasks.all.value[0]?.completed, false);
    assert.equal(tasks.busy.value.size, 0);
  });

  for (const [what, title, words] of [
    ["no title", "  ", /needs a title/],
    ["a title of 201 characters", "x".repeat(201), /at most 200/],
  ] as const) {
    it(`with ${what} is not made`, async () => {
      const { tasks } = await open(task(1));
      for (const outcome of [await tasks.add(title), await tasks.rename(task(1), title)]) {
        assert.ok(!outcome.ok);
        assert.match(outcome.words, words);
      }
      assert.equal(page.server.of("tasks.add").length + page.server.of("tasks.update").length, 0);
    });
  }

  it("in one tab is shown in the others, without a request of theirs", async () => {
    const one = await open(task(1));
    const other = await open(task(1));
    page.server.on("tasks.delete", clicked("delete_task", { deleted: task(1) }));
    const read = page.server.of("tasks.list").length;
    await one.tasks.remove(task(1));
    await until("it is gone", () => other.tasks.all.value.length === 0);
    assert.equal(page.server.of("tasks.list").length, read);
    assert.equal(other.tasks.undo.value, null);
  });
});
