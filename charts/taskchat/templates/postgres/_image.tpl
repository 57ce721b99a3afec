{{/* A public image: `image.registry` is for the project's own. Takes the root context. */}}
{{- define "taskchat.postgresImage" -}}
{{- with .Values.postgres.image -}}
{{- .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end -}}
{{- end -}}
{{- end -}}
