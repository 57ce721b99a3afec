import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../../test/state/page.ts";
import { type Asked, clicked, problem } from "../../test/state/stand-in.ts";
import type { Task } from "../protocol/items.ts";
import type { Tasks } from "../state.ts";

const MILK: Task = {
  id: "00000000-0000-7000-8000-000000000001",
  title: "milk",
  description: "two litres",
  completed: false,
  created_at: "2026-01-01T10:00:00Z",
  updated_at: "2026-01-01T10:00:00Z",
};

describe("undo", () => {
  const page = rig();

  /** Tools that do what they say, on one list. */
  async function open(...tasks: Task[]): Promise<Tasks> {
    const rows = new Map(tasks.map((task) => [task.id, task]));
    const payload = (asked: Asked) =>
      (asked.params.action as { payload: Partial<Task> & { task_id: string } }).payload;
    const change = (tool: string, asked: Asked, changes: Partial<Task>) => {
      const { task_id } = payload(asked);
      const task = { ...MILK, ...rows.get(task_id), ...changes };
      rows.set(task_id, { ...task, updated_at: new Date().toISOString() });
      return clicked(tool, { task: rows.get(task_id) });
    };
    const { server } = page;
    server.on(
      "tasks.list",
      clicked("list_tasks", { tasks: [...rows.values()], next_cursor: null }),
    );
    server.on("tasks.complete", (asked, response) =>
      change("complete_task", asked, { completed: true })(asked, response),
    );
    server.on("tasks.reopen", (asked, response) =>
      change("update_task", asked, { completed: false })(asked, response),
    );
    server.on("tasks.update", (asked, response) =>
      change("update_task", asked, { title: payload(asked).title ?? "" })(asked, response),
    );
    server.on("tasks.delete", (asked, response) => {
      const deleted = rows.get(payload(asked).task_id);
      rows.delete(payload(asked).task_id);
      return clicked("delete_task", { deleted })(asked, response);
    });
    server.on("tasks.add", (asked, response) => {
      const { title = "", description = null } = payload(asked);
      const id = crypto.randomUUID();
      rows.set(id, { ...MILK, id, title, description, completed: false });
      return clicked("add_task", { task: rows.get(id) })(asked, response);
    });
    return (await page.open()).here().tasks;
  }

  async function takeBack(tasks: Tasks): Promise<void> {
    const { undo } = tasks;
    assert.ok(undo.value !== null);
    await undo.value.run();
  }

  it("opens again what was completed", async () => {
    const tasks = await open(MILK);
    await tasks.setCompleted(MILK, true);
    assert.equal(tasks.undo.value?.words, "Completed “milk”");
    await takeBack(tasks);
    assert.equal(tasks.all.value[0]?.completed, false);
    assert.equal(tasks.undo.value, null);
  });

  it("completes what was opened again", async () => {
    const tasks = await open({ ...MILK, completed: true });
    await tasks.setCompleted({ ...MILK, completed: true }, false);
    assert.equal(tasks.undo.value?.words, "Reopened “milk”");
    await takeBack(tasks);
    assert.equal(tasks.all.value[0]?.completed, true);
  });

  it("gives back the title", async () => {
    const tasks = await open(MILK);
    await tasks.rename(MILK, " oat milk ");
    assert.equal(tasks.undo.value?.words, "Renamed to “oat milk”");
    assert.equal(tasks.all.value[0]?.title, "oat milk");
    await takeBack(tasks);
    assert.equal(tasks.all.value[0]?.title, "milk");
  });

  it("deletes what was added", async () => {
    const tasks = await open();
    await tasks.add("milk");
    assert.equal(tasks.undo.value?.words, "Added “milk”");
    await takeBack(tasks);
    assert.deepEqual(tasks.all.value, []);
  });

  it("adds what was deleted, with its description", async () => {
    const tasks = await open(MILK);
    await tasks.remove(MILK);
    assert.equal(tasks.undo.value?.words, "Deleted “milk”");
    await takeBack(tasks);
    const [back] = tasks.all.value;
    assert.equal(back?.title, "milk");
    assert.equal(back?.description, "two litres");
    assert.notEqual(back?.id, MILK.id);
  });

  it("says that what was completed comes back open", async () => {
    const tasks = await open({ ...MILK, completed: true });
    await tasks.remove({ ...MILK, completed: true });
    assert.match(tasks.undo.value?.words ?? "", /Deleted “milk”.*as an open task/);
    await takeBack(tasks);
    assert.equal(tasks.all.value[0]?.completed, false);
  });

  it("is of the last click only, and once", async () => {
    const tasks = await open(MILK);
    await tasks.setCompleted(MILK, true);
    const { value: first } = tasks.undo;
    await tasks.rename(MILK, "oat milk");
    await first?.run();
    assert.equal(page.server.of("tasks.reopen").length, 0);
    const { value: second } = tasks.undo;
    await Promise.all([second?.run(), second?.run()]);
    assert.equal(page.server.of("tasks.update").length, 2);
  });

  it("can be tried again when it did not work", async () => {
    const tasks = await open(MILK);
    await tasks.remove(MILK);
    page.server.on("tasks.add", problem(403, "wrong_user", "Not now."));
    await takeBack(tasks);
    assert.equal(tasks.failure.value, "Not now.");
    assert.equal(tasks.undo.value?.words, "Deleted “milk”");
    tasks.dismissUndo();
    assert.equal(tasks.undo.value, null);
  });
});
