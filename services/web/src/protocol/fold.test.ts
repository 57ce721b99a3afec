import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recording } from "../../test/state/recording.ts";
import { readEvent, type StreamEvent } from "./events.ts";
import { begin, EMPTY, fold, progressOf, textOf, type View, withEarlier } from "./fold.ts";
import type { Item } from "./items.ts";

const NAMES = [
  "plain",
  "replayed",
  "tools",
  "which-one",
  "retracted",
  "cut-in-text",
  "failed",
  "retried",
  "stopped",
  "followed",
];

function each(view: View, events: readonly StreamEvent[]): View {
  return events.reduce((seen, event) => fold(seen, [event]), view);
}

describe("a recorded stream", () => {
  for (const name of NAMES) {
    const { made, events, thread } = recording(name);

    it(`is what the thread shows afterwards: ${made}`, () => {
      const view = each(EMPTY, events);
      assert.equal(view.threadId, thread.id);
      assert.deepEqual(view.items, thread.items.data);
      assert.equal(view.unfinished.size, 0);
      assert.equal(view.progress, null);
    });

    it(`is the same in one piece: ${name}`, () => {
      assert.deepEqual(fold(EMPTY, events), each(EMPTY, events));
    });

    it(`is the same when it is cut after any event and told again: ${name}`, () => {
      for (let at = 0; at <= events.length; at += 1) {
        const cut = each(EMPTY, events.slice(0, at));
        assert.deepEqual(each(begin(cut), events).items, thread.items.data, `cut at ${at}`);
      }
    });

    it(`is the same over what the thread shows: ${name}`, () => {
      const shown = { ...EMPTY, threadId: thread.id, items: thread.items.data };
      assert.deepEqual(each(begin(shown), events).items, thread.items.data);
    });
  }

  it("goes on with a turn that failed, in its place", () => {
    const failed = each(EMPTY, recording("failed").events);
    const { events, thread } = recording("retried");
    assert.deepEqual(each(begin(failed), events).items, thread.items.data);
  });

  it("takes a text back", () => {
    const texts = new Set<string>();
    let view: View = EMPTY;
    for (const event of recording("retracted").events) {
      view = fold(view, [event]);
      const last = view.items.at(-1);
      if (last?.type === "assistant_message") texts.add(textOf(last));
    }
    assert.ok(texts.has("Let me look."), [...texts].join());
    assert.ok(!view.items.some((item) => textOf(item).includes("Let me look")));
  });

  it("says what is being done where nothing else shows it", () => {
    let view: View = EMPTY;
    const seen = recording("tools").events.map((event) => {
      view = fold(view, [event]);
      const last = view.items.at(-1);
      const text = last?.type === "assistant_message" ? textOf(last) : "";
      const rows = last?.type === "workflow" ? last.workflow.tasks : [];
      const isShown = text !== "" || rows.some((row) => row.status_indicator === "loading");
      return { isShown, progress: progressOf(view) };
    });
    const from = seen.findIndex(({ progress }) => progress !== null);
    for (const { isShown, progress } of seen.slice(from)) {
      assert.equal(progress, isShown ? null : "Thinking…");
    }
    // Before the first row, and between the last row and the text.
    const turns = seen.filter((one, at) => one.progress !== seen[at - 1]?.progress);
    assert.ok(turns.filter((one) => one.progress !== null).length >= 2);
  });

  it("drops a text whose end never came, and keeps its rows", () => {
    const { events } = recording("tools");
    const cut = events.findIndex(
      (event) =>
        event.type === "thread.item.updated" &&
        event.update.type === "assistant_message.content_part.text_delta",
    );
    const view = each(EMPTY, events.slice(0, cut + 1));
    assert.equal(view.items.at(-1)?.type, "assistant_message");
    assert.deepEqual(
      begin(view).items.map((item) => item.type),
      ["user_message", "workflow"],
    );
  });
});

describe("a long conversation", () => {
  const earlier = Array.from(
    { length: 1_000 },
    (_, at): Item => ({
      id: `old-${at}`,
      thread_id: recording("tools").thread.id,
      created_at: "2026-11-30T08:00:00Z",
      type: "assistant_message",
      content: [{ type: "output_text", text: `answer ${at}` }],
    }),
  );

  it("keeps each item that an event does not touch", () => {
    let view: View = { ...EMPTY, threadId: recording("tools").thread.id, items: earlier };
    for (const event of recording("tools").events) view = fold(view, [event]);
    for (const [at, item] of earlier.entries()) assert.equal(view.items[at], item);
    assert.equal(view.items.length, 1_003);
  });

  it("puts older items before, each once", () => {
    const view: View = { ...EMPTY, items: earlier.slice(500) };
    assert.deepEqual(withEarlier(view, earlier.slice(400, 600)).items, earlier.slice(400));
  });
});

describe("what a stream may not say", () => {
  const known = each(EMPTY, recording("tools").events);

  const nonsense: [string, string][] = [
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["an unknown event", '{"type":"thread.item.sang"}'],
    ["an unknown item", '{"type":"thread.item.done","item":{"id":"1","thread_id":"2","type":"x"}}'],
    ["an item without a content", '{"type":"thread.item.done","item":{"id":"1","thread_id":"2"}}'],
    ["an unknown update", '{"type":"thread.item.updated","item_id":"1","update":{"type":"x"}}'],
    ["an unknown effect", '{"type":"client_effect","name":"dance","data":{}}'],
    ["an effect without data", '{"type":"client_effect","name":"turn"}'],
    [
      "a part at no index",
      '{"type":"thread.item.updated","item_id":"1","update":{"type":"assistant_message.content_part.text_delta","content_index":-1,"delta":"x"}}',
    ],
  ];
  for (const [what, data] of nonsense) {
    it(`is passed over: ${what}`, () => assert.equal(readEvent(data), null));
  }

  const odd: [string, StreamEvent][] = [
    ["an update of an item that is not there", update("nobody")],
    ["an update of a text for rows", update(known.items[1]?.id ?? "")],
    ["an update of a message of the person's", update(known.items[0]?.id ?? "")],
    ["an item that is removed and was not there", { type: "thread.item.removed", item_id: "x" }],
    [
      "an item of another conversation",
      { type: "thread.item.done", item: { ...(known.items[0] as Item), id: "y", thread_id: "z" } },
    ],
  ];
  for (const [what, event] of odd) {
    it(`changes nothing: ${what}`, () => {
      assert.deepEqual(fold(known, [event]).items, known.items);
    });
  }

  it("leaves no hole where a row or a part was left out", () => {
    const [, rows, answer] = known.items;
    const row = { type: "custom" as const, title: "late", status_indicator: "complete" as const };
    const late = fold(known, [
      {
        type: "thread.item.updated",
        item_id: rows?.id ?? "",
        update: { type: "workflow.task.updated", task_index: 99, task: row },
      },
      update(answer?.id ?? ""),
    ]);
    const workflow = late.items[1];
    assert.ok(workflow?.type === "workflow");
    assert.equal(workflow.workflow.tasks.length, 4);
    assert.deepEqual(workflow.workflow.tasks[3], row);
    assert.ok(late.items[2] !== undefined && textOf(late.items[2]).endsWith(" more"));
  });

  function update(id: string): StreamEvent {
    return {
      type: "thread.item.updated",
      item_id: id,
      update: {
        type: "assistant_message.content_part.text_delta",
        content_index: 7,
        delta: " more",
      },
    };
  }
});
