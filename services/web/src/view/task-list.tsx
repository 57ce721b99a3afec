/**
 * The rows of the list. They may be thousands: only those near what is seen are in the page, in pieces;
 * the others are as much empty room.
 */
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Task } from "../protocol/items.ts";
import type { Tasks } from "../state.ts";
import { TaskRow } from "./task-row.tsx";

const PIECE = 40;
/** Of a row of one line, in `src/tasks.css`. */
const ROW_PX = 36;
/** So much above and below what is seen is there too, so that Tab and a quick scroll find it. */
const NEAR = "800px 0px";

export function TaskList({ tasks }: { tasks: Tasks }) {
  const list = useRef<HTMLDivElement>(null);
  const shown = tasks.shown.value;
  const pieces = Array.from({ length: Math.ceil(shown.length / PIECE) }, (_, n) => n * PIECE);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a list may not have pieces between itself and its items
    <div class="tasks" role="list" ref={list} aria-busy={tasks.isLoading.value}>
      {pieces.map((start) => (
        <Piece key={start} list={list} start={start} shown={shown} tasks={tasks} />
      ))}
    </div>
  );
}

interface PieceProps {
  list: RefObject<HTMLDivElement | null>;
  start: number;
  shown: readonly Task[];
  tasks: Tasks;
}

function Piece({ list, start, shown, tasks }: PieceProps) {
  const piece = useRef<HTMLDivElement>(null);
  const isNear = useSignal(start === 0);
  /** As it was when its rows were last there. */
  const height = useRef<number | null>(null);
  const rows = shown.slice(start, start + PIECE);

  useEffect(() => {
    const element = piece.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const isSeen = entries.at(-1)?.isIntersecting === true;
        // What has the focus stays, or the keyboard would be lost.
        if (!isSeen && element.contains(document.activeElement)) return;
        if (!isSeen && isNear.value) height.current = element.offsetHeight;
        isNear.value = isSeen;
      },
      { root: list.current, rootMargin: NEAR },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (piece.current === null) return;
    const empty = rows.length === PIECE ? height.current : null;
    piece.current.style.height = isNear.value ? "" : `${empty ?? rows.length * ROW_PX}px`;
  });

  return (
    <div ref={piece} role="presentation">
      {isNear.value &&
        rows.map((task, n) => (
          <TaskRow
            key={task.id}
            task={task}
            tasks={tasks}
            place={start + n + 1}
            count={shown.length}
          />
        ))}
    </div>
  );
}
