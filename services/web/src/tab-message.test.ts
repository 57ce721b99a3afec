import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rig } from "../test/state/page.ts";
import { until } from "../test/state/until.ts";
import { readTabMessage } from "./tab-message.ts";

const NONE: readonly unknown[] = [
  null,
  undefined,
  7,
  "changed",
  [],
  {},
  { kind: "sing" },
  { kind: "thread" },
  { kind: "thread_removed", threadId: 7 },
  { kind: "tool_result" },
  { kind: "tool_result", result: null },
  { kind: "tool_result", result: [] },
  { kind: "tool_result", result: { tool: 7, output: null } },
  { kind: "tool_result", result: { tool: "add_task" } },
  { kind: "tool_result", result: { tool: "add_task", output: "done" } },
  { kind: "tool_result", result: { tool: "add_task", output: [] } },
];

describe("what another tab says", () => {
  const page = rig();

  for (const told of NONE) {
    it(`is passed over: ${JSON.stringify(told)}`, () => assert.equal(readTabMessage(told), null));
  }

  for (const told of [
    { kind: "thread", threadId: "one" },
    { kind: "thread_removed", threadId: "one" },
    { kind: "tool_result", result: { tool: "add_task", output: null } },
    { kind: "tool_result", result: { tool: "add_task", output: { task: {} } } },
  ]) {
    it(`is taken: ${JSON.stringify(told)}`, () => assert.deepEqual(readTabMessage(told), told));
  }

  it("does this page no harm, and the next message is heard", async () => {
    const { account, tasks } = (await page.open()).here();
    const channels = [account.userId, "session"].map(
      (name) => new BroadcastChannel(`taskchat ${name}`),
    );
    for (const told of NONE.filter((one) => one !== "changed")) {
      for (const channel of channels) channel.postMessage(told);
    }
    const at = new Date().toISOString();
    const task = { id: "t", title: "tea", description: null, completed: false };
    const output = { task: { ...task, created_at: at, updated_at: at } };
    for (const broken of [{}, { task: null }, { task: { ...task, title: null } }, output]) {
      channels[0]?.postMessage({
        kind: "tool_result",
        result: { tool: "add_task", output: broken },
      });
    }
    await until("the task is there", () => tasks.all.value.length > 0);
    for (const channel of channels) channel.close();

    assert.deepEqual(tasks.all.value, [output.task]);
  });
});
