{{/*
Parts of the EnvoyProxy. Both take the root context.
*/}}

{{/* Ports of Envoy's Service with numbers of our own on the nodes; Envoy Gateway's names, so that they are merged. */}}
{{- define "taskchat.edge.nodePorts" -}}
{{- $edge := .Values.edge -}}
{{- $numbers := $edge.proxy.service.nodePorts -}}
{{- if and $numbers.http (or (not $edge.tls.enabled) $edge.tls.redirectHttp) }}
- {name: http-{{ $edge.ports.http }}, port: {{ $edge.ports.http }}, protocol: TCP, nodePort: {{ $numbers.http }}}
{{- end }}
{{- if and $numbers.https $edge.tls.enabled }}
- {name: https-{{ $edge.ports.https }}, port: {{ $edge.ports.https }}, protocol: TCP, nodePort: {{ $numbers.https }}}
{{- end }}
{{- end -}}

{{/* One line a request, named as the services name theirs. Never the query string, a header with a secret, or a body. */}}
{{- define "taskchat.edge.accessLogFields" -}}
ts: "%START_TIME%"
level: INFO
service: edge
message: request
method: "%REQ(:METHOD)%"
host: "%REQ(:AUTHORITY)%"
path: "%PATH(NQ)%"
origin: "%REQ(ORIGIN)%"
status: "%RESPONSE_CODE%"
reason: "%RESPONSE_CODE_DETAILS%"
flags: "%RESPONSE_FLAGS%"
route: "%ROUTE_NAME%"
upstream: "%UPSTREAM_HOST%"
duration_ms: "%DURATION%"
first_byte_ms: "%RESPONSE_DURATION%"
received_bytes: "%BYTES_RECEIVED%"
sent_bytes: "%BYTES_SENT%"
client_address: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
trace_id: "%TRACE_ID%"
request_id: "%REQ(X-REQUEST-ID)%"
{{- end -}}
