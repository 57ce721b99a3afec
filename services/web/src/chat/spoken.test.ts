import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recording } from "../../test/state/recording.ts";
import type { StreamEvent } from "../protocol/events.ts";
import { createSpeaker } from "./spoken.ts";

function delta(text: string, id = "1"): StreamEvent {
  const type = "assistant_message.content_part.text_delta";
  return {
    type: "thread.item.updated",
    item_id: id,
    update: { type, content_index: 0, delta: text },
  };
}

function done(text: string): StreamEvent {
  const content = [{ type: "output_text" as const, text }];
  const item = { id: "1", thread_id: "t", created_at: "", type: "assistant_message" as const };
  return { type: "thread.item.done", item: { ...item, content } };
}

function said(...events: StreamEvent[]): string[] {
  const speaker = createSpeaker();
  return events.flatMap((event) => speaker.hear(event));
}

describe("what is spoken", () => {
  it("is sentences, when they are finished", () => {
    const speaker = createSpeaker();
    assert.deepEqual(speaker.hear(delta("I added milk")), []);
    assert.deepEqual(speaker.hear(delta(".")), []);
    assert.deepEqual(speaker.hear(delta(" And tea. And")), ["I added milk.", "And tea."]);
    assert.deepEqual(speaker.hear(done("I added milk. And tea. And so on")), ["And so on"]);
  });

  it("is each line of a list with its number", () => {
    assert.deepEqual(said(delta("Two:\n1. **milk**\n2. tea"), done("Two:\n1. **milk**\n2. tea")), [
      "Two:",
      "1. milk",
      "2. tea",
    ]);
  });

  it("is what stands, where something else was shown", () => {
    assert.deepEqual(said(delta("Done. Now"), done("It failed.")), ["Done.", "It failed."]);
  });

  it("forgets a text that was taken back", () => {
    const removed: StreamEvent = { type: "thread.item.removed", item_id: "1" };
    assert.deepEqual(said(delta("Let me"), removed, delta("Here.", "2"), done("Here.")), ["Here."]);
  });

  it("is an answer that came at once", () => {
    assert.deepEqual(said(done("Hello.")), ["Hello."]);
  });

  it("is no row before it is over, and why it failed", () => {
    const row = (status_indicator: "loading" | "complete", content?: string): StreamEvent => ({
      type: "thread.item.updated",
      item_id: "w",
      update: {
        type: "workflow.task.updated",
        task_index: 0,
        task: {
          type: "custom",
          title: "Did not add “x”",
          status_indicator,
          content: content ?? null,
        },
      },
    });
    assert.deepEqual(said(row("loading"), row("complete", "Too long.")), [
      "Did not add “x”: Too long.",
    ]);
  });

  it("says everything of a real turn once", () => {
    const words = said(...recording("tools").events);
    assert.equal(new Set(words).size, words.length);
    assert.deepEqual(words.slice(0, 3).sort(), [
      "Added “buy milk”",
      "Added “call mom”",
      "Added “oat milk”",
    ]);
  });
});
