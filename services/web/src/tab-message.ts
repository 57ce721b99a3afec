/** What the tabs of one person tell each other. */
import type { ToolResult } from "./protocol/events.ts";

export type TabMessage =
  | { kind: "tool_result"; result: Pick<ToolResult, "tool" | "output"> }
  | { kind: "thread" | "thread_removed"; threadId: string };

/** null: none that this page knows. What a tool gave back is looked at where it is used. */
export function readTabMessage(told: unknown): TabMessage | null {
  if (!isObject(told)) return null;
  const { kind, threadId, result } = told;
  switch (kind) {
    case "thread":
    case "thread_removed":
      return typeof threadId === "string" ? { kind, threadId } : null;
    case "tool_result": {
      if (!isObject(result)) return null;
      const { tool, output } = result;
      if (typeof tool !== "string" || !(output === null || isObject(output))) return null;
      return { kind, result: { tool, output } };
    }
    default:
      return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
