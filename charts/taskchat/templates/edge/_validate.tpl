{{/* Impossible combinations of `edge`: one line each (see templates/_validate.tpl). Takes the root context. */}}
{{- define "taskchat.validate.edge" -}}
{{- end -}}
