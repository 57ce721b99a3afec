/** One task: tick it, give it another title, delete it. */
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Task } from "../protocol/items.ts";
import type { Tasks } from "../state.ts";
import { texts } from "../texts.ts";
import { BinIcon, PencilIcon } from "./icons.tsx";
import { TitleEditor } from "./title-editor.tsx";
import { useClamp } from "./use-clamp.ts";

interface TaskRowProps {
  task: Task;
  tasks: Tasks;
  /** Which one it is, from 1, of how many: most of them are not in the page. */
  place: number;
  count: number;
}

export function TaskRow({ task, tasks, place, count }: TaskRowProps) {
  // Computed, so that a click elsewhere in a long list does not draw this row again.
  const isBusy = useComputed(() => tasks.busy.value.has(task.id)).value;
  const isRenaming = useSignal(false);
  const description = useClamp(isRenaming.value ? null : task.description);
  const isOpen = description.isOpen.value;
  const row = useRef<HTMLDivElement>(null);
  const id = `task-${task.id}`;

  function remove(event: MouseEvent): void {
    // Pressed by the keyboard: the focus goes on to the next row, for this one will be gone.
    if (event.detail === 0) {
      const boxes = [...document.querySelectorAll<HTMLInputElement>(".task > input")];
      const here = boxes.findIndex((box) => box.id === id);
      (boxes[here + 1] ?? boxes[here - 1])?.focus();
    }
    void tasks.remove(task);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: its list is none either
    <div
      class={task.completed ? "task done" : "task"}
      role="listitem"
      ref={row}
      aria-busy={isBusy}
      aria-posinset={place}
      aria-setsize={count}
    >
      {isRenaming.value ? (
        <TitleEditor
          label={texts.tasks.renameLabel}
          title={task.title}
          save={(title) => tasks.rename(task, title)}
          onDone={(byKey) => {
            isRenaming.value = false;
            if (byKey) requestAnimationFrame(() => row.current?.querySelector("input")?.focus());
          }}
        />
      ) : (
        <>
          <input
            type="checkbox"
            id={id}
            checked={task.completed}
            onChange={(event) => {
              void tasks.setCompleted(task, event.currentTarget.checked);
            }}
          />
          <div class="task-words">
            <label for={id} dir="auto">
              {task.title}
              {task.description && (
                <span
                  ref={description.ref}
                  class={isOpen ? "task-description" : "task-description clamped"}
                >
                  {task.description}
                </span>
              )}
            </label>
            {task.description && description.isLong.value && (
              <button
                type="button"
                class="link"
                aria-expanded={isOpen}
                aria-label={
                  isOpen ? texts.tasks.lessOf(task.title) : texts.tasks.moreOf(task.title)
                }
                onClick={() => {
                  description.isOpen.value = !isOpen;
                }}
              >
                {isOpen ? texts.tasks.less : texts.tasks.more}
              </button>
            )}
          </div>
          <button
            type="button"
            class="icon-button row-button"
            aria-label={texts.tasks.rename(task.title)}
            onClick={() => {
              isRenaming.value = true;
            }}
          >
            <PencilIcon />
          </button>
          <button
            type="button"
            class="icon-button row-button"
            aria-label={texts.tasks.remove(task.title)}
            onClick={remove}
          >
            <BinIcon />
          </button>
        </>
      )}
    </div>
  );
}
