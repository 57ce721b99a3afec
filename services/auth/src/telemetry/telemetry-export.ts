/** The OpenTelemetry SDK: spans leave by OTLP over HTTP. Imported only when an endpoint is set. */
import { context, ProxyTracerProvider, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { TraceSettings } from "../settings/settings.ts";

/** Stops the export after sending what is left. */
export type StopTelemetry = () => Promise<void>;

/** Better Auth 1.7.7 makes spans of its own, on which it records the words of exceptions. */
const UNWANTED_TRACER = "better-auth";

/** Install the SDK as the process's one. Endpoint, headers and resource come from `OTEL_*`. */
export function startExport(
  settings: TraceSettings,
  processor: SpanProcessor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() }),
): StopTelemetry {
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "auth" }))
      .merge(detected),
    sampler: sampler(settings),
    spanProcessors: [processor],
  });
  const silent = new ProxyTracerProvider();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider({
    getTracer: (name, ...rest) =>
      (name === UNWANTED_TRACER ? silent : provider).getTracer(name, ...rest),
  });
  return () => provider.shutdown();
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function sampler({ sampler: name, samplerRatio }: TraceSettings): Sampler {
  const root = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(samplerRatio),
  };
  switch (name) {
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: root.always_on() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: root.always_off() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({ root: root.traceidratio() });
    default:
      return root[name]();
  }
}
