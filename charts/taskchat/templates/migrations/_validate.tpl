{{/*
Impossible combinations of migrations, retention, postgres, geminiSimulator, externalSecrets, networkPolicy and helmTest:
one line each (see templates/_validate.tpl). Takes the root context.
*/}}
{{- define "taskchat.validate.environment" -}}
{{- include "taskchat.validate.extraEnv" (dict "path" "migrations" "component" "migrations" "values" .Values.migrations) }}
{{ include "taskchat.validate.extraEnv" (dict "path" "geminiSimulator" "component" "gemini-simulator" "values" .Values.geminiSimulator) }}
{{- with .Values.migrations }}
{{- if and .enabled (gt (int .attemptDeadlineSeconds) (int .deadlineSeconds)) }}
`migrations.attemptDeadlineSeconds`: {{ .attemptDeadlineSeconds }} s for one attempt are more than the {{ .deadlineSeconds }} s for all, whose end deletes the log. Set `migrations.attemptDeadlineSeconds={{ .deadlineSeconds }}` or less.
{{- end }}
{{- end }}
{{- if and .Values.migrations.enabled (not (include "taskchat.secretName" (dict "root" . "component" "migrations"))) }}
`migrations.existingSecret`: is missing. Name a Secret with `database-url-direct`, or set `postgres.enabled=true` (development) or `externalSecrets.enabled=true`.
{{- end }}
{{- if and .Values.retention.enabled (not .Values.migrations.enabled) (not (include "taskchat.secretName" (dict "root" . "component" "migrations"))) }}
`retention.enabled`: it works as the database's owner, whose Secret is missing. Name one with `database-url-direct` in `migrations.existingSecret`, or set `retention.enabled=false`.
{{- end }}
{{- if .Values.postgres.enabled }}
{{- if .Values.externalSecrets.enabled }}
`externalSecrets.enabled`: the database of `postgres.enabled` has generated Secrets of the same names. Set `externalSecrets.enabled=false` or `postgres.enabled=false`.
{{- end }}
{{- if not .Values.migrations.enabled }}
`migrations.enabled`: nobody else knows the database of `postgres.enabled`. Set `migrations.enabled=true`.
{{- end }}
{{- if .Values.migrations.existingSecret }}
`migrations.existingSecret`: the owner of `postgres.enabled`'s database has a generated Secret. Set `migrations.existingSecret=""`.
{{- end }}
{{- if and .Values.postgres.keep (not .Values.postgres.persistence.enabled) }}
`postgres.keep`: without `postgres.persistence.enabled` the data goes with the pod, and kept Secrets would fit to nothing. Set `postgres.keep=false`.
{{- end }}
{{- end }}
{{- if and .Values.externalSecrets.enabled (not .Values.externalSecrets.secretStoreRef.name) }}
`externalSecrets.secretStoreRef.name`: is missing. Set `externalSecrets.secretStoreRef.name` to the name of your store.
{{- end }}
{{- if and .Values.geminiSimulator.enabled .Values.gemini.baseUrl }}
`gemini.baseUrl`: the simulator of `geminiSimulator.enabled` would serve nobody. Set `gemini.baseUrl=""` or `geminiSimulator.enabled=false`.
{{- end }}
{{- end -}}
