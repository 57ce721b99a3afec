/** The list beside the chat: current after every turn and click, without a reload. */
import { batch, computed, signal } from "@preact/signals";
import type { Browser } from "../browser.ts";
import { countCharacters, MOST_TITLE_CHARACTERS } from "../limits.ts";
import type { ToolResult } from "../protocol/events.ts";
import type { Task } from "../protocol/items.ts";
import type { Outcome, TaskFilter, Tasks, Undo } from "../state.ts";
import { stateTexts } from "../texts.ts";
import type { Click, ClickEnd } from "./clicks.ts";
import {
  changedId,
  isTask,
  NO_TASKS,
  readAnew,
  type TaskList,
  without,
  withResult,
} from "./list.ts";
import { createToday, dayOf } from "./today.ts";

const words = stateTexts.tasks;

export interface OwnTasks extends Tasks {
  /** A tool of a turn, or of a click in another tab, gave this back. */
  apply(result: Pick<ToolResult, "tool" | "output">): void;
  close(): void;
}

const PAGE = 100;
const MOST_READ = 2_000;

/** What a click will have done, shown before it has. null: the task is gone. */
type Guess = { id: string; change: Partial<Task> | null };

/** `clicked`: tells other tabs. */
export function createTasks(
  browser: Browser,
  click: Click,
  clicked: (result: ToolResult) => void,
): OwnTasks {
  const list = signal<TaskList>(NO_TASKS);
  const guesses = signal<readonly Guess[]>([]);
  const filter = signal<TaskFilter>("open");
  const isLoading = signal(false);
  const undo = signal<Undo | null>(null);
  /** The task that it is about. */
  let undoId = "";
  const failure = signal<string | null>(null);
  const today = createToday(browser);
  let loading: Promise<void> | null = null;
  /** Why they could not be read, or not all of them. */
  let notRead: string | null = null;
  /** Clicks on one task are made one after the other. */
  const last = new Map<string, Promise<unknown>>();

  const all = computed(() => guessed(list.value.tasks, guesses.value));
  const isDoneToday = (task: Task) =>
    task.completed && dayOf(new Date(task.updated_at)) === today.day.value;
  const shown = computed(() => {
    switch (filter.value) {
      case "open":
        return all.value.filter((task) => !task.completed || isDoneToday(task));
      case "done":
        return all.value.filter((task) => task.completed);
      default:
        return all.value;
    }
  });

  function apply(result: Pick<ToolResult, "tool" | "output">): void {
    batch(() => {
      list.value = withResult(list.peek(), result);
      // Taken back, it would undo what was done to the task since.
      if (changedId(result) === undoId) undo.value = null;
    });
  }

  function load(): Promise<void> {
    loading ??= read().finally(() => {
      loading = null;
      isLoading.value = false;
    });
    return loading;
  }

  /** What was said of an earlier reading holds no longer. */
  function unread(why: string | null): void {
    if (why !== null || failure.peek() === notRead) failure.value = why;
    notRead = why;
  }

  async function read(): Promise<void> {
    isLoading.value = true;
    const isFirst = list.peek() === NO_TASKS;
    const before = new Set(list.peek().tasks.map((task) => task.id));
    const found: Task[] = [];
    let cursor: string | null = null;
    do {
      const payload = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
      const end: ClickEnd = await click("tasks.list", payload);
      if (!end.ok) return unread(end.words);
      const page = end.result.output ?? {};
      if (Array.isArray(page.tasks)) found.push(...page.tasks.filter(isTask));
      cursor = (page.next_cursor ?? null) as string | null;
      if (isFirst && cursor !== null) apply(end.result);
    } while (cursor !== null && found.length < MOST_READ);
    // Those of which a turn or a click has told meanwhile are not among what was read.
    const since = list.peek().tasks.filter((task) => !before.has(task.id));
    const ids = new Set(found.map((task) => task.id));
    const tasks = [...found, ...since.filter((task) => !ids.has(task.id))];
    list.value = readAnew(list.peek(), tasks);
    unread(cursor === null ? null : words.tooMany(MOST_READ));
  }

  function say(why: string): void {
    failure.value = why;
  }

  /** Do it, shown at once; what did not happen is shown as it was. */
  async function perform(guess: Guess | null, type: string, payload: Record<string, unknown>) {
    batch(() => {
      failure.value = null;
      // Until this one can be taken back, nothing can: not what was done before it.
      undo.value = null;
      if (guess !== null) guesses.value = [...guesses.peek(), guess];
    });
    const before = guess === null ? undefined : last.get(guess.id);
    const mine = (async () => {
      await before;
      return await click(type, payload);
    })();
    if (guess !== null) last.set(guess.id, mine);
    const end = await mine;
    batch(() => {
      if (guess !== null) {
        if (last.get(guess.id) === mine) last.delete(guess.id);
        guesses.value = guesses.peek().filter((one) => one !== guess);
      }
      if (end.ok) {
        apply(end.result);
        clicked(end.result);
      } else if (end.code === "not_found" && guess !== null) {
        // It is gone elsewhere: the row goes, too.
        list.value = without(list.peek(), guess.id);
      }
    });
    return end;
  }

  async function add(wished: string, description: string | null = null): Promise<Outcome> {
    const title = wished.trim();
    const wrong = complaint(title);
    if (wrong !== null) return { ok: false, words: wrong };
    const payload = description === null ? { title } : { title, description };
    const end = await perform(null, "tasks.add", payload);
    if (!end.ok) return { ok: false, words: end.words };
    const task = end.result.output?.task as Task;
    offer(task.id, words.added(task.title), () => removed(task));
    return { ok: true };
  }

  async function setCompleted(task: Task, completed: boolean): Promise<void> {
    const end = await completing(task, completed);
    if (!end.ok) return say(end.words);
    const said = completed ? words.completed(task.title) : words.reopened(task.title);
    offer(task.id, said, () => completing(task, !completed));
  }

  function completing(task: Task, completed: boolean) {
    const change = { completed, updated_at: new Date().toISOString() };
    const type = completed ? "tasks.complete" : "tasks.reopen";
    return perform({ id: task.id, change }, type, { task_id: task.id });
  }

  async function rename(task: Task, wished: string): Promise<Outcome> {
    const title = wished.trim();
    const wrong = complaint(title);
    if (wrong !== null) return { ok: false, words: wrong };
    if (title === task.title) return { ok: true };
    const end = await renaming(task, title);
    if (!end.ok) return { ok: false, words: end.words };
    offer(task.id, words.renamed(title), () => renaming(task, task.title));
    return { ok: true };
  }

  function renaming(task: Task, title: string) {
    const payload = { task_id: task.id, title };
    return perform({ id: task.id, change: { title } }, "tasks.update", payload);
  }

  async function remove(task: Task): Promise<void> {
    const end = await removed(task);
    if (!end.ok) return say(end.words);
    const gone = (end.result.output?.deleted ?? task) as Task;
    const said = gone.completed ? words.deletedDone(gone.title) : words.deleted(gone.title);
    const { title, description } = gone;
    const anew = { title, ...(description && { description }) };
    offer(gone.id, said, () => perform(null, "tasks.add", anew));
  }

  function removed(task: Task) {
    return perform({ id: task.id, change: null }, "tasks.delete", { task_id: task.id });
  }

  /** The last click only, and once. */
  function offer(id: string, said: string, takeBack: () => Promise<ClickEnd>): void {
    const mine: Undo = {
      words: said,
      run: async () => {
        if (undo.peek() !== mine) return;
        undo.value = null;
        const end = await takeBack();
        if (end.ok) return;
        say(end.words);
        // What could not be taken back now may be later.
        undo.value ??= mine;
      },
    };
    undo.value = mine;
    undoId = id;
  }

  return {
    all,
    shown,
    filter,
    openCount: computed(() => all.value.filter((task) => !task.completed).length),
    doneTodayCount: computed(() => all.value.filter(isDoneToday).length),
    isLoading,
    busy: computed(() => new Set(guesses.value.map((guess) => guess.id))),
    undo,
    failure,
    load,
    add: (title) => add(title),
    setCompleted,
    rename,
    remove,
    dismissUndo: () => {
      undo.value = null;
    },
    dismissFailure: () => {
      failure.value = null;
    },
    apply,
    close: today.close,
  };
}

function guessed(tasks: readonly Task[], guesses: readonly Guess[]): readonly Task[] {
  if (guesses.length === 0) return tasks;
  return tasks.flatMap((task) => {
    let seen: Task | null = task;
    for (const { id, change } of guesses) {
      if (id === task.id) seen = change === null || seen === null ? null : { ...seen, ...change };
    }
    return seen === null ? [] : [seen];
  });
}

/** null: nothing that this page could tell. The tool judges the rest. */
function complaint(title: string): string | null {
  if (title === "") return words.emptyTitle;
  return countCharacters(title) > MOST_TITLE_CHARACTERS ? words.longTitle : null;
}
