{{/*
Impossible combinations of migrations, postgres, geminiSimulator, externalSecrets, networkPolicy and helmTest:
one line each (see templates/_validate.tpl). Takes the root context.
*/}}
{{- define "taskchat.validate.environment" -}}
{{- end -}}
