/** One task: tick it, give it another title, delete it. */
import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Task } from "../protocol/items.ts";
import type { Tasks } from "../state.ts";
import { texts } from "../texts.ts";
import { BinIcon, PencilIcon } from "./icons.tsx";
import { TitleEditor } from "./title-editor.tsx";

export function TaskRow({ task, tasks }: { task: Task; tasks: Tasks }) {
  // Computed, so that a click elsewhere in a long list does not draw this row again.
  const isBusy = useComputed(() => tasks.busy.value.has(task.id)).value;
  const isRenaming = useSignal(false);
  const row = useRef<HTMLLIElement>(null);
  const id = `task-${task.id}`;

  function remove(event: MouseEvent): void {
    // Pressed by the keyboard: the focus goes on to the next row, for this one will be gone.
    if (event.detail === 0) {
      const next = row.current?.nextElementSibling ?? row.current?.previousElementSibling;
      next?.querySelector<HTMLElement>("input")?.focus();
    }
    void tasks.remove(task);
  }

  if (isRenaming.value) {
    return (
      <li class="task" ref={row}>
        <TitleEditor
          label={texts.tasks.renameLabel}
          title={task.title}
          save={(title) => tasks.rename(task, title)}
          onDone={(byKey) => {
            isRenaming.value = false;
            if (byKey) requestAnimationFrame(() => row.current?.querySelector("input")?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li class={task.completed ? "task done" : "task"} ref={row} aria-busy={isBusy}>
      <input
        type="checkbox"
        id={id}
        checked={task.completed}
        onChange={(event) => {
          void tasks.setCompleted(task, event.currentTarget.checked);
        }}
      />
      <label for={id} dir="auto">
        {task.title}
        {task.description && <span class="task-description">{task.description}</span>}
      </label>
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
    </li>
  );
}
