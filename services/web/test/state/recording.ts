/** The recorded streams, as tests read them. How they are made: test/record-streams.ts. */
import { readFileSync } from "node:fs";
import { readEvent, type StreamEvent } from "../../src/protocol/events.ts";
import type { Thread } from "../../src/protocol/items.ts";

const FOLDER = new URL("../../src/protocol/recorded/", import.meta.url);

export interface Recording {
  made: string;
  /** As they stood on the wire. */
  data: string[];
  events: StreamEvent[];
  /** What `threads.get_by_id` shows afterwards. */
  thread: Thread;
}

export function recording(name: string): Recording {
  const lines = readFileSync(new URL(`${name}.jsonl`, FOLDER), "utf8")
    .trim()
    .split("\n");
  const data = lines.slice(1, -1);
  return {
    made: (JSON.parse(lines[0] ?? "") as { made: string }).made,
    data,
    events: data.map((line) => {
      const event = readEvent(line);
      if (event === null) throw new Error(`${name}: not known: ${line}`);
      return event;
    }),
    thread: JSON.parse(lines.at(-1) ?? "") as Thread,
  };
}
