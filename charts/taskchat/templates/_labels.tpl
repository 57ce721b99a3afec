{{/*
Names and labels. All of them take (dict "root" $ "component" "chat-gateway").
*/}}

{{/* What the names of all resources begin with; at most 40 characters, so that a suffix fits into 63. */}}
{{- define "taskchat.fullname" -}}
{{- $name := default .root.Chart.Name .root.Values.nameOverride -}}
{{- if .root.Values.fullnameOverride -}}
{{- .root.Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .root.Release.Name -}}
{{- .root.Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .root.Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Name of a component's resources: its Deployment, Service, ServiceAccount, ConfigMap, … */}}
{{- define "taskchat.componentName" -}}
{{- printf "%s-%s" (include "taskchat.fullname" .) .component -}}
{{- end -}}

{{- define "taskchat.selectorLabels" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{- define "taskchat.labels" -}}
{{ include "taskchat.selectorLabels" . }}
app.kubernetes.io/version: {{ include "taskchat.version" . | quote }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: taskchat
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* A component's section of the values as YAML: chat-gateway has chatGateway. Empty for those without one. */}}
{{- define "taskchat.section" -}}
{{- index .root.Values (.component | camelcase | untitle) | default dict | toYaml -}}
{{- end -}}

{{/* What runs: the image's tag, its digest's first characters, or the chart's own version. */}}
{{- define "taskchat.version" -}}
{{- $image := (include "taskchat.section" . | fromYaml).image | default dict -}}
{{- if $image.tag -}}
{{- $image.tag | trunc 63 | trimAll "-_." -}}
{{- else if $image.digest -}}
{{- $image.digest | replace ":" "-" | trunc 19 -}}
{{- else -}}
{{- .root.Chart.AppVersion | replace "+" "_" | trunc 63 -}}
{{- end -}}
{{- end -}}

{{/*
Name of the Secret that a component reads. The chart makes it where it makes the database (development)
or an ExternalSecret; everywhere else it must be named.
*/}}
{{- define "taskchat.secretName" -}}
{{- $named := (include "taskchat.section" . | fromYaml).existingSecret -}}
{{- if $named -}}
{{- $named -}}
{{- else if or .root.Values.postgres.enabled .root.Values.externalSecrets.enabled -}}
{{- include "taskchat.componentName" . -}}
{{- end -}}
{{- end -}}

{{/* URL of a component inside the cluster. The short name: resolved by the first search domain, whatever the cluster's domain is. */}}
{{- define "taskchat.url" -}}
{{- $ports := dict "chat-gateway" 8000 "auth" 8001 "mcp-tools" 8002 "gemini-simulator" 8003 -}}
http://{{ include "taskchat.componentName" . }}:{{ index $ports .component }}
{{- end -}}
