/** Server-sent events, read as they come: WHATWG HTML section 9.2.6. Names, ids and comments mean nothing here. */

/** What came so far of one stream. */
export interface EventReader {
  /** The data of each event that these bytes end, however they were cut. */
  take(bytes: Uint8Array): string[];
}

export function createEventReader(): EventReader {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];

  function take(bytes: Uint8Array): string[] {
    const ended: string[] = [];
    rest += decoder.decode(bytes, { stream: true });
    // A CR at the very end may be half of a CRLF: it waits for the next piece.
    const held = rest.endsWith("\r") ? "\r" : "";
    const lines = rest.slice(0, rest.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) ended.push(data.join("\n"));
        data = [];
      } else {
        const text = dataOf(line);
        if (text !== null) data.push(text);
      }
    }
    return ended;
  }

  return { take };
}

/** null: another field, or a comment. */
function dataOf(line: string): string | null {
  if (line === "data") return "";
  if (!line.startsWith("data:")) return null;
  return line.startsWith("data: ") ? line.slice(6) : line.slice(5);
}
