{{/*
What holds for the way to every service. Both take the root context.
*/}}

{{/* Only where the request cannot have reached a process: a turn is not idempotent without a key. */}}
{{- define "taskchat.edge.retry" -}}
retry:
  numRetries: 2
  retryOn:
    triggers: [connect-failure, refused-stream, reset-before-request]
  perRetry:
    backOff:
      baseInterval: 25ms
      maxInterval: 250ms
{{- end -}}

{{/* Envoy's own answers on the way to any service, as JSON. */}}
{{- define "taskchat.edge.commonProblems" -}}
{{- list
  (dict "status" 408 "code" "request_timeout" "title" "Request timeout" "detail" "The request did not arrive in time. Send it again.")
  (dict "status" 413 "code" "body_too_large" "title" "Body too large" "detail" "The body is larger than this path takes.")
  (dict "status" 503 "code" "service_unavailable" "title" "Service unavailable" "detail" "The service cannot be reached. Try again."
    "headers" (dict "retry-after" "1"))
  (dict "status" 504 "code" "deadline_exceeded" "title" "The turn took too long" "detail" "No answer came in time. Try again."
    "headers" (dict "retry-after" "1"))
| toJson -}}
{{- end -}}
