import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ToolResult } from "../protocol/events.ts";
import { choicesOf } from "./choices.ts";

function listed(...titles: string[]): ToolResult {
  const tasks = titles.map((title) => ({ id: title, title }));
  return { id: "1", tool: "list_tasks", arguments: {}, output: { tasks } };
}

const ADDED: ToolResult = { id: "2", tool: "add_task", arguments: {}, output: { task: {} } };

describe("which one", () => {
  for (const [what, answer, results, choices] of [
    ["two that fit", "Which one?\n1. buy milk\n2. oat milk", [listed("buy milk", "oat milk")], 2],
    ["in another script", "“牛奶”还是“燕麦奶”？", [listed("牛奶", "燕麦奶")], 2],
    ["one title within another", "“milk” or “oat milk”?", [listed("milk", "oat milk")], 2],
    ["only the longer of two", "Do you mean “oat milk”?", [listed("milk", "oat milk")], 0],
    ["of two lookings, each once", "a b or b c?", [listed("a b", "b c"), listed("b c")], 2],
    ["those that are named", "“tea” or “cake”?", [listed("tea", "cake", "milk")], 2],
    ["no question", "You have two:\n1. buy milk\n2. oat milk", [listed("buy milk", "oat milk")], 0],
    ["a question of a title", "You have: who am I?, milk.", [listed("who am I?", "milk")], 0],
    ["one that fits", "“milk”?", [listed("milk", "tea")], 0],
    ["something was done", "Added. Milk or tea?", [listed("Milk", "tea"), ADDED], 0],
    ["nothing was looked at", "Milk or tea?", [], 0],
    ["too many", "abcdefghi?", [listed(..."abcdefghi")], 0],
    ["no title", "milk?", [listed("", "")], 0],
  ] as const) {
    it(what, () => assert.equal(choicesOf(answer, results).length, choices));
  }

  it("in the order of the list, in the person's words", () => {
    const found = choicesOf("tea, Milk or cake?", [listed("Milk", "cake", "tea")]);
    assert.deepEqual(found, ["Milk", "cake", "tea"]);
  });
});
