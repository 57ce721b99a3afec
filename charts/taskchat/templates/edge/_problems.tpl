{{/*
Refusals in the words of docs/contract.md "Errors" (RFC 9457).
*/}}

{{/*
The body. Takes "root", "status", "code", "title", "detail". Envoy puts in the path, whose quotes and
backslashes it has encoded by then, and the trace id.
*/}}
{{- define "taskchat.edge.problem" -}}
{"type":"urn:taskchat:problem:{{ .code }}","title":"{{ .title }}","status":{{ .status }},"code":"{{ .code }}","detail":"{{ .detail }}","instance":"%PATH(NQ)%"
{{- if include "taskchat.edge.collectorHost" .root }},"trace_id":"%TRACE_ID%"{{ end }}}
{{- end -}}

{{/*
What lets a page of an allowed origin read the refusal: Envoy's CORS filter does not touch answers that
Envoy gives itself. Only for rules that an allowed Origin has matched. Takes "expose" and "credentials".
*/}}
{{- define "taskchat.edge.readableBy" -}}
- {name: access-control-allow-origin, value: "%REQ(ORIGIN)%"}
{{- if .credentials }}
- {name: access-control-allow-credentials, value: "true"}
{{- end }}
- {name: access-control-expose-headers, value: {{ .expose | quote }}}
- {name: vary, value: Origin}
{{- end -}}

{{/*
One entry of a BackendTrafficPolicy's responseOverride: what Envoy itself answers becomes a problem, what a
service answers stays as it is (`source: Local`). Takes a problem's members, "headers" (name → value) and
"cors" (YAML of taskchat.edge.readableBy, or nothing).
*/}}
{{- define "taskchat.edge.override" -}}
- source: Local
  match:
    statusCodes:
      - {type: Value, value: {{ .status }}}
  response:
    contentType: application/problem+json
    body:
      type: Inline
      inline: {{ include "taskchat.edge.problem" . | quote }}
    {{- if or .headers .cors }}
    header:
      set:
        {{- range $name, $value := .headers }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
        {{- with .cors }}
        {{- . | nindent 8 }}
        {{- end }}
    {{- end }}
{{- end -}}
