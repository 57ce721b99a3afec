/** The list beside the chat: each click is done at once, without the model. */
import { useSignal } from "@preact/signals";
import type { TaskFilter, Tasks as TasksState } from "../state.ts";
import { texts } from "../texts.ts";
import { checkTitle } from "./checks.ts";
import { isComposing } from "./keys.ts";
import { Notice } from "./notice.tsx";
import { TaskList } from "./task-list.tsx";
import { UndoToast } from "./undo-toast.tsx";

export function Tasks({ tasks }: { tasks: TasksState }) {
  const open = tasks.openCount.value;
  const doneToday = tasks.doneTodayCount.value;
  return (
    <>
      <div class="tasks-head">
        <h2>{texts.tasks.heading}</h2>
        <p class="quiet-words">
          {texts.tasks.open(open)}
          {doneToday > 0 && ` · ${texts.tasks.doneToday(doneToday)}`}
        </p>
      </div>
      <AddTask tasks={tasks} />
      <Filters tasks={tasks} />
      {tasks.failure.value !== null && (
        <Notice words={tasks.failure.value} isFailure>
          <button type="button" onClick={() => tasks.dismissFailure()}>
            {texts.dismiss}
          </button>
        </Notice>
      )}
      <UndoToast tasks={tasks} />
      {tasks.shown.value.length === 0 ? (
        <p class="quiet-words tasks-none">{wordsOfNone(tasks)}</p>
      ) : (
        <TaskList tasks={tasks} />
      )}
    </>
  );
}

function wordsOfNone(tasks: TasksState): string {
  if (tasks.isLoading.value) return texts.tasks.loading;
  if (tasks.all.value.length === 0) return texts.tasks.none;
  return tasks.filter.value === "done" ? texts.tasks.noneDone : texts.tasks.noneOpen;
}

function AddTask({ tasks }: { tasks: TasksState }) {
  const title = useSignal("");
  const words = useSignal<string | null>(null);
  const isBusy = useSignal(false);

  async function add(): Promise<void> {
    if (isBusy.value) return;
    words.value = checkTitle(title.value);
    if (words.value !== null) return;
    isBusy.value = true;
    const outcome = await tasks.add(title.value.trim());
    isBusy.value = false;
    if (outcome.ok) title.value = "";
    else words.value = outcome.words;
  }

  return (
    <form
      class="add-task"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div class="add-task-box">
        <input
          type="text"
          aria-label={texts.tasks.add}
          placeholder={texts.tasks.add}
          autocomplete="off"
          enterkeyhint="done"
          value={title.value}
          aria-invalid={words.value !== null}
          aria-describedby={words.value === null ? undefined : "add-task-error"}
          onInput={(event) => {
            title.value = event.currentTarget.value;
            words.value = null;
          }}
          onKeyDown={(event) => {
            // Safari would send the form with the Enter that ends a composition.
            if (event.key === "Enter" && isComposing(event)) event.preventDefault();
          }}
        />
        <button type="submit" aria-disabled={isBusy.value}>
          {texts.tasks.addButton}
        </button>
      </div>
      {words.value !== null && (
        <p class="error" id="add-task-error" role="alert">
          {words.value}
        </p>
      )}
    </form>
  );
}

const FILTERS: readonly TaskFilter[] = ["open", "done", "all"];

function Filters({ tasks }: { tasks: TasksState }) {
  return (
    <fieldset class="filters">
      <legend class="hidden-words">{texts.tasks.filter}</legend>
      {FILTERS.map((filter) => (
        <label key={filter}>
          <input
            type="radio"
            name="task-filter"
            checked={tasks.filter.value === filter}
            onChange={() => {
              tasks.filter.value = filter;
            }}
          />
          <span>{texts.tasks.filters[filter]}</span>
        </label>
      ))}
    </fieldset>
  );
}
