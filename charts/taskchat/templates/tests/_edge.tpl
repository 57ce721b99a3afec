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

{{/* Address of the proxies' Service. */}}
{{- define "taskchat.edgeAddress" -}}
{{- if .Values.helmTest.edgeAddress -}}
{{- .Values.helmTest.edgeAddress -}}
{{- else -}}
{{ include "taskchat.edge.proxyName" . }}.{{ .Values.networkPolicy.edge.namespace }}
{{- end -}}
{{- end -}}
