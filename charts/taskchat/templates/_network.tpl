{{/*
What NetworkPolicies are made of. A policy sees pods, not Services: its ports are the pods' ports, and the
peer of a request that came through a Service is the pod behind it.
*/}}

{{/*
A component's policy. Takes (dict "root" $ "component" "auth" "values" .Values.auth "ingress" (list …)
"egress" (list …)), where each entry of a list is a rule as text, or nothing. What the values add
(`networkPolicy.extraIngress`, `extraEgress`) comes last. Without a rule nothing passes.
*/}}
{{- define "taskchat.networkPolicy" -}}
{{- $extra := (.values | default dict).networkPolicy | default dict -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "taskchat.componentName" . }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "taskchat.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- include "taskchat.rules" (dict "rules" .ingress "extra" $extra.extraIngress) | nindent 4 }}
  egress:
    {{- include "taskchat.rules" (dict "rules" .egress "extra" $extra.extraEgress) | nindent 4 }}
{{- end -}}

{{- define "taskchat.rules" -}}
{{- $rules := list -}}
{{- range .rules }}{{ with trim . }}{{ $rules = append $rules . }}{{ end }}{{- end -}}
{{- with .extra }}{{ $rules = append $rules (toYaml .) }}{{- end -}}
{{- join "\n" $rules | default "[]" -}}
{{- end -}}

{{/* Rule: from some of the release's components to this pod's port. Takes also "from" (a list) and "port". */}}
{{- define "taskchat.fromComponents" -}}
- from:
    {{- range .from }}
    - podSelector:
        matchLabels:
          {{- include "taskchat.selectorLabels" (dict "root" $.root "component" .) | nindent 10 }}
    {{- end }}
  ports:
    - port: {{ .port }}
{{- end -}}

{{/* Rule: to a component of the release. Takes (dict "root" $ "component" "auth" "port" "http"). */}}
{{- define "taskchat.toComponent" -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "taskchat.selectorLabels" . | nindent 10 }}
  ports:
    - port: {{ .port }}
{{- end -}}

{{/* Rule: to what the values name, a section with `to` and `ports`. Takes that section. */}}
{{- define "taskchat.toPeers" -}}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    {{- range .ports }}
    - port: {{ . }}
    {{- end }}
{{- end -}}

{{/* Rule: who brings people's requests: the edge's own proxies, or whoever the values name. Takes the root context. */}}
{{- define "taskchat.fromEdge" -}}
{{- $edge := .Values.networkPolicy.edge -}}
{{- if or $edge.from .Values.edge.enabled -}}
- from:
    {{- if $edge.from }}
    {{- toYaml $edge.from | nindent 4 }}
    {{- else }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ $edge.namespace | quote }}
      podSelector:
        matchLabels:
          {{- include "taskchat.edgeProxyLabels" . | nindent 10 }}
    {{- end }}
  ports:
    - port: http
{{- end -}}
{{- end -}}

{{/* Rule: `helm test`, which goes to the Services where there is no edge. Takes the root context. */}}
{{- define "taskchat.fromHelmTest" -}}
{{- if and .Values.helmTest.enabled (not .Values.edge.enabled) -}}
{{- include "taskchat.fromComponents" (dict "root" . "from" (list "helm-test") "port" "http") -}}
{{- end -}}
{{- end -}}

{{/* Labels that Envoy Gateway gives to the proxies of this release's Gateway alone. Takes the root context. */}}
{{- define "taskchat.edgeProxyLabels" -}}
gateway.envoyproxy.io/owning-gateway-name: {{ include "taskchat.componentName" (dict "root" . "component" "edge") }}
gateway.envoyproxy.io/owning-gateway-namespace: {{ .Release.Namespace | quote }}
{{- end -}}

{{/* Rule: the scraper of metrics. Takes the root context. */}}
{{- define "taskchat.fromMetrics" -}}
{{- with .Values.networkPolicy.metrics.from -}}
- from:
    {{- toYaml . | nindent 4 }}
  ports:
    - port: metrics
{{- end -}}
{{- end -}}

{{/* Rule: names, over both protocols: a long answer comes by TCP. Takes the root context. */}}
{{- define "taskchat.toDns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns.to | nindent 4 }}
  ports:
    {{- range .Values.networkPolicy.dns.ports }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{/* Rule: the collector, where traces are sent to one. Takes the root context. */}}
{{- define "taskchat.toCollector" -}}
{{- if .Values.telemetry.otlpEndpoint -}}
{{ include "taskchat.toPeers" .Values.networkPolicy.collector }}
{{- end }}
{{- end -}}

{{/* Rule: the mail server, where auth has one. Takes the root context. */}}
{{- define "taskchat.toMail" -}}
{{- if .Values.auth.mail.from -}}
{{ include "taskchat.toPeers" .Values.networkPolicy.mail }}
{{- end }}
{{- end -}}

{{/* Rule: the database as the services reach it, pooled. Takes the root context. */}}
{{- define "taskchat.toDatabase" -}}
{{- if .Values.postgres.enabled -}}
{{ include "taskchat.toComponent" (dict "root" . "component" "pgbouncer" "port" "postgres") }}
{{- else -}}
{{ include "taskchat.toPeers" .Values.networkPolicy.database }}
{{- end -}}
{{- end -}}

{{/* Rule: the database as migrations reach it, directly. Takes the root context. */}}
{{- define "taskchat.toDatabaseDirect" -}}
{{- if .Values.postgres.enabled -}}
{{ include "taskchat.toComponent" (dict "root" . "component" "postgres" "port" "postgres") }}
{{- else -}}
{{ include "taskchat.toPeers" .Values.networkPolicy.database }}
{{- end -}}
{{- end -}}

{{/* Rule: the model. Takes the root context. */}}
{{- define "taskchat.toModel" -}}
{{- if .Values.geminiSimulator.enabled -}}
{{ include "taskchat.toComponent" (dict "root" . "component" "gemini-simulator" "port" "http") }}
{{- else -}}
{{ include "taskchat.toPeers" .Values.networkPolicy.model }}
{{- end -}}
{{- end -}}
