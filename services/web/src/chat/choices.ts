/**
 * “Which one?”: the tasks that an answer may have meant, as words to answer with.
 *
 * Read from what the turn itself has looked at, not from the answer's form: any language, any model.
 */
import type { ToolResult } from "../protocol/events.ts";
import type { Task } from "../protocol/items.ts";

const FEWEST = 2;
/** More buttons than this are no help; the person then says it. */
const MOST = 8;
const QUESTION = /[?？؟]/u;

/** `results`: of the turn, in order. Empty where the answer asks nothing, or one task or many fit. */
export function choicesOf(answer: string, results: readonly ToolResult[]): readonly string[] {
  if (results.some((result) => result.tool !== "list_tasks")) return [];
  const titles = new Set(results.flatMap((result) => tasksOf(result.output)).map(titleOf));
  const named = namedIn(answer, [...titles]);
  if (named.found.length < FEWEST || named.found.length > MOST) return [];
  // A question mark in a title asks nothing.
  return QUESTION.test(named.rest) ? named.found : [];
}

/** Longest first, so that “milk” is not found in “oat milk”; given back in the order of the list. */
function namedIn(answer: string, titles: readonly string[]): { found: string[]; rest: string } {
  let rest = answer;
  const found = new Set<string>();
  for (const title of [...titles].sort((one, other) => other.length - one.length)) {
    const parts = rest.split(title);
    if (title === "" || parts.length === 1) continue;
    found.add(title);
    rest = parts.join(" ");
  }
  return { found: titles.filter((title) => found.has(title)), rest };
}

export function tasksOf(output: Record<string, unknown> | null): Task[] {
  const tasks = output?.tasks;
  return Array.isArray(tasks) ? (tasks as Task[]) : [];
}

function titleOf(task: Task): string {
  return task.title;
}
