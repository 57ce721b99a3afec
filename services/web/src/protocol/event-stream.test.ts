import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEventReader } from "./event-stream.ts";

const encoder = new TextEncoder();

function readAll(pieces: Uint8Array[]): string[] {
  const reader = createEventReader();
  return pieces.flatMap((piece) => reader.take(piece));
}

/** Comments, other fields, data of several lines, and characters of two to four bytes. */
const LINES = [
  ": a comment",
  'data: {"text":"grüße 🍞"}',
  "",
  "event: message",
  "id: 7",
  "data: first",
  "data:second",
  "data",
  "data:  indented",
  "",
  "",
  ":",
  "retry: 5",
  "",
  "data: last",
  "",
  "",
];
const EVENTS = ['{"text":"grüße 🍞"}', "first\nsecond\n\n indented", "last"];

describe("an event stream", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ] as const) {
    const bytes = encoder.encode(LINES.join(end));

    it(`is the same with ${name}, wherever it is cut once`, () => {
      for (let at = 0; at <= bytes.length; at += 1) {
        const events = readAll([bytes.subarray(0, at), bytes.subarray(at)]);
        assert.deepEqual(events, EVENTS, `cut at ${at}`);
      }
    });

    it(`is the same with ${name}, byte by byte`, () => {
      const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
      assert.deepEqual(readAll(pieces), EVENTS);
    });
  }

  it("tells an event with its last byte, not later", () => {
    const reader = createEventReader();
    assert.deepEqual(reader.take(encoder.encode("data: a\n")), []);
    assert.deepEqual(reader.take(encoder.encode("\n")), ["a"]);
  });

  it("tells nothing of an event that was cut off", () => {
    assert.deepEqual(readAll([encoder.encode("data: a\n\ndata: b\n")]), ["a"]);
  });
});
