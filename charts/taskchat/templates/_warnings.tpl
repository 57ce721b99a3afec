{{/*
Values that work today and hurt later: one line each, "`path`: what will happen. What to do.", for NOTES.txt.
All take the root context.
*/}}

{{- define "taskchat.warnings" -}}
{{- range $path := concat (list "chatGateway" "mcpTools" "auth") (ternary (list "web") list .Values.web.enabled) }}
{{ include "taskchat.warnings.component" (dict "root" $ "path" $path "values" (index $.Values $path)) }}
{{- end }}
{{ include "taskchat.warnings.security" . }}
{{ include "taskchat.warnings.telemetry" . }}
{{ include "taskchat.warnings.development" . }}
{{- end -}}

{{- define "taskchat.warnings.component" -}}
{{- $path := .path -}}
{{- with .values -}}
{{- $limits := .resources.limits | default dict -}}
{{- $fewest := ternary .autoscaling.minReplicas .replicas .autoscaling.enabled | int -}}
{{- if and (lt $fewest 2) (not $.root.Values.postgres.enabled) }}
`{{ $path }}`: with {{ $fewest }} pod(s) a drain of its node is an outage. Have at least two.
{{- end }}
{{- if not .podDisruptionBudget.enabled }}
`{{ $path }}.podDisruptionBudget.enabled`: a drain of nodes may take all pods at once. Set it to true.
{{- end }}
{{- if $limits.cpu }}
`{{ $path }}.resources.limits.cpu`: turns stop for up to 100 ms at a time while the node may be idle. Set it to null.
{{- end }}
{{- if not $limits.memory }}
`{{ $path }}.resources.limits.memory`: a leak takes the node's other pods along. Set it to about twice what the pod uses.
{{- end }}
{{- if and (eq $.root.Values.image.pullPolicy "IfNotPresent") (eq (toString .image.tag) "latest") }}
`{{ $path }}.image.tag`: nodes keep the "latest" that they pulled first. Name a version, or a digest.
{{- end }}
{{- end -}}
{{- end -}}

{{- define "taskchat.warnings.security" -}}
{{- if not .Values.networkPolicy.enabled }}
`networkPolicy.enabled`: every pod of the cluster reaches every service here. Set it to true.
{{- end }}
{{- if and .Values.networkPolicy.enabled (not .Values.edge.enabled) (not .Values.networkPolicy.edge.from) }}
`networkPolicy.edge.from`: no ingress may reach the services. Set it to the peers of yours.
{{- end }}
{{- if and (not .Values.edge.enabled) (not .Values.auth.clientIpHeader) }}
`auth.clientIpHeader`: everybody comes from your ingress's address, so one person's failed sign-ins lock out all. Set it to the header that your ingress overwrites.
{{- end }}
{{- if and .Values.edge.enabled (hasPrefix "https://" .Values.publicUrl) (not .Values.edge.tls.enabled) }}
`edge.tls.enabled`: publicUrl is https, and the edge speaks http. Something in front must end TLS, or nobody gets through.
{{- end }}
{{- if not .Values.auth.rateLimitEnabled }}
`auth.rateLimitEnabled`: passwords can be guessed as fast as they can be hashed. Set it to true.
{{- end }}
{{- if eq .Values.logLevel "DEBUG" }}
`logLevel`: DEBUG is for one afternoon. Set it to INFO.
{{- end }}
{{- end -}}

{{- define "taskchat.warnings.telemetry" -}}
{{- $telemetry := .Values.telemetry -}}
{{- if not $telemetry.otlpEndpoint }}
`telemetry.otlpEndpoint`: no trace leaves the pods, and the trace_id of an error leads nowhere. Set it to your collector's OTLP/HTTP endpoint.
{{- end }}
{{- if $telemetry.captureContents }}
`telemetry.captureContents`: whoever reads traces reads what people wrote. Set it to false when you have seen enough.
{{- end }}
{{- if and $telemetry.scrapeAnnotations $telemetry.podMonitor.enabled }}
`telemetry.podMonitor.enabled`: a Prometheus that also reads annotations counts every turn twice. Set telemetry.scrapeAnnotations=false.
{{- end }}
{{- $keda := false -}}
{{- range list .Values.chatGateway .Values.mcpTools }}
{{- if and .autoscaling.enabled (eq .autoscaling.mode "keda") }}{{ $keda = true }}{{ end }}
{{- end }}
{{- if and $keda (not $telemetry.scrapeAnnotations) (not $telemetry.podMonitor.enabled) }}
`telemetry.scrapeAnnotations`: nobody is told to read the turns in flight by which KEDA scales; pods will never be taken away. Set it to true, or telemetry.podMonitor.enabled.
{{- end }}
{{- end -}}

{{- define "taskchat.warnings.development" -}}
{{- if .Values.postgres.enabled }}
`postgres.enabled`: one Postgres without a backup. For development and tests only.
{{- end }}
{{- if .Values.geminiSimulator.enabled }}
`geminiSimulator.enabled`: answers come from a stand-in, not from a model. For development and tests only.
{{- end }}
{{- end -}}
