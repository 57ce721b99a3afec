{{/*
What several components are told in the same words. All take the root context.
*/}}

{{/* The allowlist as the services read it; the public URL's own pages when no other is named. */}}
{{- define "taskchat.allowedOrigins" -}}
{{- join "," (default (list .Values.publicUrl) .Values.allowedOrigins) -}}
{{- end -}}

{{/* The model's endpoint: named, or the simulator where one is installed, or Google's. */}}
{{- define "taskchat.geminiBaseUrl" -}}
{{- if .Values.gemini.baseUrl -}}
{{- .Values.gemini.baseUrl -}}
{{- else if .Values.geminiSimulator.enabled -}}
{{- include "taskchat.url" (dict "root" . "component" "gemini-simulator") }}/v1beta/openai/
{{- else -}}
https://generativelanguage.googleapis.com/v1beta/openai/
{{- end -}}
{{- end -}}

{{/*
Header from which auth takes a person's address for its rate limits. Only one that whoever is in front
overwrites may be believed: this chart's edge does so with x-real-ip.
*/}}
{{- define "taskchat.clientIpHeader" -}}
{{- if .Values.auth.clientIpHeader -}}
{{- .Values.auth.clientIpHeader -}}
{{- else if .Values.edge.enabled -}}
x-real-ip
{{- end -}}
{{- end -}}

{{/* Whether this chart's edge begins every trace: where it makes spans, it takes away what clients send of theirs. */}}
{{- define "taskchat.edgeBeginsTraces" -}}
{{- and .Values.edge.enabled (not (empty (include "taskchat.edge.collectorHost" .))) -}}
{{- end -}}
