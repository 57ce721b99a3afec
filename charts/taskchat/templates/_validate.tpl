{{/*
What the schema cannot say. Each helper below answers one line for each impossible combination,
"`path`: what is wrong. Set `path=value`."; templates/validate.yaml refuses with all of them at once.
All take the root context.
*/}}

{{- define "taskchat.validate" -}}
{{- $problems := list -}}
{{- range $section := list "taskchat.validate.shared" "taskchat.validate.components" "taskchat.validate.edge" "taskchat.validate.environment" -}}
{{- range splitList "\n" (include $section $) -}}
{{- if trim . }}{{ $problems = append $problems (trim .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\nThese values cannot work:\n- %s\n" (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "taskchat.validate.shared" -}}
{{- if not .Values.publicUrl }}
`publicUrl`: is missing, and tokens are issued in its name. Set `publicUrl=https://chat.example.com`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.components" -}}
{{- end -}}
