/** Some items of a conversation, with the days on which they came. */
import { useMemo } from "preact/hooks";
import type { Item } from "../protocol/items.ts";
import { day, dayInWords } from "./dates.ts";
import { Message } from "./message.tsx";

interface StretchProps {
  items: readonly Item[];
  /** The day of the item before them, null: there is none. */
  dayBefore: string | null;
  /** Today's date, which makes another of them yesterday. */
  today: string;
}

/** Drawn again only when something in it is another. */
export function Stretch({ items, dayBefore, today }: StretchProps) {
  return useMemo(() => draw(items, dayBefore), [items, dayBefore, today]);
}

function draw(items: readonly Item[], dayBefore: string | null) {
  let last = dayBefore;
  return (
    <div class="stretch">
      {items.flatMap((item) => {
        const that = day(item.created_at);
        const isNewDay = that !== last;
        last = that;
        return [
          isNewDay && (
            <p class="day" key={`${item.id}-day`}>
              <time dateTime={that}>{dayInWords(item.created_at)}</time>
            </p>
          ),
          <Message key={item.id} item={item} />,
        ];
      })}
    </div>
  );
}
