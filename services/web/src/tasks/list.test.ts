import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Task } from "../protocol/items.ts";
import { NO_TASKS, readAnew, type TaskList, withResult } from "./list.ts";

function task(id: string, minute: number, changes: Partial<Task> = {}): Task {
  const at = `2026-11-30T08:${String(minute).padStart(2, "0")}:00Z`;
  const made = { id, title: id, description: null, completed: false };
  return { ...made, created_at: at, updated_at: at, ...changes };
}

const LIST: TaskList = { ...NO_TASKS, tasks: [task("b", 2), task("a", 1)] };

function after(tool: string, output: Record<string, unknown> | null, list = LIST): string[] {
  return withResult(list, { tool, output }).tasks.map((one) => one.title);
}

describe("the list of tasks after a tool", () => {
  it("has what was added, where it belongs", () => {
    assert.deepEqual(after("add_task", { task: task("c", 3) }), ["c", "b", "a"]);
    // Told late: somebody else has added one since.
    assert.deepEqual(after("add_task", { task: task("ab", 1) }), ["b", "ab", "a"]);
  });

  it("has what was changed, where it was", () => {
    const changed = task("a", 1, { title: "A", updated_at: "2026-11-30T09:00:00Z" });
    assert.deepEqual(after("update_task", { task: changed }), ["b", "A"]);
  });

  it("does not go back to what was before", () => {
    const newer = {
      ...LIST,
      tasks: [task("a", 1, { title: "A", updated_at: "2026-11-30T09:00:00Z" })],
    };
    assert.deepEqual(after("update_task", { task: task("a", 1) }, newer), ["A"]);
    assert.deepEqual(readAnew(newer, [task("a", 1)]).tasks[0]?.title, "A");
  });

  it("has no more what was deleted, whatever tells of it later", () => {
    const list = withResult(LIST, { tool: "delete_task", output: { deleted: task("a", 1) } });
    assert.deepEqual(after("list_tasks", { tasks: [task("b", 2), task("a", 1)] }, list), ["b"]);
    assert.deepEqual(after("update_task", { task: task("a", 1) }, list), ["b"]);
    assert.deepEqual(readAnew(list, [task("b", 2), task("a", 1)]).tasks, [task("b", 2)]);
  });

  it("has what was looked at, and keeps the rest", () => {
    assert.deepEqual(after("list_tasks", { tasks: [task("c", 3)] }), ["c", "b", "a"]);
  });

  for (const [what, tool, output] of [
    ["that said no", "add_task", null],
    ["that this page does not know", "sing", { song: "la" }],
    ["that gave back no task", "add_task", { task: { id: 7 } }],
    ["that gave back no list", "list_tasks", { tasks: "none" }],
    ["that deleted nothing", "delete_task", {}],
  ] as const) {
    it(`is the same after one ${what}`, () => assert.deepEqual(after(tool, output), ["b", "a"]));
  }

  it("is quick with two thousand", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => task(`t${at}`, 0));
    let list: TaskList = readAnew(NO_TASKS, many);
    const times: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      const changed = task(`t${at}`, 0, { updated_at: "2026-11-30T09:00:00Z" });
      const began = performance.now();
      list = withResult(list, { tool: "complete_task", output: { task: changed } });
      times.push(performance.now() - began);
    }
    // The quickest: this machine does other things, too.
    assert.ok(Math.min(...times) < 8, `${times} ms: half a frame`);
  });
});
