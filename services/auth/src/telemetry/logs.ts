/** JSON lines on stdout, with the same fields as the Python services' logs. */
import { trace } from "@opentelemetry/api";
import type { LogLevel } from "../settings/settings.ts";

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
};

/** The message of the lines that `audit` writes: LOG_LEVEL silences noise, never the audit. */
export const SECURITY_EVENT = "security event";

/** Bounded facts about an event. Never contents, tokens, secrets or an error's own words. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

/** Writes one line per event; a level below the least is dropped, but for a security event. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** A log that writes to stdout. `logger` says which part speaks, e.g. `auth.server`. */
export function createLog(
  least: LogLevel,
  logger: string,
  write: (line: string) => unknown = (line) => process.stdout.write(line),
): Log {
  return (level, message, fields = {}) => {
    if (SEVERITY[level] < SEVERITY[least] && message !== SECURITY_EVENT) return;
    const span = trace.getActiveSpan()?.spanContext();
    const line = {
      ts: new Date().toISOString(),
      level,
      logger,
      message,
      service: "auth",
      trace_id: span?.traceId,
      span_id: span?.spanId,
      ...fields,
    };
    write(`${JSON.stringify(line)}\n`);
  };
}

/**
 * What may be logged of a foreign error: its class and its code, such as an SQLSTATE.
 * Its message may quote an e-mail address, its stack SQL.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { error: error.name, error_code: code };
}

/** Where an error came from: the frames of its stack, without the message that stands above. */
export function errorStack(error: Error): readonly string[] {
  const lines = error.stack?.split("\n") ?? [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}
