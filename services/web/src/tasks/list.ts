/** What is known of the tasks: what tools gave back, put together. Newest first. Pure. */
import type { ToolResult } from "../protocol/events.ts";
import type { Task } from "../protocol/items.ts";

export interface TaskList {
  tasks: readonly Task[];
  /** Deleted while this page is open: what was read before that does not bring them back. */
  deleted: ReadonlySet<string>;
}

export const NO_TASKS: TaskList = { tasks: [], deleted: new Set() };

type Change = Pick<ToolResult, "tool" | "output">;

/** The list after a tool has given this back. */
export function withResult(list: TaskList, { tool, output }: Change): TaskList {
  if (output === null) return list;
  if (tool === "list_tasks") {
    const rows = output.tasks;
    return Array.isArray(rows) ? withTasks(list, rows.filter(isTask)) : list;
  }
  if (tool === "delete_task") {
    const gone = output.deleted;
    return isTask(gone) ? without(list, gone.id) : list;
  }
  return isTask(output.task) ? withTasks(list, [output.task]) : list;
}

/** The one task that a tool has changed; null: none. */
export function changedId({ tool, output }: Change): string | null {
  const task = tool === "delete_task" ? output?.deleted : output?.task;
  return isTask(task) ? task.id : null;
}

/** All of them, as they were read. What is known better already stays. */
export function readAnew(list: TaskList, tasks: readonly Task[]): TaskList {
  const known = new Map(list.tasks.map((task) => [task.id, task]));
  const left = tasks.filter((task) => !list.deleted.has(task.id));
  return { ...list, tasks: sorted(left.map((task) => newer(known.get(task.id), task))) };
}

export function without(list: TaskList, id: string): TaskList {
  const tasks = list.tasks.filter((task) => task.id !== id);
  return { tasks, deleted: new Set([...list.deleted, id]) };
}

function withTasks(list: TaskList, told: readonly Task[]): TaskList {
  const known = new Map(list.tasks.map((task) => [task.id, task]));
  for (const task of told) {
    if (!list.deleted.has(task.id)) known.set(task.id, newer(known.get(task.id), task));
  }
  const tasks = [...known.values()];
  return { ...list, tasks: known.size === list.tasks.length ? tasks : sorted(tasks) };
}

/** A turn that is followed tells again what was before a later click. */
function newer(known: Task | undefined, told: Task): Task {
  return known !== undefined && timeOf(known.updated_at) > timeOf(told.updated_at) ? known : told;
}

/** As `list_tasks` does: by when they were made, ids decide. */
function sorted(tasks: Task[]): Task[] {
  return tasks.sort(
    (one, other) =>
      timeOf(other.created_at) - timeOf(one.created_at) || (one.id < other.id ? 1 : -1),
  );
}

function timeOf(moment: string): number {
  return Date.parse(moment);
}

export function isTask(value: unknown): value is Task {
  if (typeof value !== "object" || value === null) return false;
  const { id, title, description, completed, created_at, updated_at } = value as Partial<
    Record<keyof Task, unknown>
  >;
  return (
    [id, title, created_at, updated_at].every((one) => typeof one === "string") &&
    typeof completed === "boolean" &&
    (description === null || description === undefined || typeof description === "string")
  );
}
