{{/* How the test finds the edge from inside the cluster. All take the root context. */}}

{{/* Rule: the proxies of this release's Gateway, whatever port they listen on. */}}
{{- define "taskchat.toEdge" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.edge.namespace | quote }}
      podSelector:
        matchLabels:
          {{- include "taskchat.edgeProxyLabels" . | nindent 10 }}
{{- end -}}

{{/*
Address of the proxies' Service. Envoy Gateway names it after the Gateway, cut to 48 characters, and a
digest of namespace and name: internal/utils/misc.go, GetHashedName, in 1.9.
*/}}
{{- define "taskchat.edgeAddress" -}}
{{- if .Values.helmTest.edgeAddress -}}
{{- .Values.helmTest.edgeAddress -}}
{{- else -}}
{{- $gateway := include "taskchat.componentName" (dict "root" . "component" "edge") -}}
{{- $digest := printf "%s/%s" .Release.Namespace $gateway | sha256sum | trunc 8 -}}
{{- $name := printf "%s-%s" .Release.Namespace $gateway | trunc 48 | trimSuffix "-" -}}
envoy-{{ $name }}-{{ $digest }}.{{ .Values.networkPolicy.edge.namespace }}
{{- end -}}
{{- end -}}
