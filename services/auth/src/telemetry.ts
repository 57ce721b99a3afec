/** Spans of this service. Nothing is recorded, and no SDK loaded, unless an exporter is started. */
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("auth");

/** One client span around a statement. */
export function querySpan<T>(sql: string, run: () => Promise<T>): Promise<T> {
  const operation = sql.trimStart().split(" ", 1)[0]?.toUpperCase() ?? "QUERY";
  return tracer.startActiveSpan(operation, { kind: SpanKind.CLIENT }, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
