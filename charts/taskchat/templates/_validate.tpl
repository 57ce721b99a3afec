{{/*
What the schema cannot say. Each helper below answers one line for each impossible combination,
"`path`: what is wrong. Set `path=value`."; templates/validate.yaml refuses with all of them at once.
All take the root context; those of edge and of the environment stand beside their templates.
*/}}

{{- define "taskchat.validate" -}}
{{- $problems := list -}}
{{- range $section := list "shared" "origins" "components" "edge" "environment" -}}
{{- range splitList "\n" (include (printf "taskchat.validate.%s" $section) $) -}}
{{- if trim . }}{{ $problems = append $problems (trim .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\nThese values cannot work:\n- %s\n" (join "\n- " ($problems | uniq))) -}}
{{- end -}}
{{- end -}}

{{- define "taskchat.validate.shared" -}}
{{- if not .Values.publicUrl }}
`publicUrl`: is missing, and tokens are issued in its name. Set `publicUrl=https://chat.example.com`.
{{- end }}
{{- $name := include "taskchat.fullname" (dict "root" .) }}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $name) }}
`fullnameOverride`: is needed, because the name of a Service begins with a letter and has no dot, and ours would begin with `{{ $name }}`. Set `fullnameOverride=taskchat`.
{{- end }}
{{- $samplers := list "traceidratio" "parentbased_traceidratio" }}
{{- if and (ne (float64 .Values.telemetry.samplerRatio) 1.0) (not (has .Values.telemetry.sampler $samplers)) }}
`telemetry.samplerRatio`: is not read by the sampler {{ .Values.telemetry.sampler }}. Set `telemetry.sampler=parentbased_traceidratio`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.origins" -}}
{{- if .Values.publicUrl }}
{{- include "taskchat.validate.origin" (dict "path" "publicUrl" "origin" .Values.publicUrl) }}
{{- if and .Values.web.enabled .Values.allowedOrigins (not (has .Values.publicUrl .Values.allowedOrigins)) }}
`allowedOrigins`: lacks `publicUrl`, {{ .Values.publicUrl }}, so the page there would be refused. Add it, or set `web.enabled=false`.
{{- end }}
{{- end }}
{{- range $index, $origin := .Values.allowedOrigins }}
{{- include "taskchat.validate.origin" (dict "path" (printf "allowedOrigins[%d]" $index) "origin" $origin) }}
{{- end }}
{{- end -}}

{{/* Takes "path" and "origin", which has an origin's form. */}}
{{- define "taskchat.validate.origin" -}}
{{- $url := urlParse .origin -}}
{{- $hostname := $url.hostname -}}
{{- $port := regexFind ":[0-9]+$" .origin | trimPrefix ":" -}}
{{- if or (and (eq $url.scheme "https") (eq $port "443")) (and (eq $url.scheme "http") (eq $port "80")) }}
`{{ .path }}`: names the default port, which browsers leave out. Set `{{ .path }}={{ trimSuffix (printf ":%s" $port) .origin }}`.
{{- else if gt (atoi $port) 65535 }}
`{{ .path }}`: port {{ $port }} does not exist. Set `{{ .path }}={{ $url.scheme }}://{{ $hostname }}`.
{{- end }}
{{- $local := or (has $hostname (list "localhost" "127.0.0.1" "::1" "[::1]")) (hasSuffix ".localhost" $hostname) -}}
{{- if and (eq $url.scheme "http") (not $local) }}
`{{ .path }}`: http shows tokens to everybody on the way. Set `{{ .path }}=https://{{ $hostname }}`; http is for localhost alone.
{{- end }}
{{- if contains ".." $hostname }}
`{{ .path }}`: the host {{ $hostname }} has an empty label. Set `{{ .path }}={{ $url.scheme }}://{{ regexReplaceAll "[.]+" $hostname "." }}`.
{{- end }}
{{- end -}}
