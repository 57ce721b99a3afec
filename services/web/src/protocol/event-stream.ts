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
  let endedInCr = false;

  function take(bytes: Uint8Array): string[] {
    const ended: string[] = [];
    let text = decoder.decode(bytes, { stream: true });
    if (text === "") return ended;
    // The other half of a CRLF that was cut: its line has ended already.
    if (endedInCr && text.startsWith("\n")) text = text.slice(1);
    endedInCr = text.endsWith("\r");
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
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
